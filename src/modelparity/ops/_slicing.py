"""Slices whose ends are arrays, with masks that leave an end open or drop an axis."""

from __future__ import annotations

from collections.abc import Sequence

from ..errors import GraphError
from ..graph import Array

Mask = Sequence[bool] | None


def slices(
    x: Array,
    begin: Array,
    end: Array | None,
    strides: Sequence[int] | None,
    begin_mask: Mask,
    end_mask: Mask,
    squeeze_mask: Mask,
) -> tuple[tuple[slice, ...], tuple[int, ...]]:
    """What to take along each axis, and the axes that are dropped afterwards.

    x (...) of rank r, begin and end (r) integers. A set bit of ``begin_mask`` or ``end_mask`` leaves that end
    open; one of ``squeeze_mask`` takes the one element at ``begin``. `GraphError` if lengths differ or an element
    to take is not there.
    """
    starts = [int(n) for n in begin.reshape(-1)]
    stops = [int(n) for n in end.reshape(-1)] if end is not None else starts
    steps = list(strides) if strides is not None else [1] * x.ndim
    masks = [list(m) if m is not None else [False] * x.ndim for m in (begin_mask, end_mask, squeeze_mask)]
    lengths = {len(starts), len(stops), len(steps), *map(len, masks)}
    if lengths != {x.ndim} or 0 in steps:
        raise GraphError(
            "the slice does not fit",
            found=f"begin {starts}, end {stops}, strides {steps}",
            expected=f"{x.ndim} of each, strides not 0",
        )
    taken: list[slice] = []
    for n, start, stop, step, open_start, open_stop, one in zip(
        x.shape, starts, stops, steps, *masks, strict=True
    ):
        if one:
            at = 0 if open_start else start
            if not -n <= at < n:
                raise GraphError(f"index {at} is out of range", expected=f"{-n} to {n - 1}")
            taken.append(slice(at % n, at % n + 1))
        else:
            taken.append(slice(None if open_start else start, None if open_stop else stop, step))
    return tuple(taken), tuple(axis for axis, one in enumerate(masks[2]) if one)
