"""Arrays joined and taken apart along an axis."""

from __future__ import annotations

from typing import Any

from torch import fx

from ..aten_call import Op, reads
from ..nodes import symbol, value_of
from .shaping import same_size

#: An end of a slice that means the end of the axis.
OPEN = (1 << 63) - 1


@reads("aten.cat", "aten.stack")
def joined(op: Op) -> None:
    """One after another along an axis, or along a new one."""
    rank = len(op.result.shape)
    parts = [one for one in op.attr("tensors") if op.type == "aten.stack" or list(value_of(one).shape) != [0]]
    core = "stack" if op.type == "aten.stack" else "concat"
    names = [op.tensor(one) for one in parts]
    if core == "concat" and len(names) == 1:
        op.results(names[0])
    else:
        op.give(core, names, axis=op.attr("dim", 0, int) % rank)


@reads("aten.split", "aten.split_with_sizes", "aten.chunk", "aten.unsafe_split", "aten.tensor_split")
def split(op: Op) -> None:
    """Consecutive parts of an axis."""
    axis = op.axis("dim")
    sizes = [part.shape[axis] for part in op.value]
    if not all(isinstance(size, int) for size in sizes):
        raise op.error("parts of sizes that are not fixed are not read", found=sizes)
    op.results(*op.temps("split", [op.input("self")], len(sizes), axis=axis, sizes=tuple(sizes)))


@reads("aten.unbind")
def unbind(op: Op) -> None:
    """Every element along an axis on its own."""
    axis, count = op.axis("dim"), len(op.value)
    parts = op.temps("split", [op.input("self")], count, axis=axis, sizes=(1,) * count)
    op.results(*(op.temp("squeeze", [part], axes=(axis,)) for part in parts))


@reads("aten.slice")
def slice_(op: Op) -> None:
    """A stretch of an axis; its ends may be sizes that are computed."""
    axis, step = op.axis("dim"), op.attr("step", 1, int)
    start, end = op.attr("start", 0), op.attr("end", OPEN)
    old, new = op.shape("self")[axis], op.result.shape[axis]
    if same_size(old, new) and step == 1:
        op.results(op.input("self"))
        return
    ends = [symbol(one) if isinstance(one, fx.Node) else one for one in (start, end)]
    if all(isinstance(one, int) for one in ends):
        stop = None if ends[1] >= OPEN or same_size(ends[1], old) else ends[1]
        op.give("slice", [op.input("self")], starts=(ends[0],), ends=(stop,), axes=(axis,), steps=(step,))
        return
    begins, stops, masks = stretch(op, axis, start, end)
    strides = tuple(step if place == axis else 1 for place in range(op.rank("self")))
    op.give("slice_by_index", [op.input("self"), begins, stops], strides=strides, **masks)


def stretch(op: Op, axis: int, start: Any, end: Any) -> tuple[str, str, dict[str, Any]]:
    """The ends of a stretch of one axis as operators take them that find out when the graph runs."""
    rank, zero = op.rank("self"), op.values.size(0)
    begins, stops = [zero] * rank, [zero] * rank
    open_ = isinstance(end, int) and end >= OPEN
    begins[axis], stops[axis] = op.values.size(start), zero if open_ else op.values.size(end)
    others = tuple(place != axis for place in range(rank))
    masks = {"begin_mask": others, "end_mask": tuple(one or open_ for one in others)}
    first, last = (op.temp("stack", one, axis=0) for one in (begins, stops))
    return first, last, masks


@reads("aten.select")
def select(op: Op) -> None:
    """One element of an axis, which is dropped."""
    axis, index = op.axis("dim"), op.attr("index")
    at = op.values.size(index) if isinstance(index, fx.Node) else op.constant(int(index))
    op.give("gather", [op.input("self"), at], axis=axis)


@reads("aten.flip")
def flip(op: Op) -> None:
    """Axes reversed."""
    op.give("reverse", [op.input("self")], axes=op.axes("dims"))


@reads("aten.roll")
def roll(op: Op) -> None:
    """Elements moved on along axes; what leaves one end comes in at the other."""
    x, rank = op.input("self"), op.rank("self")
    shifts, axes = list(op.attr("shifts")), [int(one) % rank for one in op.attr("dims", [])]
    if not axes:
        raise op.error("a roll of all elements in order is not read", fix="name the axes")
    for shift, axis in zip(shifts, axes, strict=True):
        size = op.shape("self")[axis]
        at = -shift % size if isinstance(size, int) else -shift
        if at:
            tail = op.temp("slice", [x], starts=(at,), ends=(None,), axes=(axis,))
            head = op.temp("slice", [x], starts=(0,), ends=(at,), axes=(axis,))
            x = op.temp("concat", [tail, head], axis=axis)
    op.results(x)


@reads("aten.repeat", "aten.tile")
def repeat(op: Op) -> None:
    """The array side by side with itself."""
    counts = list(op.attr("repeats" if "repeats" in op.args else "dims"))
    x, ahead = op.input("self"), len(counts) - op.rank("self")
    if ahead:
        x = op.temp("expand_dims", [x], axes=tuple(range(ahead)))
    if all(isinstance(one, int) for one in counts):
        op.give("tile", [x], repeats=tuple(counts))
        return
    op.give("tile", [x, op.shape_tensor(counts)])
