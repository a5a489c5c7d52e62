"""Padding, windows, triangles, diagonals and pixels."""

from __future__ import annotations

import torch

from ..aten_call import Op, reads


@reads(
    "aten.constant_pad_nd",
    "aten.reflection_pad1d",
    "aten.reflection_pad2d",
    "aten.reflection_pad3d",
    "aten.replication_pad1d",
    "aten.replication_pad2d",
    "aten.replication_pad3d",
)
def pad(op: Op) -> None:
    """Longer axes (or shorter ones, where a width is negative); widths come for the last axis first."""
    rank, widths = op.rank("self"), list(op.attr("pad" if "pad" in op.args else "padding"))
    x = op.input("self")
    before, after = [0] * rank, [0] * rank
    if not all(isinstance(one, int) for one in widths):
        raise op.error("widths that are not fixed are not read", found=widths)
    for place in range(len(widths) // 2):
        before[rank - 1 - place], after[rank - 1 - place] = widths[2 * place], widths[2 * place + 1]
    cut = [axis for axis in range(rank) if before[axis] < 0 or after[axis] < 0]
    if cut:
        x = op.temp(
            "slice",
            [x],
            axes=tuple(cut),
            starts=tuple(max(-before[axis], 0) for axis in cut),
            ends=tuple(after[axis] if after[axis] < 0 else None for axis in cut),
        )
    before, after = ([max(one, 0) for one in side] for side in (before, after))
    mode = {"constant": "constant", "reflection": "reflect", "replication": "edge"}[
        op.type.split(".")[1].split("_")[0]
    ]
    value = op.attr("value", 0.0, float) if mode == "constant" else 0.0
    op.give("pad", [x], before=tuple(before), after=tuple(after), value=value, mode=mode)


@reads("aten.unfold")
def unfold(op: Op) -> None:
    """Windows along an axis; their elements come last."""
    axis, rank = op.attr("dimension", kind=int) % op.rank("self"), op.rank("self")
    y = op.temp(
        "sliding_windows",
        [op.input("self")],
        axis=axis,
        size=op.attr("size", kind=int),
        stride=op.attr("step", kind=int),
    )
    order = [place for place in range(rank + 1) if place != axis + 1] + [axis + 1]
    if axis == rank - 1:
        op.results(y)
    else:
        op.give("transpose", [y], axes=tuple(order))


@reads("aten.tril", "aten.triu")
def triangle(op: Op) -> None:
    """Zeros on one side of a diagonal."""
    part = "lower" if op.type == "aten.tril" else "upper"
    x = op.input("self")
    if op.result.dtype is torch.bool:
        y = op.temp(
            "triangle", [op.temp("cast", [x], to="int64")], diagonal=op.attr("diagonal", 0, int), part=part
        )
        op.give("cast", [y], to="bool")
        return
    op.give("triangle", [x], diagonal=op.attr("diagonal", 0, int), part=part)


@reads("aten.pixel_shuffle", "aten.pixel_unshuffle")
def shuffle(op: Op) -> None:
    """Channels as places, or places as channels."""
    core = op.type.split(".")[1]
    factor = int(op.attr("upscale_factor" if core == "pixel_shuffle" else "downscale_factor"))
    op.give(core, [op.input("self")], factor=factor)


@reads("aten.diagonal")
def diagonal(op: Op) -> None:
    """A diagonal of a square of fixed size, as its elements picked from rows laid end to end."""
    one, other, offset = op.axis("dim1"), op.axis("dim2"), op.attr("offset", 0, int)
    sizes, rank = op.shape("self"), op.rank("self")
    if not isinstance(sizes[one], int) or not isinstance(sizes[other], int):
        raise op.error("a diagonal of free sizes is not read", found=sizes)
    rest = [axis for axis in range(rank) if axis not in (one, other)]
    x = op.temp("transpose", [op.input("self")], axes=(*rest, one, other))
    rows, columns = sizes[one], sizes[other]
    at = [r * columns + r + offset for r in range(rows) if 0 <= r + offset < columns]
    if len(rest) and not all(isinstance(sizes[axis], int) for axis in rest[1:]):
        raise op.error("free sizes beside a diagonal are not read", found=sizes)
    flat = op.temp("reshape", [x], shape=(*(0 for _ in rest), rows * columns))
    op.give("gather", [flat, op.constant(at)], axis=len(rest))
