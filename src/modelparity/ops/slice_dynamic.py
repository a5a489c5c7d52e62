"""Slice by index, strides and masks being inputs too."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.facts import Facts
from ..engine.operator import operator
from ..graph import Array
from ._slicing import slices


@operator(plain=True, facts=Facts(moves=("x",)))
def slice_dynamic(
    ar: Arithmetic,
    x: Array,
    begin: Array,
    end: Array,
    strides: Array,
    begins_open: Array | None = None,
    ends_open: Array | None = None,
    squeezed: Array | None = None,
    *,
    begin_mask: Sequence[bool] = (),
    end_mask: Sequence[bool] = (),
    squeeze_mask: Sequence[bool] = (),
) -> Array:
    """y = x[begin[0] : end[0] : strides[0], begin[1] : end[1] : strides[1], ...], as `slice_by_index`

    x (...) of rank r, begin, end, strides, begins_open, ends_open, squeezed (r) integers -> y (...), at least one
    axis. An input takes the place of the attribute: a mask is set where it is not 0. Where an axis is squeezed
    its begin counts whatever the masks say. Exact. Raises `GraphError` as `slice_by_index` does.
    Source: Core ML NeuralNetwork, dynamic slice; checked against numpy.
    """
    masks = [
        [bool(bit) for bit in (attribute if tensor is None else tensor.reshape(-1))]
        for tensor, attribute in ((begins_open, begin_mask), (ends_open, end_mask), (squeezed, squeeze_mask))
    ]
    opened = [bit and not one for bit, one in zip(masks[0], masks[2], strict=False)]
    steps = [int(n) for n in strides.reshape(-1)]
    taken, dropped = slices(x, begin, end, steps, opened, masks[1], masks[2])
    y = np.squeeze(x[taken], axis=dropped)
    return y if y.ndim else y.reshape(1)
