"""Root-mean-square normalisation."""

from __future__ import annotations

from collections.abc import Sequence

from ..engine.arithmetic import Arithmetic
from ..engine.operator import operator, untouched
from ..graph import Array
from ._reduction import reduced
from ._statistics import scaled, stretched


@operator(untouched(lambda attrs, rank: attrs.get("axes", (-1,))))
def rms_norm(
    ar: Arithmetic,
    x: Array,
    gamma: Array | None = None,
    *,
    axes: Sequence[int] = (-1,),
    epsilon: float = 1e-5,
) -> Array:
    """y = x / sqrt(mean of x^2 + epsilon) gamma, with the mean over ``axes``

    x (...), gamma broadcasts from the right -> y (...). Rounds every step.
    Raises `GraphError` if an axis is not there.
    Source: Zhang and Sennrich, "Root mean square layer normalization", 2019, eq. 4; checked against
    torch.nn.functional.rms_norm.
    """
    return stretched(ar, scaled(ar, x, reduced(x, axes), epsilon), gamma, None)
