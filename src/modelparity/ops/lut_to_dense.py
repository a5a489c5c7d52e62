"""Look-up table to dense: weights stored as places in a small table of values, or of short vectors."""

from __future__ import annotations

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.facts import Facts
from ..engine.operator import operator
from ..errors import GraphError
from ..graph import Array
from .dequantize import spread


@operator(plain=True, facts=Facts(moves=("lut",)))
def lut_to_dense(ar: Arithmetic, indices: Array, lut: Array, *, axis: int | None = None) -> Array:
    """y[..., i, ...] = table[indices[..., i, ...]], of the table that serves this block of indices

    indices (d_1...d_k) unsigned, lut (g_1...g_k, entries, vector), each g a divisor of d: one table a block
    -> y (d_1...d_k), with d_axis * vector in the place of d_axis if entries are vectors, laid along ``axis``. Exact.
    Raises `GraphError` if the shapes do not fit or an index is beyond the table.
    Source: Core ML MIL ``constexpr_lut_to_dense`` (iOS 18); checked against a loop over elements.
    """
    rank = indices.ndim
    if lut.ndim != rank + 2 or indices.dtype.kind not in "iu":
        raise GraphError(
            "table and indices do not fit",
            found=f"{lut.shape} and {indices.shape}",
            expected=f"rank {rank + 2}",
        )
    entries, vector = lut.shape[-2:]
    if indices.size and int(indices.max()) >= entries:
        raise GraphError(
            "an index is beyond the table", found=int(indices.max()), expected=f"below {entries}"
        )
    if vector > 1 and (axis is None or not -rank <= axis < rank):
        raise GraphError("entries are vectors, and the axis they lie along is not there", found=axis)
    places = np.ogrid[tuple(slice(0, n) for n in indices.shape)]
    blocks = []
    for place, groups, size in zip(places, lut.shape, indices.shape, strict=False):
        spread(np.zeros(groups), (size,))  # raises if they do not divide
        blocks.append(place // (size // groups) if size else place)
    y: Array = lut[(*blocks, indices)]  # (d_1...d_k, vector)
    if vector == 1:
        return y[..., 0]
    along = (axis or 0) % rank
    y = np.moveaxis(y, -1, along + 1)
    return y.reshape(*indices.shape[:along], indices.shape[along] * vector, *indices.shape[along + 1 :])
