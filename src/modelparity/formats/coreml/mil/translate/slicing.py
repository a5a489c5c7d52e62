"""Parts of tensors: read, and replaced."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..operators import Op, reads

MASKS = ("begin_mask", "end_mask", "squeeze_mask")


@reads("slice_by_index")
def slice_by_index(op: Op) -> None:
    """y = x[begin : end : stride], with masks that leave ends open or take one element"""
    begin, end, attrs = op.known("begin"), op.known("end"), _strides_and_masks(op)
    if begin is None or end is None:
        op.give("slice_by_index", op.inputs("x", "begin", "end"), **attrs)
        return
    rank = op.rank("x")
    strides, *masks = (attrs.get(name) or (default,) * rank for name, default in _DEFAULTS)
    lengths = {begin.size, end.size, len(strides), *map(len, masks)}
    if lengths != {rank} or 0 in strides:
        raise op.error(
            "the slice does not fit", found=f"begin {begin.tolist()}, end {end.tolist()}", expected=rank
        )
    axes: list[int] = []
    parts: list[tuple[int, int | None, int]] = []
    dropped: list[int] = []
    for axis, (start, stop, step, free_start, free_stop, one) in enumerate(
        zip(begin.reshape(-1).tolist(), end.reshape(-1).tolist(), strides, *masks, strict=True)
    ):
        if one:
            at = 0 if free_start else start
            axes, parts, dropped = (
                [*axes, axis],
                [*parts, (at, None if at == -1 else at + 1, 1)],
                [*dropped, axis],
            )
        elif not (free_start and free_stop and step == 1):
            at = (0 if step > 0 else -1) if free_start else start
            axes, parts = [*axes, axis], [*parts, (at, None if free_stop else stop, step)]
    _emit_slice(op, axes, parts, dropped)


def _emit_slice(
    op: Op, axes: list[int], parts: list[tuple[int, int | None, int]], dropped: list[int]
) -> None:
    """The output as a slice along some axes, of which some are dropped."""
    x = op.input("x")
    if not axes:
        op.give("identity", [x])
        return
    starts, ends, steps = (tuple(column) for column in zip(*parts, strict=True))
    attrs: dict[str, Any] = {"starts": starts, "ends": ends, "axes": tuple(axes), "steps": steps}
    if dropped:
        op.give("squeeze", [op.temp("slice", [x], **attrs)], axes=tuple(dropped))
    else:
        op.give("slice", [x], **attrs)


_DEFAULTS = (("strides", 1), *((mask, False) for mask in MASKS))


def _strides_and_masks(op: Op) -> dict[str, Any]:
    """Attributes of the slicing operators, those that are given."""
    attrs: dict[str, Any] = {}
    if op.has("stride"):
        attrs["strides"] = tuple(int(n) for n in np.asarray(op.attr("stride")).reshape(-1))
    for mask in MASKS:
        if op.has(mask):
            attrs[mask] = tuple(bool(b) for b in np.asarray(op.attr(mask)).reshape(-1))
    return attrs


@reads("slice_by_size")
def slice_by_size(op: Op) -> None:
    """y = x[begin : begin + size]; a size of -1 takes all that is left"""
    op.give("slice_by_size", op.inputs("x", "begin", "size"))


@reads("slice_update")
def slice_update(op: Op) -> None:
    """y = x with x[begin : end : stride] replaced by ``update``"""
    inputs = op.inputs("x", "update", "begin", "end")
    op.give("slice_update", inputs, **_strides_and_masks(op))
