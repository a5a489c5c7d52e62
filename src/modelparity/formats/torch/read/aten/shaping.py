"""The same elements in another shape or order."""

from __future__ import annotations

import operator
from typing import Any

import torch
from torch import fx

from ..aten_call import Op, reads
from ..nodes import value_of


def same_size(one: Any, other: Any) -> bool:
    """Whether two sizes, numbers or symbols, are known to be equal."""
    one, other = (size.node.expr if isinstance(size, torch.SymInt) else size for size in (one, other))
    return bool(one == other)


@reads("aten.view", "aten.reshape", "aten._unsafe_view", "aten.flatten", "aten.unflatten")
def view(op: Op) -> None:
    """Free sizes are copied where they stand, or left to be found; more of them are computed."""
    old, new = op.shape("self"), list(op.result.shape)
    if len(old) == len(new) and all(map(same_size, old, new)):
        op.results(op.input("self"))
        return
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
        op.give("reshape", [op.input("self")], shape=tuple(shape))
        return
    op.give(
        "reshape_to", [op.input("self"), op.shape_tensor(op.attr("size" if "size" in op.args else "shape"))]
    )


@reads("aten.permute")
def permute(op: Op) -> None:
    """Axes in another order."""
    rank = op.rank("self")
    op.give("transpose", [op.input("self")], axes=tuple(int(one) % rank for one in op.attr("dims")))


@reads("aten.transpose", "aten.t")
def transpose(op: Op) -> None:
    """Two axes changed places."""
    axes = list(range(op.rank("self")))
    one, other = (op.axis("dim0"), op.axis("dim1")) if "dim0" in op.args else (0, len(axes) - 1)
    axes[one], axes[other] = axes[other], axes[one]
    op.give("transpose", [op.input("self")], axes=tuple(axes))


@reads("aten.expand", "aten.broadcast_to")
def expand(op: Op) -> None:
    """Axes of size one repeated."""
    old, new = op.shape("self"), list(op.result.shape)
    if len(old) == len(new) and all(map(same_size, old, new)):
        op.results(op.input("self"))
        return
    if all(isinstance(size, int) for size in new):
        op.give("broadcast_to", [op.input("self")], shape=tuple(new))
        return
    ahead = len(new) - len(old)
    wanted = [1 if one == -1 and isinstance(new[at], int) else one for at, one in enumerate(op.attr("size"))]
    # -1 keeps a size of the input: a 1 broadcasts against it, from whichever side.
    sizes = [
        one if isinstance(one, fx.Node) or one != -1 else _size_at(op, at - ahead)
        for at, one in enumerate(wanted)
    ]
    sizes = [new[at] if isinstance(new[at], int) else one for at, one in enumerate(sizes)]
    parts = [one if isinstance(one, str) else op.values.size(one) for one in sizes]
    op.give("broadcast_to", [op.input("self"), op.temp("stack", parts, axis=0)], values=True)


def _size_at(op: Op, axis: int) -> str:
    return op.temp("gather", [op.values.shape(op.input("self")), op.values.size(axis)], axis=0)


@reads("aten.squeeze")
def squeeze(op: Op) -> None:
    """Axes of size one dropped: those of ``dim`` that are so, or all."""
    sizes = op.shape("self")
    asked = op.axes("dim") if "dim" in op.args else range(len(sizes))
    axes = tuple(axis for axis in asked if isinstance(sizes[axis], int) and sizes[axis] == 1)
    if axes:
        op.give("squeeze", [op.input("self")], axes=axes)
    else:
        op.results(op.input("self"))


@reads("aten.unsqueeze")
def unsqueeze(op: Op) -> None:
    """A new axis of size one."""
    axis = op.attr("dim", kind=int) % (op.rank("self") + 1)
    op.give("expand_dims", [op.input("self")], axes=(axis,))


@reads("aten.as_strided")
def as_strided(op: Op) -> None:
    """Only what a reshape of memory in order amounts to."""
    value = value_of(op.attr("self"))
    sizes, strides = list(op.attr("size")), list(op.attr("stride"))
    expected, step = [], 1
    for size in reversed(sizes):
        expected.append(step)
        step = operator.mul(step, size) if isinstance(size, int) else 0
    plain = (
        strides == expected[::-1]
        and not op.attr("storage_offset", None)
        and all(isinstance(s, int) for s in sizes)
    )
    if not plain or not value.is_contiguous() or step != value.numel():
        raise op.error("memory read at strides of its own is not read", found=f"{sizes} by {strides}")
    op.give("reshape", [op.input("self")], shape=tuple(sizes))
