"""Operators that pick values by index."""

from __future__ import annotations

from ....engine.bound_node import Call
from ...writing.attributes import cuts
from ..builder import Builder, refusal
from ..lowering import lowers
from .sizes import element

#: A position that lies behind every end of an axis.
FAR = 2**63 - 1


@lowers("embedding")
def embedding(b: Builder, c: Call) -> None:
    """Gather rows of the table. ONNX counts negative indices from the end; the graph refuses them."""
    b.result(c.node.outputs[0], "Gather", [b.get(c.tensors["table"]), b.get(c.tensors["indices"])], axis=0)


@lowers("gather")
def gather(b: Builder, c: Call) -> None:
    """Gather has the same meaning."""
    operands = [b.get(c.tensors["x"]), b.get(c.tensors["indices"])]
    b.result(c.node.outputs[0], "Gather", operands, axis=int(c.attrs["axis"]))


@lowers("slice")
def slice_(b: Builder, c: Call) -> None:
    """Slice; an end that is left out lies beyond the edge that the step moves to."""
    x = c.tensors["x"]
    taken = [
        (start, (FAR if step > 0 else -FAR) if end is None else end, axis, step)
        for axis, start, end, step in cuts(c, b.rank(x))
    ]
    lists = [b.ints(*values) for values in (zip(*taken, strict=True) if taken else ((),) * 4)]
    b.result(c.node.outputs[0], "Slice", [b.get(x), *lists])


@lowers("crop_like")
def crop_like(b: Builder, c: Call) -> None:
    """Slice, up to sizes that another array has."""
    offset = [int(start) for start in c.attrs["offset"]]
    sizes = b.emit("Shape", [b.get(c.tensors["other"])])
    last = b.emit("Slice", [sizes, b.ints(-len(offset)), b.ints(FAR), b.ints(0)])
    ends = b.emit("Add", [last, b.ints(*offset)])
    axes = b.ints(*range(-len(offset), 0))
    b.result(c.node.outputs[0], "Slice", [b.get(c.tensors["x"]), b.ints(*offset), ends, axes])


@lowers("slice_between")
def slice_between(b: Builder, c: Call) -> None:
    """Slice, by what is computed."""
    names = [c.tensors.get(key, "") for key in ("starts", "ends", "axes", "steps")]
    inputs = [b.get(c.tensors["x"]), *(b.get(name) if name else "" for name in names)]
    while not inputs[-1]:
        inputs.pop()
    b.result(c.node.outputs[0], "Slice", inputs)


@lowers("gather_along_axis")
def gather_along_axis(b: Builder, c: Call) -> None:
    """GatherElements."""
    operands = [b.get(c.tensors["x"]), b.get(c.tensors["indices"])]
    b.result(c.node.outputs[0], "GatherElements", operands, axis=int(c.attrs["axis"]))


@lowers("gather_nd")
def gather_nd(b: Builder, c: Call) -> None:
    """GatherND."""
    operands = [b.get(c.tensors["x"]), b.get(c.tensors["indices"])]
    b.result(c.node.outputs[0], "GatherND", operands, batch_dims=int(c.attrs["batch_dims"]))


@lowers("topk")
def topk(b: Builder, c: Call) -> None:
    """TopK, the most extreme first."""
    k = c.attrs["k"]
    if k == -1 or not c.attrs["ordered"]:
        raise refusal(c, "a TopK takes a number of elements, and gives them in the order of their size")
    count = b.ints(int(k)) if k is not None else b.emit("Reshape", [b.get(c.tensors["count"]), b.ints(1)])
    names = [*c.node.outputs, ""][:2]
    own = [b.own(name) if name else b.fresh(f"{c.node.name}/unread") for name in names]
    settings = {"axis": int(c.attrs["axis"]), "largest": int(c.attrs["largest"])}
    b.emit("TopK", [b.get(c.tensors["x"]), count], out=own, main=True, **settings)
    for name, written in zip(names, own, strict=True):
        if name:
            b.adopt(name, written)


@lowers("one_hot")
def one_hot(b: Builder, c: Call) -> None:
    """OneHot, which counts negative indices from the end: where the graph does not, they are moved outside."""
    a, index = c.attrs, b.get(c.tensors["indices"])
    depth = b.ints(int(a["size"])) if "depth" not in c.tensors else b.get(c.tensors["depth"])
    if not a["wrap"]:
        outside = b.emit("Less", [index, b.ints(0)])
        index = b.emit("Where", [outside, depth, index])
    # Two numbers by themselves: an array of both would be taken for a weight.
    ends = [b.initial(f"{c.node.name}/{key}", element(a[key], a["to"]).reshape(1)) for key in ("off", "on")]
    values = b.emit("Concat", ends, axis=0)
    b.result(c.node.outputs[0], "OneHot", [index, depth, values], axis=int(a["axis"]))
