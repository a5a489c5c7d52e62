"""Layers that move values, pad them, or average over axes."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ....errors import ArtefactError
from ..builder import Builder, Extent
from ..layer_attributes import View, whole
from ..layer_registry import axis_within, reads


@reads("StrideLayer")
def stride(builder: Builder, name: str, view: View) -> None:
    """Sliding blocks of frames, hop 1, each flattened in (time, frequency, channel) order. Not a flatten."""
    block = view.integer("block_size")
    if block < 1 or builder.rank < 1:
        raise ArtefactError("a block needs at least one frame", where=f"{view.where}.block_size", found=block)
    sizes = [extent.known for extent in builder.axes[1:]]
    rest = None if None in sizes else math.prod(size for size in sizes if size is not None) * block
    axes = (builder.axes[0].then(lambda n: n - block + 1), Extent(rest))
    builder.node(f"{name}_windows", "windows", view.where, axes, size=block, hop=1)


@reads("PadLayer")
def pad(builder: Builder, name: str, view: View) -> None:
    """The same value on both ends of the named axes, and only of those."""
    width, value = view.integer("width"), view.array("value") if view.has("value") else np.float32(0)
    axes = [axis_within(axis, builder.rank, f"{view.where}.axes") for axis in view.integers("axes")]
    if width < 1 or np.ndim(value) or len(set(axes)) < len(axes):
        raise ArtefactError("padding does not fit", where=view.where, found=f"width {width}, axes {axes}")
    ends = tuple(width if axis in axes else 0 for axis in range(builder.rank))
    longer = tuple(
        extent.longer(2 * n) if n else extent for extent, n in zip(builder.axes, ends, strict=True)
    )
    builder.node(
        f"{name}_pad", "pad", view.where, longer, before=ends, after=ends, value=float(value), mode="constant"
    )


@reads("AverageLayer")
def average(builder: Builder, name: str, view: View) -> None:
    """The mean over some axes, or over all."""
    axis, keep = view.get("axis", None), bool(view.get("keepdims", False))
    if view.get("dtype", None) is not None:
        raise ArtefactError("an average in a type of its own is not known here", where=f"{view.where}.dtype")
    wanted: Any = range(builder.rank) if axis is None else axis if isinstance(axis, tuple) else (axis,)
    where = f"{view.where}.axis"
    axes = tuple(sorted(axis_within(whole(one, where), builder.rank, where) for one in wanted))
    if len(set(axes)) < len(axes):
        raise ArtefactError("an axis is named twice", where=where, found=axes)
    left = tuple(
        Extent(1) if place in axes else extent
        for place, extent in enumerate(builder.axes)
        if keep or place not in axes
    )
    builder.node(f"{name}_mean", "reduce_mean", view.where, left, axes=axes, keepdims=keep)


@reads("TransposeLayer")
def transpose(builder: Builder, name: str, view: View) -> None:
    """Axes in another order, by default reversed."""
    where = f"{view.where}.axes"
    given = view.integers("axes") if view.has("axes") else tuple(reversed(range(builder.rank)))
    axes = tuple(axis_within(axis, builder.rank, where) for axis in given)
    if sorted(axes) != list(range(builder.rank)):
        raise ArtefactError(
            "not an order of all axes", where=where, found=given, expected=f"{builder.rank} axes"
        )
    builder.node(
        f"{name}_transpose", "transpose", view.where, tuple(builder.axes[axis] for axis in axes), axes=axes
    )


@reads("ReshapeLayer")
def reshape(builder: Builder, name: str, view: View) -> None:
    """Another shape, elements in C order or in Fortran order."""
    given, order = view.get("newshape"), view.get("order", "C")
    shape = view.integers("newshape") if isinstance(given, tuple | list) else (view.integer("newshape"),)
    if order not in ("C", "F") or shape.count(-1) > 1 or any(n < 1 and n != -1 for n in shape):
        raise ArtefactError(
            "no such shape", where=view.where, found=f"{shape}, order {order!r}", expected="C or F"
        )
    backwards = order == "F"
    if backwards:  # Fortran order is C order with all axes reversed, before and after
        _turn(builder, f"{name}_before", view)
    wanted = shape[::-1] if backwards else shape
    sizes = [extent.known for extent in builder.axes]
    total = None if None in sizes else math.prod(size for size in sizes if size is not None)
    fixed = math.prod(n for n in wanted if n != -1)
    if total is not None and (total % fixed or (-1 not in wanted and total != fixed)):
        raise ArtefactError(
            "the elements do not fit the shape", where=view.where, found=total, expected=shape
        )
    axes = tuple(Extent(n if n != -1 else total // fixed if total is not None else None) for n in wanted)
    builder.node(f"{name}_reshape", "reshape", view.where, axes, shape=wanted)
    if backwards:
        _turn(builder, f"{name}_after", view)


def _turn(builder: Builder, name: str, view: View) -> None:
    axes = tuple(reversed(range(builder.rank)))
    builder.node(name, "transpose", view.where, builder.axes[::-1], axes=axes)
