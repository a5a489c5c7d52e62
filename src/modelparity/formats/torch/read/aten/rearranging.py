"""Padding, windows, triangles, diagonals and pixels."""

from __future__ import annotations

import torch

from ..call import Call, reads


@reads(
    "aten.constant_pad_nd",
    "aten.reflection_pad1d",
    "aten.reflection_pad2d",
    "aten.reflection_pad3d",
    "aten.replication_pad1d",
    "aten.replication_pad2d",
    "aten.replication_pad3d",
)
def pad(c: Call) -> str:
    """Longer axes (or shorter ones, where a width is negative); widths come for the last axis first."""
    rank, widths = c.rank("self"), list(c["pad" if "pad" in c.args else "padding"])
    x = c.tensor("self")
    before, after = [0] * rank, [0] * rank
    if not all(isinstance(one, int) for one in widths):
        raise c.error("widths that are not fixed are not read", found=widths)
    for place in range(len(widths) // 2):
        before[rank - 1 - place], after[rank - 1 - place] = widths[2 * place], widths[2 * place + 1]
    cut = [axis for axis in range(rank) if before[axis] < 0 or after[axis] < 0]
    if cut:
        x = c.emit(
            "slice",
            [x],
            axes=tuple(cut),
            starts=tuple(max(-before[axis], 0) for axis in cut),
            ends=tuple(after[axis] if after[axis] < 0 else None for axis in cut),
        )
    before, after = ([max(one, 0) for one in side] for side in (before, after))
    mode = {"constant": "constant", "reflection": "reflect", "replication": "edge"}[
        c.op.split(".")[1].split("_")[0]
    ]
    value = float(c.get("value", 0)) if mode == "constant" else 0.0
    return c.give("pad", [x], before=tuple(before), after=tuple(after), value=value, mode=mode)


@reads("aten.unfold")
def unfold(c: Call) -> str:
    """Windows along an axis; their elements come last."""
    axis, rank = int(c["dimension"]) % c.rank("self"), c.rank("self")
    y = c.emit("sliding_windows", [c.tensor("self")], axis=axis, size=int(c["size"]), stride=int(c["step"]))
    order = [place for place in range(rank + 1) if place != axis + 1] + [axis + 1]
    return y if axis == rank - 1 else c.give("transpose", [y], axes=tuple(order))


@reads("aten.tril", "aten.triu")
def triangle(c: Call) -> str:
    """Zeros on one side of a diagonal."""
    part = "lower" if c.op == "aten.tril" else "upper"
    x = c.tensor("self")
    if c.result.dtype is torch.bool:
        y = c.emit(
            "triangle", [c.emit("cast", [x], to="int64")], diagonal=int(c.get("diagonal", 0)), part=part
        )
        return c.give("cast", [y], to="bool")
    return c.give("triangle", [x], diagonal=int(c.get("diagonal", 0)), part=part)


@reads("aten.pixel_shuffle", "aten.pixel_unshuffle")
def shuffle(c: Call) -> str:
    """Channels as places, or places as channels."""
    op = c.op.split(".")[1]
    factor = int(c["upscale_factor" if op == "pixel_shuffle" else "downscale_factor"])
    return c.give(op, [c.tensor("self")], factor=factor)


@reads("aten.diagonal")
def diagonal(c: Call) -> str:
    """A diagonal of a square of fixed size, as its elements picked from rows laid end to end."""
    one, other, offset = c.axis("dim1"), c.axis("dim2"), int(c.get("offset", 0))
    sizes, rank = c.sizes("self"), c.rank("self")
    if not isinstance(sizes[one], int) or not isinstance(sizes[other], int):
        raise c.error("a diagonal of free sizes is not read", found=sizes)
    rest = [axis for axis in range(rank) if axis not in (one, other)]
    x = c.emit("transpose", [c.tensor("self")], axes=(*rest, one, other))
    rows, columns = sizes[one], sizes[other]
    at = [r * columns + r + offset for r in range(rows) if 0 <= r + offset < columns]
    if len(rest) and not all(isinstance(sizes[axis], int) for axis in rest[1:]):
        raise c.error("free sizes beside a diagonal are not read", found=sizes)
    flat = c.emit("reshape", [x], shape=(*(0 for _ in rest), rows * columns))
    return c.give("gather", [flat, c.constant(at)], axis=len(rest))
