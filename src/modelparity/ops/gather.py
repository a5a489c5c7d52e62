"""Gather: slices picked by index."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.facts import Facts, Shape
from ..engine.operator import Step, operator
from ..errors import GraphError
from ..graph import Array
from ._reduction import place
from ._sizes import bounded


def _streaming(
    times: Sequence[int | None], shapes: Sequence[Shape | None], attrs: Mapping[str, Any]
) -> Step | str:
    (x_time, time), (x, indices) = times, shapes
    if x is None or indices is None:
        return "an input is missing"
    axis = attrs.get("axis", 0) % len(x)
    if x_time is None and time is not None:
        return Step(axis + time)
    if x_time is None or time is not None:
        return "both the data and the indices change with time"
    if x_time == axis:
        return "it picks frames"
    return Step(x_time if x_time < axis else x_time + len(indices) - 1)


@operator(
    _streaming,
    facts=Facts(rank=lambda ranks, attrs: ranks["x"] + ranks["indices"] - 1, moves=("x",), lookup="x"),
)
def gather(ar: Arithmetic, x: Array, indices: Array, *, axis: int = 0) -> Array:
    """y[before..., i..., after...] = x[before..., indices[i...], after...]

    x (before..., n, after...) with n at ``axis``, indices (i...) integers -> y (before..., i..., after...).
    Negative indices count from the end. Exact; a view if indices are a single number ().
    Raises `GraphError` if indices are not integers or out of range, or the axis is not there.
    Source: ONNX Gather; checked against numpy.take.
    """
    along = place(axis, x.ndim - 1)
    n = x.shape[along + 1]
    if indices.dtype.kind not in "iu":
        raise GraphError("indices are not integers", found=indices.dtype, expected="an integer type")
    if indices.shape == (1,) and -n <= (one := indices.item()) < n:  # a frame of a sequence, inside a loop
        frame: Array = x[(slice(None),) * (along + 1) + (one,)]
        return frame
    if indices.size and (indices.min() < -n or indices.max() >= n):
        raise GraphError(
            "an index is out of range",
            found=f"{indices.min()} to {indices.max()}",
            expected=f"{-n} to {n - 1}",
        )
    if indices.size > 1:
        bounded(*x.shape[1 : along + 1], *indices.shape[1:], *x.shape[along + 2 :])
    if indices.shape[0] == 1:
        y: Array = np.take(x, indices[0], axis=along + 1)
        return y
    lanes = max(x.shape[0], indices.shape[0])
    data = np.broadcast_to(x, (lanes, *x.shape[1:]))
    return np.stack([np.take(one, index, axis=along) for one, index in zip(data, indices, strict=True)])
