"""Layer normalisation."""

from __future__ import annotations

from collections.abc import Sequence

from ..engine.arithmetic import Arithmetic
from ..engine.facts import Facts, rank_of
from ..engine.operator import operator, untouched
from ..graph import Array
from ._reduction import reduced
from ._statistics import standardised, stretched


@operator(untouched(lambda attrs, rank: attrs.get("axes", (-1,))), facts=Facts(rank=rank_of("x")))
def layer_norm(
    ar: Arithmetic,
    x: Array,
    gamma: Array | None = None,
    beta: Array | None = None,
    *,
    axes: Sequence[int] = (-1,),
    epsilon: float = 1e-5,
) -> Array:
    """y = (x - mean) / sqrt(variance + epsilon) gamma + beta, with mean and variance over ``axes``

    x (...), gamma and beta broadcast from the right -> y (...). The variance divides by the number of
    elements. Rounds mean, difference, square, mean square, sum, root, quotient, product and sum.
    Raises `GraphError` if an axis is not there.
    Source: Ba, Kiros, Hinton, "Layer normalization", 2016, eq. 3; checked against
    torch.nn.functional.layer_norm.
    """
    return stretched(ar, standardised(ar, x, reduced(x, axes), epsilon), gamma, beta)
