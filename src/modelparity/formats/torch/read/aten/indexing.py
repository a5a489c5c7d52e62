"""Elements picked or put by index."""

from __future__ import annotations

from typing import Any

import torch
from torch import fx

from ..aten_call import Op, reads
from ..nodes import value_of
from .casting import converted
from .joining import OPEN, stretch


@reads("aten.embedding")
def embedding(op: Op) -> None:
    """Rows of a table."""
    op.give("embedding", [op.input("indices"), op.input("weight")])


@reads("aten.index_select")
def index_select(op: Op) -> None:
    """Slices of one axis."""
    op.give("gather", [op.input("self"), op.input("index")], axis=op.axis("dim"))


@reads("aten.gather")
def gather(op: Op) -> None:
    """One element along an axis for each index."""
    op.give("gather_along_axis", [op.input("self"), op.input("index")], axis=op.axis("dim"))


@reads("aten.index", "aten._unsafe_index")
def index(op: Op) -> None:
    """x[i, :, j]: indices broadcast against each other; their axes stand where the first stood, or in front."""
    indices = list(op.attr("indices"))
    axes = [axis for axis, one in enumerate(indices) if one is not None]
    used = [indices[axis] for axis in axes]
    x, rank = op.input("self"), op.rank("self")
    if any(value_of(one).dtype is torch.bool for one in used):
        if len(used) != 1 or axes != [0]:
            raise op.error("masks among other indices are not read")
        # What a mask over the first axes keeps only shows when the graph runs.
        op.give("gather_nd", [x, op.temp("non_zero", [op.tensor(used[0])])])
        return
    if len(axes) == 1:
        op.give("gather", [x, op.tensor(used[0])], axis=axes[0])
        return
    places, depth = _places(op, used)
    rest = [axis for axis in range(rank) if axis not in axes]
    if axes != list(range(len(axes))):
        x = op.temp("transpose", [x], axes=(*axes, *rest))
    together = axes == list(range(axes[0], axes[0] + len(axes)))
    ahead = axes[0] if together else 0
    if not ahead:
        op.give("gather_nd", [x, places])
        return
    y = op.temp("gather_nd", [x, places])
    order = [*range(depth, depth + ahead), *range(depth), *range(depth + ahead, depth + len(rest))]
    op.give("transpose", [y], axes=tuple(order))


def _places(op: Op, used: list[Any]) -> tuple[str, int]:
    """Indices as tuples: (..., one a picked axis), and how many axes they add."""
    depth = max(value_of(one).dim() for one in used)
    names = [op.tensor(one) for one in used]
    total = names[0]
    for name in names[1:]:
        total = op.temp("add", [total, name])  # of the shape that all broadcast to
    spread = [op.temp("broadcast_to", [name, total]) for name in names] if len(names) > 1 else names
    return op.temp("stack", spread, axis=depth), depth


@reads("aten.index_put", "aten._unsafe_index_put")
def index_put(op: Op) -> None:
    """x with values put at, or added to, what `index` picks."""
    indices = list(op.attr("indices"))
    axes = [axis for axis, one in enumerate(indices) if one is not None]
    used = [indices[axis] for axis in axes]
    rest = [axis for axis in range(op.rank("self")) if axis not in axes]
    x, (values,) = op.input("self"), [converted(op, op.attr("values"), op.result.dtype)]
    mode = "add" if op.attr("accumulate", False) else "update"
    if value_of(used[0]).dtype is torch.bool:
        if axes != [0] or op.attr("accumulate", False) or value_of(op.attr("values")).numel() != 1:
            raise op.error("values put through a mask are read if there is one of them")
        mask = op.tensor(used[0])
        beside = op.rank("self") - value_of(used[0]).dim()
        if beside:
            mask = op.temp("expand_dims", [mask], axes=tuple(range(-beside, 0)))
        op.give("select", [mask, values, x])
        return
    places, depth = _places(op, used)
    front = (*axes, *rest)
    if axes != list(range(len(axes))):
        x = op.temp("transpose", [x], axes=front)
        together = axes == list(range(axes[0], axes[0] + len(axes)))
        if together and value_of(op.attr("values")).dim() == depth + len(rest):
            # What `index` would give has the indices' axes where the indexed ones stood: here they come first.
            ahead = axes[0]
            order = (*range(ahead, ahead + depth), *range(ahead), *range(ahead + depth, depth + len(rest)))
            values = op.temp("transpose", [values], axes=order)
        elif together and value_of(op.attr("values")).dim() > 0:
            raise op.error("values that broadcast over axes in front of the indexed ones are not read")
    values = op.temp("broadcast_to", [values, op.temp("gather_nd", [x, places])])
    y = op.temp("scatter_nd", [x, places, values], mode=mode)
    if front == tuple(range(len(front))):
        op.results(y)
        return
    op.give("transpose", [y], axes=tuple(front.index(axis) for axis in range(len(front))))


@reads("aten.scatter", "aten.scatter_add")
def scatter(op: Op) -> None:
    """x with elements put along an axis, or added; a number is put everywhere."""
    x, at = op.input("self"), op.input("index")
    source = op.attr("src", op.attr("value", None))
    updates = converted(op, source, op.result.dtype)
    if not isinstance(source, fx.Node) or value_of(source).dim() == 0:
        updates = op.temp("broadcast_to", [updates, at])
    elif list(value_of(source).shape) != op.shape("index"):
        raise op.error("more values than indices are not read", found=list(value_of(source).shape))
    mode = "add" if "add" in op.type or op.attr("reduce", None) == "add" else "update"
    op.give("scatter_along_axis", [x, at, updates], axis=op.axis("dim"), mode=mode)


@reads("aten.scatter_reduce")
def scatter_reduce(op: Op) -> None:
    """x with elements joined to it along an axis."""
    modes = {"sum": "add", "prod": "mul", "amax": "max", "amin": "min"}
    if op.attr("reduce") not in modes or not op.attr("include_self", True):
        raise op.error("this way to reduce is not read", found=op.attr("reduce"), expected=", ".join(modes))
    inputs = [op.input("self"), op.input("index"), op.input("src")]
    op.give("scatter_along_axis", inputs, axis=op.axis("dim"), mode=modes[op.attr("reduce")])


@reads("aten.slice_scatter", "aten.select_scatter")
def put(op: Op) -> None:
    """x with a stretch of an axis, or one element of it, replaced: what stands before and behind is joined again."""
    axis, x, source = op.axis("dim"), op.input("self"), op.input("src")
    start, end, step = op.attr("start", 0), op.attr("end", OPEN), op.attr("step", 1)
    if op.type == "aten.select_scatter":
        start = op.attr("index")
        source = op.temp("expand_dims", [source], axes=(axis,))
        if not isinstance(start, int):
            raise op.error("a place that is not fixed is not read", found=start)
        end = OPEN if start == -1 else start + 1
    if step != 1 or not isinstance(start, int) or not isinstance(end, int):
        begins, stops, masks = stretch(op, axis, start, end)
        strides = tuple(int(step) if place == axis else 1 for place in range(op.rank("self")))
        op.give("slice_update", [x, source, begins, stops], strides=strides, **masks)
        return
    parts = [source]
    size = op.shape("self")[axis]
    if start != 0 and not (isinstance(size, int) and start == -size):
        parts.insert(0, op.temp("slice", [x], starts=(0,), ends=(start,), axes=(axis,)))
    if end < OPEN and not (isinstance(size, int) and end >= size):
        parts.append(op.temp("slice", [x], starts=(end,), ends=(None,), axes=(axis,)))
    if len(parts) > 1:
        op.give("concat", parts, axis=axis)
    else:
        op.results(source)
