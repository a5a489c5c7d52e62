"""One-hot: vectors that are on at one place."""

from __future__ import annotations

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.operator import operator
from ..errors import GraphError
from ..graph import Array
from ._element import element
from ._reduction import within
from ._sizes import bounded


@operator(plain=True)
def one_hot(
    ar: Arithmetic,
    indices: Array,
    depth: Array | None = None,
    *,
    size: int | None = None,
    axis: int = -1,
    on: float = 1,
    off: float = 0,
    to: str = "float",
    wrap: bool = False,
) -> Array:
    """y[..., k, ...] = on if k = indices[...] else off, k running along ``axis`` of y

    indices (...) integers, depth () integer, or ``size`` -> y (..., depth, ...) of type ``to``. An index outside
    switches nothing on; with ``wrap`` negative ones count from the end. Exact.
    Raises `GraphError` unless the depth is given once and not negative.
    Source: ONNX OneHot; checked against numpy.eye.
    """
    if (depth is None) == (size is None):
        raise GraphError("how deep is given twice or not at all", expected="the input depth, or size")
    count = int(np.asarray(depth).reshape(-1)[0]) if size is None else size
    if count < 0:
        raise GraphError("negative depth", found=count)
    bounded(count, *indices.shape)
    (along,) = within(axis, indices.ndim + 1)
    places = np.where(indices < 0, indices + count, indices) if wrap else indices
    here = np.expand_dims(places, along) == np.arange(count).reshape([-1] + [1] * (indices.ndim - along))
    kind = element(ar, to)
    return ar.cast(np.where(here, np.array(on, kind), np.array(off, kind)))
