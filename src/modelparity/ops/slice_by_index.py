"""Slice by index: a part of an array, its ends given by arrays."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.facts import Facts
from ..engine.operator import operator
from ..graph import Array
from ._slicing import Mask, slices


@operator(plain=True, facts=Facts(moves=("x",)))
def slice_by_index(
    ar: Arithmetic,
    x: Array,
    begin: Array,
    end: Array,
    *,
    strides: Sequence[int] | None = None,
    begin_mask: Mask = None,
    end_mask: Mask = None,
    squeeze_mask: Mask = None,
) -> Array:
    """y = x[begin[0] : end[0] : strides[0], begin[1] : end[1] : strides[1], ...]

    x (...) of rank r, begin and end (r) integers -> y (...). Negative positions count from the end, positions
    outside are moved to the edge. A set bit of ``begin_mask`` or ``end_mask`` leaves that end open; where
    ``squeeze_mask`` is set, the one element at ``begin`` is taken and the axis dropped. Exact.
    Raises `GraphError` if lengths differ, a stride is 0, or an element to take is not there.
    Source: TensorFlow strided_slice, Core ML MIL ``slice_by_index``; checked against numpy.
    """
    taken, dropped = slices(x, begin, end, strides, begin_mask, end_mask, squeeze_mask)
    return np.squeeze(x[taken], axis=dropped)
