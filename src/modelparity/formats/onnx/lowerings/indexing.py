"""Operators that pick values by index."""

from __future__ import annotations

from ....engine.bound_node import Call
from ...writing.attributes import cuts
from ..builder import Builder
from ..lowering import lowers

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
