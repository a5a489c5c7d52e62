"""Arrays joined and taken apart along an axis."""

from __future__ import annotations

from typing import Any

from torch import fx

from ..call import Call, reads, symbol, value_of
from .shaping import same_size

#: An end of a slice that means the end of the axis.
OPEN = (1 << 63) - 1


@reads("aten.cat", "aten.stack")
def joined(c: Call) -> str:
    """One after another along an axis, or along a new one."""
    rank = len(c.result.shape)
    parts = [one for one in c["tensors"] if c.op == "aten.stack" or list(value_of(one).shape) != [0]]
    op = "stack" if c.op == "aten.stack" else "concat"
    names = [c.operand(one) for one in parts]
    return (
        names[0]
        if op == "concat" and len(names) == 1
        else c.give(op, names, axis=int(c.get("dim", 0)) % rank)
    )


@reads("aten.split", "aten.split_with_sizes", "aten.chunk", "aten.unsafe_split", "aten.tensor_split")
def split(c: Call) -> tuple[str, ...]:
    """Consecutive parts of an axis."""
    axis = c.axis("dim")
    sizes = [part.shape[axis] for part in c.value]
    if not all(isinstance(size, int) for size in sizes):
        raise c.error("parts of sizes that are not fixed are not read", found=sizes)
    return c.several("split", [c.tensor("self")], len(sizes), axis=axis, sizes=tuple(sizes))


@reads("aten.unbind")
def unbind(c: Call) -> tuple[str, ...]:
    """Every element along an axis on its own."""
    axis, count = c.axis("dim"), len(c.value)
    parts = c.several("split", [c.tensor("self")], count, axis=axis, sizes=(1,) * count)
    return tuple(c.emit("squeeze", [part], axes=(axis,)) for part in parts)


@reads("aten.slice")
def slice_(c: Call) -> str:
    """A stretch of an axis; its ends may be sizes that are computed."""
    axis, step = c.axis("dim"), int(c.get("step", 1))
    start, end = c.get("start", 0), c.get("end", OPEN)
    old, new = c.sizes("self")[axis], c.result.shape[axis]
    if same_size(old, new) and step == 1:
        return c.tensor("self")
    ends = [symbol(one) if isinstance(one, fx.Node) else one for one in (start, end)]
    if all(isinstance(one, int) for one in ends):
        stop = None if ends[1] >= OPEN or same_size(ends[1], old) else ends[1]
        return c.give(
            "slice", [c.tensor("self")], starts=(ends[0],), ends=(stop,), axes=(axis,), steps=(step,)
        )
    begins, stops, masks = stretch(c, axis, start, end)
    strides = tuple(step if place == axis else 1 for place in range(c.rank("self")))
    return c.give("slice_by_index", [c.tensor("self"), begins, stops], strides=strides, **masks)


def stretch(c: Call, axis: int, start: Any, end: Any) -> tuple[str, str, dict[str, tuple[bool, ...]]]:
    """The ends of a stretch of one axis as operators take them that find out when the graph runs."""
    rank, zero = c.rank("self"), c.reading.size(0)
    begins, stops = [zero] * rank, [zero] * rank
    open_ = isinstance(end, int) and end >= OPEN
    begins[axis], stops[axis] = c.reading.size(start), zero if open_ else c.reading.size(end)
    others = tuple(place != axis for place in range(rank))
    masks = {"begin_mask": others, "end_mask": tuple(one or open_ for one in others)}
    first, last = (c.emit("stack", one, axis=0) for one in (begins, stops))
    return first, last, masks


@reads("aten.select")
def select(c: Call) -> str:
    """One element of an axis, which is dropped."""
    axis, index = c.axis("dim"), c["index"]
    at = c.reading.size(index) if isinstance(index, fx.Node) else c.constant(int(index))
    return c.give("gather", [c.tensor("self"), at], axis=axis)


@reads("aten.flip")
def flip(c: Call) -> str:
    """Axes reversed."""
    return c.give("reverse", [c.tensor("self")], axes=c.axes("dims"))


@reads("aten.roll")
def roll(c: Call) -> str:
    """Elements moved on along axes; what leaves one end comes in at the other."""
    x, rank = c.tensor("self"), c.rank("self")
    shifts, axes = list(c["shifts"]), [int(one) % rank for one in c.get("dims", [])]
    if not axes:
        raise c.error("a roll of all elements in order is not read", fix="name the axes")
    for shift, axis in zip(shifts, axes, strict=True):
        size = c.sizes("self")[axis]
        at = -shift % size if isinstance(size, int) else -shift
        if at:
            tail = c.emit("slice", [x], starts=(at,), ends=(None,), axes=(axis,))
            head = c.emit("slice", [x], starts=(0,), ends=(at,), axes=(axis,))
            x = c.emit("concat", [tail, head], axis=axis)
    return x


@reads("aten.repeat", "aten.tile")
def repeat(c: Call) -> str:
    """The array side by side with itself."""
    counts = list(c["repeats" if "repeats" in c.args else "dims"])
    x, ahead = c.tensor("self"), len(counts) - c.rank("self")
    if ahead:
        x = c.emit("expand_dims", [x], axes=tuple(range(ahead)))
    if all(isinstance(one, int) for one in counts):
        return c.give("tile", [x], repeats=tuple(counts))
    return c.give("tile", [x, c.shape_tensor(counts)])
