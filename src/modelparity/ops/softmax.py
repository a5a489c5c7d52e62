"""Softmax: exponentials, normalised to sum to one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.facts import Facts, Range, Ranges, rank_of
from ..engine.operator import operator, untouched
from ..graph import Array
from ._reduction import reduced


def _range(given: Ranges, attrs: Mapping[str, Any]) -> Range | None:
    axis = attrs["axis"]
    return Range(0, 1, total=axis if isinstance(axis, int) else None)


@operator(
    untouched(lambda attrs, rank: (attrs.get("axis", -1),)), facts=Facts(rank=rank_of("x"), range=_range)
)
def softmax(ar: Arithmetic, x: Array, *, axis: int = -1) -> Array:
    """y = exp(x - max x) / sum of exp(x - max x), along ``axis``

    x (...) -> y (...), each in [0, 1]. Rounds the difference, the exponential, the sum and the quotient.
    A row of -inf alone gives NaN.
    Source: Goodfellow, Bengio, Courville, "Deep Learning", eq. 4.1 and section 4.1; checked against torch.softmax.
    """
    along = reduced(x, axis)
    y = ar.rounded(x - x.max(axis=along, keepdims=True))
    y = ar.rounded(np.exp(y, out=y))
    total = y.sum(axis=along, keepdims=True)
    total = ar.summed(total, y.size // max(total.size, 1))
    return ar.rounded(np.divide(y, total, out=y if y.flags.owndata else None))
