"""Elements picked or put by index."""

from __future__ import annotations

from typing import Any

import torch
from torch import fx

from ..call import Call, reads, value_of
from .casting import converted
from .parts import OPEN, stretch


@reads("aten.embedding")
def embedding(c: Call) -> str:
    """Rows of a table."""
    return c.give("embedding", [c.tensor("indices"), c.tensor("weight")])


@reads("aten.index_select")
def index_select(c: Call) -> str:
    """Slices of one axis."""
    return c.give("gather", [c.tensor("self"), c.tensor("index")], axis=c.axis("dim"))


@reads("aten.gather")
def gather(c: Call) -> str:
    """One element along an axis for each index."""
    return c.give("gather_along_axis", [c.tensor("self"), c.tensor("index")], axis=c.axis("dim"))


@reads("aten.index", "aten._unsafe_index")
def index(c: Call) -> str:
    """x[i, :, j]: indices broadcast against each other; their axes stand where the first stood, or in front."""
    indices = list(c["indices"])
    axes = [axis for axis, one in enumerate(indices) if one is not None]
    used = [indices[axis] for axis in axes]
    x, rank = c.tensor("self"), c.rank("self")
    if any(value_of(one).dtype is torch.bool for one in used):
        return _masked(c, x, axes, used)
    if len(axes) == 1:
        return c.give("gather", [x, c.operand(used[0])], axis=axes[0])
    places, depth = _places(c, used)
    rest = [axis for axis in range(rank) if axis not in axes]
    if axes != list(range(len(axes))):
        x = c.emit("transpose", [x], axes=(*axes, *rest))
    together = axes == list(range(axes[0], axes[0] + len(axes)))
    ahead = axes[0] if together else 0
    if not ahead:
        return c.give("gather_nd", [x, places])
    y = c.emit("gather_nd", [x, places])
    order = [*range(depth, depth + ahead), *range(depth), *range(depth + ahead, depth + len(rest))]
    return c.give("transpose", [y], axes=tuple(order))


def _masked(c: Call, x: str, axes: list[int], used: list[Any]) -> str:
    """What a mask over the first axes keeps, which only shows when the graph runs."""
    if len(used) != 1 or axes != [0]:
        raise c.error("masks among other indices are not read")
    places = c.emit("non_zero", [c.operand(used[0])])
    return c.give("gather_nd", [x, places])


def _places(c: Call, used: list[Any]) -> tuple[str, int]:
    """Indices as tuples: (..., one a picked axis), and how many axes they add."""
    depth = max(value_of(one).dim() for one in used)
    names = [c.operand(one) for one in used]
    total = names[0]
    for name in names[1:]:
        total = c.emit("add", [total, name])  # of the shape that all broadcast to
    spread = [c.emit("broadcast_to", [name, total]) for name in names] if len(names) > 1 else names
    return c.emit("stack", spread, axis=depth), depth


@reads("aten.index_put", "aten._unsafe_index_put")
def index_put(c: Call) -> str:
    """x with values put at, or added to, what `index` picks."""
    indices = list(c["indices"])
    axes = [axis for axis, one in enumerate(indices) if one is not None]
    used = [indices[axis] for axis in axes]
    rest = [axis for axis in range(c.rank("self")) if axis not in axes]
    x, (values,) = c.tensor("self"), [converted(c, c["values"], c.result.dtype)]
    mode = "add" if c.get("accumulate", False) else "update"
    if value_of(used[0]).dtype is torch.bool:
        if axes != [0] or c.get("accumulate", False) or value_of(c["values"]).numel() != 1:
            raise c.error("values put through a mask are read if there is one of them")
        mask = c.operand(used[0])
        beside = c.rank("self") - value_of(used[0]).dim()
        if beside:
            mask = c.emit("expand_dims", [mask], axes=tuple(range(-beside, 0)))
        return c.give("select", [mask, values, x])
    places, depth = _places(c, used)
    front = (*axes, *rest)
    if axes != list(range(len(axes))):
        x = c.emit("transpose", [x], axes=front)
        together = axes == list(range(axes[0], axes[0] + len(axes)))
        if together and value_of(c["values"]).dim() == depth + len(rest):
            # What `index` would give has the indices' axes where the indexed ones stood: here they come first.
            ahead = axes[0]
            order = (*range(ahead, ahead + depth), *range(ahead), *range(ahead + depth, depth + len(rest)))
            values = c.emit("transpose", [values], axes=order)
        elif together and value_of(c["values"]).dim() > 0:
            raise c.error("values that broadcast over axes in front of the indexed ones are not read")
    values = c.emit("broadcast_to", [values, c.emit("gather_nd", [x, places])])
    y = c.emit("scatter_nd", [x, places, values], mode=mode)
    if front == tuple(range(len(front))):
        return y
    return c.give("transpose", [y], axes=tuple(front.index(axis) for axis in range(len(front))))


@reads("aten.scatter", "aten.scatter_add")
def scatter(c: Call) -> str:
    """x with elements put along an axis, or added; a number is put everywhere."""
    x, at = c.tensor("self"), c.tensor("index")
    source = c.get("src", c.get("value"))
    updates = converted(c, source, c.result.dtype)
    if not isinstance(source, fx.Node) or value_of(source).dim() == 0:
        updates = c.emit("broadcast_to", [updates, at])
    elif list(value_of(source).shape) != c.sizes("index"):
        raise c.error("more values than indices are not read", found=list(value_of(source).shape))
    mode = "add" if "add" in c.op or c.get("reduce") == "add" else "update"
    return c.give("scatter_along_axis", [x, at, updates], axis=c.axis("dim"), mode=mode)


@reads("aten.scatter_reduce")
def scatter_reduce(c: Call) -> str:
    """x with elements joined to it along an axis."""
    modes = {"sum": "add", "prod": "mul", "amax": "max", "amin": "min"}
    if c["reduce"] not in modes or not c.get("include_self", True):
        raise c.error("this way to reduce is not read", found=c["reduce"], expected=", ".join(modes))
    inputs = [c.tensor("self"), c.tensor("index"), c.tensor("src")]
    return c.give("scatter_along_axis", inputs, axis=c.axis("dim"), mode=modes[c["reduce"]])


@reads("aten.slice_scatter", "aten.select_scatter")
def put(c: Call) -> str:
    """x with a stretch of an axis, or one element of it, replaced: what stands before and behind is joined again."""
    axis, x, source = c.axis("dim"), c.tensor("self"), c.tensor("src")
    start, end, step = c.get("start", 0), c.get("end", OPEN), c.get("step", 1)
    if c.op == "aten.select_scatter":
        start = c["index"]
        source = c.emit("expand_dims", [source], axes=(axis,))
        if not isinstance(start, int):
            raise c.error("a place that is not fixed is not read", found=start)
        end = OPEN if start == -1 else start + 1
    if step != 1 or not isinstance(start, int) or not isinstance(end, int):
        begins, stops, masks = stretch(c, axis, start, end)
        strides = tuple(int(step) if place == axis else 1 for place in range(c.rank("self")))
        return c.give("slice_update", [x, source, begins, stops], strides=strides, **masks)
    parts = [source]
    size = c.sizes("self")[axis]
    if start != 0 and not (isinstance(size, int) and start == -size):
        parts.insert(0, c.emit("slice", [x], starts=(0,), ends=(start,), axes=(axis,)))
    if end < OPEN and not (isinstance(size, int) and end >= size):
        parts.append(c.emit("slice", [x], starts=(end,), ends=(None,), axes=(axis,)))
    return c.give("concat", parts, axis=axis) if len(parts) > 1 else source
