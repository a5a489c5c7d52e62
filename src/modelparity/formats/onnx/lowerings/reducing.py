"""Reductions along axes, and the operators made of them."""

from __future__ import annotations

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


@lowers("softmax", "log_softmax")
def softmax(b: Builder, c: Call) -> None:
    """Softmax and LogSoftmax along one axis."""
    op = "Softmax" if c.node.op == "softmax" else "LogSoftmax"
    b.result(c.node.outputs[0], op, [b.get(c.tensors["x"])], axis=int(c.attrs["axis"]))
