"""Sparse tensors, which become dense."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ....errors import ArtefactError
from .tensors import Tensors


def sparse_array(tensors: Tensors, sparse: Any, where: str) -> tuple[str, Any]:
    """A ``SparseTensorProto`` as a dense array."""
    dtype, values = tensors.read(sparse.values, where)
    _, places = tensors.read(sparse.indices, where)
    shape = tuple(int(n) for n in sparse.dims)
    if min(shape, default=0) < 0 or math.prod(shape) > 1 << 28:
        raise ArtefactError(
            "a shape out of range", where=where, found=shape, expected=f"at most {1 << 28:,} elements"
        )
    dense = np.zeros(shape, values.dtype)
    try:
        flat = places if places.ndim == 1 else np.ravel_multi_index(tuple(places.T), shape)
        dense.reshape(-1)[flat] = values
    except (ValueError, IndexError) as error:
        raise ArtefactError(f"indices of a sparse tensor do not fit: {error}", where=where) from None
    return dtype, dense
