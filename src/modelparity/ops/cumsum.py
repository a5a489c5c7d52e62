"""Cumsum: running sums along an axis."""

from __future__ import annotations

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.facts import Facts, rank_of
from ..engine.operator import operator, untouched
from ..graph import Array
from ._reduction import reduced


@operator(untouched(lambda attrs, rank: (attrs.get("axis", 0),)), facts=Facts(rank=rank_of("x")))
def cumsum(
    ar: Arithmetic, x: Array, *, axis: int = 0, exclusive: bool = False, reverse: bool = False
) -> Array:
    """y[i] = sum of x[j] over j <= i;  ``exclusive``: j < i;  ``reverse``: j >= i, or j > i

    x (...) -> y (...). Sums accumulate in the carrier; one rounding. Whole numbers stay whole.
    Source: ONNX CumSum; checked against torch.cumsum.
    """
    (along,) = reduced(x, axis)
    terms = ar.operand(x, terms=x.shape[along])
    if reverse:
        terms = np.flip(terms, along)
    y = np.cumsum(terms, axis=along, dtype=x.dtype)
    if exclusive:
        shifted = np.zeros_like(y)
        head = (slice(None),) * along
        shifted[(*head, slice(1, None))] = y[(*head, slice(None, -1))]
        y = shifted
    y = ar.rounded(y)
    return np.flip(y, along) if reverse else y
