"""Slice update: an array with a part of it replaced."""

from __future__ import annotations

from collections.abc import Sequence

from ..engine.arithmetic import Arithmetic
from ..engine.facts import Facts
from ..engine.operator import operator
from ..errors import GraphError
from ..graph import Array
from ._slicing import Mask, slices


@operator(plain=True, facts=Facts(moves=("x", "update")))
def slice_update(
    ar: Arithmetic,
    x: Array,
    update: Array,
    begin: Array,
    end: Array,
    *,
    strides: Sequence[int] | None = None,
    begin_mask: Mask = None,
    end_mask: Mask = None,
    squeeze_mask: Mask = None,
) -> Array:
    """y = x, then y[begin[0] : end[0] : strides[0], ...] = update

    x (...) of rank r, update of the shape of the slice, begin and end (r) integers -> y like x. Positions, strides
    and masks as in ``slice_by_index``. Exact.
    Raises `GraphError` if the update has another shape than the slice.
    Source: Core ML MIL ``slice_update``; checked against numpy.
    """
    taken, dropped = slices(x, begin, end, strides, begin_mask, end_mask, squeeze_mask)
    y = x.copy()
    part = y[taken]
    kept = tuple(n for axis, n in enumerate(part.shape) if axis not in dropped)
    if update.shape != kept:
        raise GraphError("the update does not fit", found=update.shape, expected=kept)
    part[...] = update.reshape(part.shape)
    return y
