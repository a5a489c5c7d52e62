"""Matmul: products of matrices, stacked along any leading axes."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.facts import Facts, Shape
from ..engine.limits import limits
from ..engine.operator import Step, aligned, operator
from ..engine.sums import exactly, in_strand, product, wrapped
from ..errors import GraphError
from ..graph import Array
from ._sizes import bounded


def _streaming(
    times: Sequence[int | None], shapes: Sequence[Shape | None], attrs: Mapping[str, Any]
) -> Step | str:
    sizes = [len(shape or ()) for shape in shapes]
    right = [None if time is None else time - rank for time, rank in zip(times, sizes, strict=True)]
    summed = (-1 if sizes[0] > 1 or right[0] == -1 else 0, -2 if sizes[1] > 1 else -1)
    if right[0] == summed[0] or right[1] == summed[1]:
        return "it sums over the time axis and needs all frames"
    if min(sizes) < 2:  # a vector takes its axis out of the result
        return "it multiplies by a vector, which is not computed block by block"
    if right[0] is not None and right[1] is not None and right[0] != right[1]:
        return "its inputs carry time on different axes"
    axis = right[0] if right[0] is not None else right[1]
    assert axis is not None
    return Step(max(sizes) + axis)


def _cost(shapes: Mapping[str, Shape], attrs: Mapping[str, Any], results: Sequence[Shape]) -> int:
    return math.prod(results[0]) * shapes["x"][-1]


@operator(_streaming, facts=Facts(broadcasts=True, cost=_cost))
def matmul(ar: Arithmetic, x: Array, y: Array) -> Array:
    """z[..., i, k] = sum over j of x[..., i, j] y[..., j, k]

    x (..., row, inner), y (..., inner, column) -> z (..., row, column); leading axes broadcast from the
    right. A vector is a single row on the left and a single column on the right, and its axis goes away.
    Raises `GraphError` if the inner axes differ or either side is a scalar.
    Source: ONNX operator MatMul (version 13), which follows numpy.matmul; checked against torch.matmul.
    """
    if x.ndim < 2 or y.ndim < 2:
        raise GraphError("a scalar has no rows to multiply", found=(x.shape[1:], y.shape[1:]))
    row, column = x.ndim == 2, y.ndim == 2
    x = x[:, None] if row else x
    y = y[..., None] if column else y
    if x.shape[-1] != y.shape[-2]:
        raise GraphError("inner axes of the product differ", found=y.shape[-2], expected=x.shape[-1])
    x, y = aligned(ar.operand(x, terms=in_strand(ar, x.shape[-1])), y)
    if x.size * y.size > limits().elements:  # the result may be larger than either
        bounded(*np.broadcast_shapes(x.shape[1:-2], y.shape[1:-2]), x.shape[-2], y.shape[-1])
    floats = exactly(x, y, x.shape[-1])
    z = product(ar, x, y) if floats is None else wrapped(floats[0] @ floats[1], np.result_type(x, y))
    z = ar.rounded(z)
    if row or column:
        z = z[..., 0] if column else z
        z = z if not row else z[..., 0] if column else z[..., 0, :]
    return z
