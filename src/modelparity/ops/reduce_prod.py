"""Product over axes."""

from __future__ import annotations

from collections.abc import Sequence

from ..engine.arithmetic import Arithmetic
from ..engine.facts import Facts
from ..engine.operator import operator
from ..graph import Array
from ._reduction import reduced, reduced_rank, reduction


@operator(reduction, facts=Facts(rank=reduced_rank))
def reduce_prod(
    ar: Arithmetic, x: Array, *, axes: Sequence[int] | int | None = None, keepdims: bool = False
) -> Array:
    """y = product of x over ``axes``

    x (...) -> y without ``axes``, or with unit axes in their place (``keepdims``); ``None`` reduces all.
    The product accumulates in the carrier; one rounding. No elements give 1.
    Source: ONNX ReduceProd; checked against torch.prod.
    """
    over = reduced(x, axes)
    return ar.rounded(x.prod(axis=over, keepdims=keepdims, dtype=x.dtype))
