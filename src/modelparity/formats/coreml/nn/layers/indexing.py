"""Elements picked, written and cut out by position."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

from ..layer import Layer
from ..registry import layer

N = TypeVar("N", int, bool)

_BY_MODE = {
    "SCATTER_UPDATE": "update",
    "SCATTER_ADD": "add",
    "SCATTER_SUB": "sub",
    "SCATTER_MUL": "mul",
    "SCATTER_DIV": "div",
    "SCATTER_MAX": "max",
    "SCATTER_MIN": "min",
}
_CLASSIC_AXES = {"CHANNEL_AXIS": -3, "HEIGHT_AXIS": -2, "WIDTH_AXIS": -1}


@layer("gather")
def gather(layer: Layer) -> None:
    """Slices along an axis."""
    layer.count(2)
    ranks = [layer.scope.rank(tensor) for tensor in layer.inputs]
    rank = None if None in ranks else sum(r for r in ranks if r is not None) - 1
    indices = layer.whole(layer.inputs[1])
    layer.give(layer.emit("gather", layer.x, indices, axis=int(layer.p.axis), rank=rank))


@layer("gatherAlongAxis")
def gather_along_axis(layer: Layer) -> None:
    """One element for each index."""
    layer.count(2)
    layer.give(layer.emit("gather_along_axis", layer.x, layer.whole(layer.inputs[1]), axis=int(layer.p.axis)))


@layer("gatherND")
def gather_nd(layer: Layer) -> None:
    """Slices at tuples of indices."""
    layer.count(2)
    layer.give(layer.emit("gather_nd", layer.x, layer.whole(layer.inputs[1]), rank=_depth(layer)))


def _depth(layer: Layer) -> int | None:
    """Rank of what tuples pick: known only if the file fixes the tuples."""
    indices = layer.known(layer.inputs[1])
    if indices is None:
        return None
    return indices.ndim - 1 + layer.rank() - int(indices.shape[-1])


@layer("scatter", "scatterAlongAxis", "scatterND")
def scatter(layer: Layer) -> None:
    """Updates written over a container or combined with what stands there."""
    layer.count(3)
    container, indices, updates = layer.inputs
    attrs: dict[str, Any] = {"mode": _BY_MODE[layer.p.choice("mode")]}
    if layer.kind == "scatterND":
        layer.give(layer.emit("scatter_nd", container, layer.whole(indices), updates, **attrs))
        return
    op = "scatter" if layer.kind == "scatter" else "scatter_along_axis"
    axis = int(layer.p.axis)
    layer.give(layer.emit(op, container, layer.whole(indices), updates, axis=axis, **attrs))


@layer("slice")
def slice_classic(layer: Layer) -> None:
    """Along channel, height or width."""
    layer.count(1)
    p = layer.p
    axis, step = _CLASSIC_AXES[p.choice("axis")], int(p.stride)
    layer.at_least(-axis)
    if not 0 < step < 1 << 31:
        raise layer.error("stride cannot be", found=step, expected="a positive number")
    start, end = int(p.startIndex), int(p.endIndex)
    layer.give(layer.emit("slice", layer.x, starts=(start,), ends=(end,), axes=(axis,), steps=(step,)))


@layer("sliceStatic")
def slice_static(layer: Layer) -> None:
    """Every axis from a begin to an end, or one place of it."""
    layer.count(1)
    p, rank = layer.p, layer.rank()
    begins, ends, strides = ([int(n) for n in getattr(p, name)] for name in ("beginIds", "endIds", "strides"))
    masks = [list(getattr(p, name)) or [False] * rank for name in ("beginMasks", "endMasks", "squeezeMasks")]
    _sliced(
        layer, rank, layer.const(begins, "begins"), layer.const(ends, "ends"), strides, masks, (begins, ends)
    )


@layer("sliceDynamic")
def slice_dynamic(layer: Layer) -> None:
    """As the static layer; inputs 2 to 7 may take the place of parameters."""
    layer.count((2, 7))
    p, rank, given = layer.p, layer.rank(), layer.inputs
    begins = layer.whole(given[1])
    strides = _first([int(n) for n in p.strides], rank, 1)
    masks: list[list[bool]] = []
    if len(given) > 2:
        p.ignore("endIds")
        ends, stated = layer.whole(given[2]), []
    else:
        stated = [int(n) for n in p.endIds]
        ends = layer.const(stated, "ends")
    for place, name in ((4, "beginMasks"), (5, "endMasks"), (6, "squeezeMasks")):
        if len(given) > place:
            p.ignore(name)
        masks.append(
            [] if len(given) > place else _first(list(getattr(p, name)), rank, False) or [False] * rank
        )
    if len(given) > 3:
        p.ignore("strides")
        extra = [layer.whole(tensor) for tensor in given[3:]]
        squeezed = sum(masks[2])
        if len(given) > 6:
            values = layer.known(given[6])
            squeezed = -1 if values is None else int((values != 0).sum())
        layer.give(
            layer.emit(
                "slice_dynamic",
                layer.x,
                begins,
                ends,
                *extra,
                rank=None if squeezed < 0 else rank - squeezed,
                begin_mask=tuple(masks[0]),
                end_mask=tuple(masks[1]),
                squeeze_mask=tuple(masks[2]),
            )
        )
        return
    _sliced(layer, rank, begins, ends, strides, masks, (stated,) if stated else ())


def _first(stated: list[N], rank: int, neutral: N) -> list[N]:
    """Parameters of the axes that there are: coremltools writes five whatever the rank, the rest meaning nothing."""
    return stated[:rank] if all(one == neutral for one in stated[rank:]) else stated


def _sliced(
    layer: Layer,
    rank: int,
    begins: str,
    ends: str,
    strides: list[int],
    masks: list[list[bool]],
    stated: tuple[list[int], ...],
) -> None:
    parts: list[Sequence[object]] = [strides, *masks, *stated]
    lengths = {len(part) for part in parts}
    if lengths != {rank} or 0 in strides:
        raise layer.error(
            "one begin, end, stride and mask for each axis is needed", found=sorted(lengths), expected=rank
        )
    begin_mask, end_mask, squeeze_mask = (tuple(bool(bit) for bit in mask) for mask in masks)
    # Where an axis is squeezed its begin alone counts, whatever the masks say.
    begin_mask = tuple(bit and not one for bit, one in zip(begin_mask, squeeze_mask, strict=True))
    y = layer.emit(
        "slice_by_index",
        layer.x,
        begins,
        ends,
        strides=tuple(strides),
        rank=rank - sum(squeeze_mask),
        begin_mask=begin_mask,
        end_mask=end_mask,
        squeeze_mask=squeeze_mask,
    )
    layer.give(layer.emit("reshape", y, shape=(1,), rank=1) if all(squeeze_mask) else y)


@layer("sliceBySize")
def slice_by_size(layer: Layer) -> None:
    """So many places along an axis, from where a second input says."""
    layer.count(2)
    p, rank = layer.p, layer.rank()
    axis, size = layer.axis(int(p.axis), rank), int(p.size)
    if size < 1:
        raise layer.error("size cannot be", found=size, expected="a positive number")
    begin = layer.emit("reshape", layer.whole(layer.inputs[1]), shape=(1,), rank=1)
    parts = [layer.const([0] * axis, "before"), begin, layer.const([0] * (rank - 1 - axis), "after")]
    used = [part for part, wanted in zip(parts, (axis, 1, rank - 1 - axis), strict=True) if wanted]
    begins = layer.emit("concat", *used, axis=0) if len(used) > 1 else begin
    sizes = layer.const([size if a == axis else -1 for a in range(rank)], "sizes")
    layer.give(layer.emit("slice_by_size", layer.x, begins, sizes))
