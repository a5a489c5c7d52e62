"""Reductions along axes, and the operators made of them."""

from __future__ import annotations

from typing import Any

import numpy as np

from ....engine.bound_node import Call
from ...layouts import axis_in, spatial_axes
from ...writing.attributes import axes
from ..builder import Builder
from ..lowering import lowers

_OPS = {
    "reduce_mean": "ReduceMean",
    "reduce_sum": "ReduceSum",
    "reduce_max": "ReduceMax",
    "reduce_min": "ReduceMin",
    "reduce_prod": "ReduceProd",
    "reduce_l1": "ReduceL1",
    "reduce_l2": "ReduceL2",
    "reduce_log_sum": "ReduceLogSum",
    "reduce_log_sum_exp": "ReduceLogSumExp",
    "reduce_sum_square": "ReduceSumSquare",
}


@lowers(*_OPS)
def reduce(b: Builder, c: Call) -> None:
    """ReduceSum takes its axes as an input, the others (in this operator set) as an attribute."""
    x, y, op = c.tensors["x"], c.node.outputs[0], _OPS[c.node.op]
    rank, native = b.rank(x), b.native(x)
    places = axes(c, rank)
    keep = bool(c.attrs["keepdims"])
    n = spatial_axes(native)
    if n and rank == n + 1 and places == tuple(range(n)) and not keep:
        # Only channels are left: no need to bring them behind first.
        pooled = _reduced(b, op, b.get(x, native), [axis_in(native, axis, rank) for axis in places], keep)
        b.result(y, "Squeeze", [pooled, b.ints(0)])
        return
    if op == "ReduceSum":
        b.result(y, op, [b.get(x), b.ints(*places)], keepdims=int(keep))
    else:
        b.result(y, op, [b.get(x)], axes=places, keepdims=int(keep))


def _reduced(b: Builder, op: str, name: str, axes: list[int], keep: bool) -> str:
    if op == "ReduceSum":
        return b.emit(op, [name, b.ints(*axes)], keepdims=int(keep))
    return b.emit(op, [name], axes=axes, keepdims=int(keep))


_ALONG = {"softmax": "Softmax", "log_softmax": "LogSoftmax", "hardmax": "Hardmax"}


@lowers(*_ALONG)
def softmax(b: Builder, c: Call) -> None:
    """Softmax and its like along one axis."""
    x, op = b.get(c.tensors["x"]), _ALONG[c.node.op]
    b.result(c.node.outputs[0], op, [x], axis=int(c.attrs["axis"]))


@lowers("argmax", "argmin")
def argmax(b: Builder, c: Call) -> None:
    """ArgMax and ArgMin."""
    op, settings = "ArgMax" if c.node.op == "argmax" else "ArgMin", c.attrs
    x = b.get(c.tensors["x"])
    b.result(c.node.outputs[0], op, [x], axis=int(settings["axis"]), keepdims=int(bool(settings["keepdims"])))


@lowers("cumsum", "cumsum_along")
def cumsum(b: Builder, c: Call) -> None:
    """CumSum, whose axis is an input."""
    a, tensors = c.attrs, c.tensors
    axis = (
        b.get(tensors["axis"]) if "axis" in tensors else b.initial(f"{c.node.name}/axis", np.array(a["axis"]))
    )
    settings: dict[str, Any] = {"exclusive": int(a["exclusive"]), "reverse": int(a["reverse"])}
    b.result(c.node.outputs[0], "CumSum", [b.get(tensors["x"]), axis], **settings)


@lowers("l2_normalize")
def l2_normalize(b: Builder, c: Call) -> None:
    """x by its length, which is guarded by something added to the squares, or by a least length."""
    x, over = b.get(c.tensors["x"]), axes(c, b.rank(c.tensors["x"]))
    epsilon = b.scalar(float(c.attrs["epsilon"]))
    if c.attrs["guard"] == "floor":
        length = b.emit("Max", [b.emit("ReduceL2", [x], axes=over, keepdims=1), epsilon])
    else:
        squares = b.emit("ReduceSumSquare", [x], axes=over, keepdims=1)
        length = b.emit("Sqrt", [b.emit("Add", [squares, epsilon])])
    b.result(c.node.outputs[0], "Div", [x, length])
