"""The same elements in another shape or order."""

from __future__ import annotations

import operator
from typing import Any

import torch
from torch import fx

from ..call import Call, reads, value_of


def same_size(one: Any, other: Any) -> bool:
    """Whether two sizes, numbers or symbols, are known to be equal."""
    one, other = (size.node.expr if isinstance(size, torch.SymInt) else size for size in (one, other))
    return bool(one == other)


@reads("aten.view", "aten.reshape", "aten._unsafe_view", "aten.flatten", "aten.unflatten")
def view(c: Call) -> str:
    """Free sizes are copied where they stand, or left to be found; more of them are computed."""
    old, new = c.sizes("self"), list(c.result.shape)
    if len(old) == len(new) and all(map(same_size, old, new)):
        return c.tensor("self")
    shape: list[int] = []
    open_ = 0
    for place, size in enumerate(new):
        if isinstance(size, int):
            shape.append(size)
        elif place < len(old) and same_size(size, old[place]):
            shape.append(0)
        else:
            shape.append(-1)
            open_ += 1
    if open_ <= 1 and not any(size == 0 for size in new if isinstance(size, int)):
        return c.give("reshape", [c.tensor("self")], shape=tuple(shape))
    return c.give(
        "reshape_to", [c.tensor("self"), c.shape_tensor(c["size" if "size" in c.args else "shape"])]
    )


@reads("aten.permute")
def permute(c: Call) -> str:
    """Axes in another order."""
    rank = c.rank("self")
    return c.give("transpose", [c.tensor("self")], axes=tuple(int(one) % rank for one in c["dims"]))


@reads("aten.transpose", "aten.t")
def transpose(c: Call) -> str:
    """Two axes changed places."""
    axes = list(range(c.rank("self")))
    one, other = (c.axis("dim0"), c.axis("dim1")) if "dim0" in c.args else (0, len(axes) - 1)
    axes[one], axes[other] = axes[other], axes[one]
    return c.give("transpose", [c.tensor("self")], axes=tuple(axes))


@reads("aten.expand", "aten.broadcast_to")
def expand(c: Call) -> str:
    """Axes of size one repeated."""
    old, new = c.sizes("self"), list(c.result.shape)
    if len(old) == len(new) and all(map(same_size, old, new)):
        return c.tensor("self")
    if all(isinstance(size, int) for size in new):
        return c.give("broadcast_to", [c.tensor("self")], shape=tuple(new))
    ahead = len(new) - len(old)
    wanted = [1 if one == -1 and isinstance(new[at], int) else one for at, one in enumerate(c["size"])]
    # -1 keeps a size of the input: a 1 broadcasts against it, from whichever side.
    sizes = [
        one if isinstance(one, fx.Node) or one != -1 else _size_at(c, at - ahead)
        for at, one in enumerate(wanted)
    ]
    sizes = [new[at] if isinstance(new[at], int) else one for at, one in enumerate(sizes)]
    parts = [one if isinstance(one, str) else c.reading.size(one) for one in sizes]
    return c.give("broadcast_to", [c.tensor("self"), c.emit("stack", parts, axis=0)], values=True)


def _size_at(c: Call, axis: int) -> str:
    return c.emit("gather", [c.reading.shape(c.tensor("self")), c.reading.size(axis)], axis=0)


@reads("aten.squeeze")
def squeeze(c: Call) -> str:
    """Axes of size one dropped: those of ``dim`` that are so, or all."""
    sizes = c.sizes("self")
    asked = c.axes("dim") if "dim" in c.args else range(len(sizes))
    axes = tuple(axis for axis in asked if isinstance(sizes[axis], int) and sizes[axis] == 1)
    return c.give("squeeze", [c.tensor("self")], axes=axes) if axes else c.tensor("self")


@reads("aten.unsqueeze")
def unsqueeze(c: Call) -> str:
    """A new axis of size one."""
    axis = int(c["dim"]) % (c.rank("self") + 1)
    return c.give("expand_dims", [c.tensor("self")], axes=(axis,))


@reads("aten.as_strided")
def as_strided(c: Call) -> str:
    """Only what a reshape of memory in order amounts to."""
    value = value_of(c["self"])
    sizes, strides = list(c["size"]), list(c["stride"])
    expected, step = [], 1
    for size in reversed(sizes):
        expected.append(step)
        step = operator.mul(step, size) if isinstance(size, int) else 0
    plain = (
        strides == expected[::-1] and not c.get("storage_offset") and all(isinstance(s, int) for s in sizes)
    )
    if not plain or not value.is_contiguous() or step != value.numel():
        raise c.error("memory read at strides of its own is not read", found=f"{sizes} by {strides}")
    return c.give("reshape", [c.tensor("self")], shape=tuple(sizes))
