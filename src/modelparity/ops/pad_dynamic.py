"""Pad by amounts that are an input."""

from __future__ import annotations

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.facts import Facts, rank_of
from ..engine.operator import operator
from ..errors import GraphError
from ..graph import Array
from ._sizes import bounded


@operator(plain=True, facts=Facts(rank=rank_of("x")))
def pad_dynamic(
    ar: Arithmetic, x: Array, amounts: Array, *, value: float = 0.0, to_size: bool = False
) -> Array:
    """y[i] = x[i - before] inside, ``value`` outside

    x (n_1, ...), amounts (2 rank) integers, before and after of each axis in turn -> y (before + n_1 + after, ...).
    With ``to_size`` one of the two is the size that y shall have along the axis, unless x is longer; the
    elements that lack are added on that side. Exact; ``value`` is stored as the arithmetic stores a weight.
    Raises `GraphError` for a wrong count, negative amounts, or a size on both sides.
    Source: Core ML NeuralNetwork, constant padding; checked against numpy.pad.
    """
    pairs = [int(n) for n in amounts.reshape(-1)]
    if len(pairs) != 2 * x.ndim or min(pairs, default=0) < 0:
        raise GraphError("amounts do not fit", found=tuple(pairs), expected=f"{2 * x.ndim} of at least 0")
    before, after = pairs[::2], pairs[1::2]
    if to_size:
        if any(b and a for b, a in zip(before, after, strict=True)):
            raise GraphError("a size is given on both sides of an axis", found=tuple(pairs))
        before = [max(0, b - n) if b else 0 for b, n in zip(before, x.shape, strict=True)]
        after = [max(0, a - n) if a else 0 for a, n in zip(after, x.shape, strict=True)]
    widths = list(zip(before, after, strict=True))
    bounded(*(n + b + a for n, (b, a) in zip(x.shape, widths, strict=True)))
    y: Array = np.pad(x, widths, constant_values=ar.cast(np.array(value, np.float64)).astype(x.dtype))
    return y
