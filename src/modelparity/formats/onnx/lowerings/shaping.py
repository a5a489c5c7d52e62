"""Operators that move values without computing any."""

from __future__ import annotations

from ....engine.bound_node import Call
from ...writing.attributes import axes, permutation
from ..builder import Builder
from ..lowering import lowers
from .indexing import FAR


@lowers("expand_dims")
def expand_dims(b: Builder, c: Call) -> None:
    """Unsqueeze, whose axes count in the result, as the graph's do."""
    _axes(b, c, "Unsqueeze", b.rank(c.node.outputs[0]))


@lowers("squeeze")
def squeeze(b: Builder, c: Call) -> None:
    """Squeeze."""
    _axes(b, c, "Squeeze", b.rank(c.tensors["x"]))


def _axes(b: Builder, c: Call, op: str, rank: int) -> None:
    b.result(c.node.outputs[0], op, [b.get(c.tensors["x"]), b.ints(*axes(c, rank))])


@lowers("reshape")
def reshape(b: Builder, c: Call) -> None:
    """Reshape: 0 copies a size and -1 takes what is left, in both."""
    b.result(c.node.outputs[0], "Reshape", [b.get(c.tensors["x"]), b.ints(*map(int, c.attrs["shape"]))])


@lowers("transpose")
def transpose(b: Builder, c: Call) -> None:
    """Transpose."""
    x = c.tensors["x"]
    b.result(c.node.outputs[0], "Transpose", [b.get(x)], perm=permutation(c, b.rank(x)))


@lowers("concat")
def concat(b: Builder, c: Call) -> None:
    """Concat."""
    axis = int(c.attrs["axis"])
    b.result(c.node.outputs[0], "Concat", [b.get(name) for name in c.node.inputs], axis=axis)


@lowers("windows")
def windows(b: Builder, c: Call) -> None:
    """Windows side by side are the sequence side by side with itself, one frame later each time.

    Ends count from the end of the sequence, so that every slice has as many frames, however long it is.
    """
    size, hop = int(c.attrs["size"]), int(c.attrs["hop"])
    x = b.get(c.tensors["x"])
    if b.rank(c.tensors["x"]) != 2:
        x = b.emit("Reshape", [x, b.ints(0, -1)] if b.rank(c.tensors["x"]) > 2 else [x, b.ints(-1, 1)])
    shifted = [
        b.emit("Slice", [x, b.ints(k), b.ints(k + 1 - size if k + 1 < size else FAR), b.ints(0), b.ints(hop)])
        for k in range(size)
    ]
    b.result(c.node.outputs[0], "Concat", shifted, axis=1)
