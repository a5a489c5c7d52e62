"""Operators that move values without computing any."""

from __future__ import annotations

import numpy as np

from ....engine.bound_node import Call
from ....ops._reduction import within
from ...writing.attributes import axes, permutation
from ..builder import Builder, refusal
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


@lowers("split")
def split(b: Builder, c: Call) -> None:
    """Split; the parts are named whether or not they are read."""
    x, axis, parts = c.tensors["x"], int(c.attrs["axis"]), len(c.node.outputs)
    sizes = c.attrs["sizes"]
    if sizes is None and not c.attrs["even"]:
        n = b.shapes[x][axis]
        if not isinstance(n, int):
            raise refusal(c, "the sizes of its parts are known only when it runs")
        sizes = [n // parts + (part < n % parts) for part in range(parts)]
    inputs = [b.get(x)] if sizes is None else [b.get(x), b.ints(*map(int, sizes))]
    names = [name or f"{c.node.name}/part{at}" for at, name in enumerate(c.node.outputs)]
    own = [b.own(name) for name in names]
    b.emit("Split", inputs, out=own, main=True, axis=axis)
    for name, written in zip(names, own, strict=True):
        b.adopt(name, written)


@lowers("stack")
def stack(b: Builder, c: Call) -> None:
    """Concat of arrays that have the new axis already."""
    (axis,) = within(int(c.attrs["axis"]), b.rank(c.node.outputs[0]))
    parts = [b.emit("Unsqueeze", [b.get(name), b.ints(axis)]) for name in c.node.inputs]
    b.result(c.node.outputs[0], "Concat", parts, axis=axis)


@lowers("tile")
def tile(b: Builder, c: Call) -> None:
    """Tile."""
    counts = b.get(c.tensors["counts"]) if "counts" in c.tensors else b.ints(*map(int, c.attrs["repeats"]))
    b.result(c.node.outputs[0], "Tile", [b.get(c.tensors["x"]), counts])


@lowers("reverse")
def reverse(b: Builder, c: Call) -> None:
    """Slice, from the last element to the first."""
    over = axes(c, b.rank(c.tensors["x"]))
    lists = [b.ints(*[value] * len(over)) for value in (-1, -FAR)]
    b.result(
        c.node.outputs[0],
        "Slice",
        [b.get(c.tensors["x"]), *lists, b.ints(*over), b.ints(*[-1] * len(over))],
    )


@lowers("flatten")
def flatten(b: Builder, c: Call) -> None:
    """Flatten."""
    b.result(c.node.outputs[0], "Flatten", [b.get(c.tensors["x"])], axis=int(c.attrs["axis"]))


#: So many places a window may have, each of which is a slice.
PLACES = 64


@lowers("sliding_windows")
def sliding_windows(b: Builder, c: Call) -> None:
    """Windows picked by their places where the length is known, and else laid side by side place by place."""
    x, rank = c.tensors["x"], b.rank(c.tensors["x"])
    (axis,) = within(int(c.attrs["axis"]), rank)
    size, step, n = int(c.attrs["size"]), int(c.attrs["stride"]), b.shapes[x][axis]
    if isinstance(n, int):
        starts = np.arange(0, n - size + 1, step)
        index = b.initial(f"{c.node.name}/places", starts[:, None] + np.arange(size))
        b.result(c.node.outputs[0], "Gather", [b.get(x), index], axis=axis)
        return
    if size > PLACES:
        raise refusal(
            c, f"its windows of {size} places are cut from a length that is known only when it runs"
        )
    parts = []
    for k in range(size):
        end = b.ints(k + 1 - size if k + 1 < size else FAR)
        cut = b.emit("Slice", [b.get(x), b.ints(k), end, b.ints(axis), b.ints(step)])
        parts.append(b.emit("Unsqueeze", [cut, b.ints(axis + 1)]))
    b.result(c.node.outputs[0], "Concat", parts, axis=axis + 1)
