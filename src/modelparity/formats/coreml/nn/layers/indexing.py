"""Elements picked, written and cut out by position."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

from ..layer import Op
from ..registry import reads

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


@reads("gather")
def gather(op: Op) -> None:
    """Slices along an axis."""
    op.expects(2)
    indices = op.whole(op.input(1))
    op.give("gather", [op.input(0), indices], axis=op.attr("axis", kind=int))


@reads("gatherAlongAxis")
def gather_along_axis(op: Op) -> None:
    """One element for each index."""
    op.expects(2)
    op.give("gather_along_axis", [op.input(0), op.whole(op.input(1))], axis=op.attr("axis", kind=int))


@reads("gatherND")
def gather_nd(op: Op) -> None:
    """Slices at tuples of indices."""
    op.expects(2)
    op.give("gather_nd", [op.input(0), op.whole(op.input(1))], rank=_depth(op))


def _depth(op: Op) -> int | None:
    """Rank of what tuples pick: known only if the file fixes the tuples."""
    indices = op.known(1)
    if indices is None:
        return None
    return indices.ndim - 1 + op.rank() - int(indices.shape[-1])


@reads("scatter", "scatterAlongAxis", "scatterND")
def scatter(op: Op) -> None:
    """Updates written over a container or combined with what stands there."""
    op.expects(3)
    container, indices, updates = op.inputs()
    attrs: dict[str, Any] = {"mode": op.choice("mode", _BY_MODE)}
    if op.type == "scatterND":
        op.give("scatter_nd", [container, op.whole(indices), updates], **attrs)
        return
    core = "scatter" if op.type == "scatter" else "scatter_along_axis"
    axis = op.attr("axis", kind=int)
    op.give(core, [container, op.whole(indices), updates], axis=axis, **attrs)


@reads("slice")
def slice_classic(op: Op) -> None:
    """Along channel, height or width."""
    op.expects(1)
    axis, step = op.choice("axis", _CLASSIC_AXES), op.attr("stride", kind=int)
    op.at_least(-axis)
    if not 0 < step < 1 << 31:
        raise op.error("stride is not valid", found=step, expected="a positive number")
    start, end = op.attr("startIndex", kind=int), op.attr("endIndex", kind=int)
    op.give("slice", [op.input(0)], starts=(start,), ends=(end,), axes=(axis,), steps=(step,))


@reads("sliceStatic")
def slice_static(op: Op) -> None:
    """Every axis from a begin to an end, or one place of it."""
    op.expects(1)
    rank = op.rank()
    begins, ends, strides = ([int(n) for n in op.attr(name)] for name in ("beginIds", "endIds", "strides"))
    masks = [list(op.attr(name)) or [False] * rank for name in ("beginMasks", "endMasks", "squeezeMasks")]
    _sliced(
        op, rank, op.constant(begins, "begins"), op.constant(ends, "ends"), strides, masks, (begins, ends)
    )


@reads("sliceDynamic")
def slice_dynamic(op: Op) -> None:
    """As the static layer; inputs 2 to 7 may take the place of parameters."""
    op.expects((2, 7))
    rank, given = op.rank(), op.inputs()
    begins = op.whole(given[1])
    strides = _first([int(n) for n in op.attr("strides")], rank, 1)
    masks: list[list[bool]] = []
    if len(given) > 2:
        op.ignore("endIds")
        ends, stated = op.whole(given[2]), []
    else:
        stated = [int(n) for n in op.attr("endIds")]
        ends = op.constant(stated, "ends")
    for place, name in ((4, "beginMasks"), (5, "endMasks"), (6, "squeezeMasks")):
        if len(given) > place:
            op.ignore(name)
        masks.append([] if len(given) > place else _first(list(op.attr(name)), rank, False) or [False] * rank)
    if len(given) > 3:
        op.ignore("strides")
        extra = [op.whole(tensor) for tensor in given[3:]]
        squeezed = sum(masks[2])
        if len(given) > 6:
            values = op.known(6)
            squeezed = -1 if values is None else int((values != 0).sum())
        op.give(
            "slice_dynamic",
            [op.input(0), begins, ends, *extra],
            rank=None if squeezed < 0 else rank - squeezed,
            begin_mask=tuple(masks[0]),
            end_mask=tuple(masks[1]),
            squeeze_mask=tuple(masks[2]),
        )
        return
    _sliced(op, rank, begins, ends, strides, masks, (stated,) if stated else ())


def _first(stated: list[N], rank: int, neutral: N) -> list[N]:
    """Parameters of the axes that there are: coremltools writes five whatever the rank, the rest meaning nothing."""
    return stated[:rank] if all(one == neutral for one in stated[rank:]) else stated


def _sliced(
    op: Op,
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
        raise op.error(
            "one begin, end, stride and mask for each axis is needed", found=sorted(lengths), expected=rank
        )
    begin_mask, end_mask, squeeze_mask = (tuple(bool(bit) for bit in mask) for mask in masks)
    # Where an axis is squeezed its begin alone counts, whatever the masks say.
    begin_mask = tuple(bit and not one for bit, one in zip(begin_mask, squeeze_mask, strict=True))
    y = op.temp(
        "slice_by_index",
        [op.input(0), begins, ends],
        strides=tuple(strides),
        rank=rank - sum(squeeze_mask),
        begin_mask=begin_mask,
        end_mask=end_mask,
        squeeze_mask=squeeze_mask,
    )
    op.results(op.temp("reshape", [y], shape=(1,)) if all(squeeze_mask) else y)


@reads("sliceBySize")
def slice_by_size(op: Op) -> None:
    """So many places along an axis, from where a second input says."""
    op.expects(2)
    rank = op.rank()
    axis, size = op.axis(op.attr("axis", kind=int), rank), op.attr("size", kind=int)
    if size < 1:
        raise op.error("size is not valid", found=size, expected="a positive number")
    begin = op.temp("reshape", [op.whole(op.input(1))], shape=(1,))
    parts = [op.constant([0] * axis, "before"), begin, op.constant([0] * (rank - 1 - axis), "after")]
    used = [part for part, wanted in zip(parts, (axis, 1, rank - 1 - axis), strict=True) if wanted]
    begins = op.temp("concat", used, axis=0) if len(used) > 1 else begin
    sizes = op.constant([size if a == axis else -1 for a in range(rank)], "sizes")
    op.give("slice_by_size", [op.input(0), begins, sizes])
