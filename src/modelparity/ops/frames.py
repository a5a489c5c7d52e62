"""Frames: overlapping stretches of an axis, at a hop that need not be whole, with what lies outside filled."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from ..engine.arithmetic import Arithmetic
from ..engine.facts import Facts, Range, Ranges, Shape, union
from ..engine.operator import Step, first_only, operator
from ..errors import GraphError
from ..graph import Array
from ._sizes import bounded

OUTSIDE = {"zeros": "constant", "reflect": "reflect", "edge": "edge"}
COUNTED = ("within", "to-end", "whole")


def _streaming(time: int, shape: Shape, attrs: Mapping[str, Any]) -> Step | str:
    size, hop, before = attrs["size"], attrs["hop"], attrs.get("before", 0)
    if time != 0:
        return "its time axis is not the first"
    if hop != int(hop):
        return "its hop is not a whole number, so frames do not come at even distances"
    if before < 0 or (before and attrs.get("outside", "zeros") != "zeros"):
        return "what stands before its first frame comes later"
    counted = attrs.get("counted", "within")
    if counted != "whole" and not (counted == "within" and before == size - 1):
        return "its last frames reach beyond the end, so they need to know where the sequence ends"
    return Step(0, extent=size, hop=int(hop), before=before, attrs={"before": 0, "counted": "whole"})


def _range(given: Ranges, attrs: Mapping[str, Any]) -> Range | None:
    return union([given["x"], Range(0, 0, quiet=True)]) if attrs["outside"] == "zeros" else given["x"]


def _number(length: int, size: int, hop: float, before: int, counted: str) -> int:
    if counted == "within":
        return math.ceil(length / hop)
    if counted == "to-end":
        return math.floor(length / hop) + 1
    return math.floor((length + before - size) / hop) + 1 if length + before >= size else 0


@operator(first_only(_streaming), facts=Facts(rank=lambda ranks, attrs: ranks["x"] + 1, range=_range))
def frames(
    ar: Arithmetic,
    x: Array,
    count: Array | None = None,
    *,
    size: int,
    hop: float,
    before: int = 0,
    outside: str = "zeros",
    counted: str = "within",
) -> Array:
    """y[t, k] = x[floor(t hop) - before + k], and outside of x: 0, its mirror image ("reflect"), or its edge

    x (time, ...), count () integer -> y (frame, size, ...). There are ``count`` frames if given; else those with
    t hop "within" the axis, ceil(time / hop); or with t hop up "to-end", floor(time / hop) + 1; or of which the
    "whole" lies before the end. t hop is computed in float64. A view where the hop is a whole number. Exact.
    Raises `GraphError` for a size or hop that is not positive, an unknown setting, or an axis without elements that
    is to be continued by its own.
    Source: madmom 0.16.1, FramedSignal; checked by definition, a frame at a time.
    """
    if size < 1 or not 0 < hop < math.inf:
        raise GraphError("size and hop must be positive", found=f"size {size}, hop {hop}")
    if outside not in OUTSIDE or counted not in COUNTED:
        raise GraphError(
            "unknown setting", found=f"{outside}, {counted}", expected=", ".join((*OUTSIDE, *COUNTED))
        )
    if x.ndim < 2:
        raise GraphError("there is no time axis", found=x.shape[1:])
    lanes, length = x.shape[:2]
    number = (
        max(0, _number(length, size, hop, before, counted)) if count is None else int(count.reshape(-1)[0])
    )
    bounded(number, size, *x.shape[2:])
    if not number:
        return np.zeros((lanes, 0, size, *x.shape[2:]), x.dtype)
    starts = np.floor(np.arange(number) * np.float64(hop)).astype(np.int64) - before
    if lanes > 1 and np.array_equal(np.broadcast_to(x[:1], x.shape), x):
        x = x[:1]  # nothing was computed yet: what follows may compute it once
    y = _cut(_continued(x, int(starts[0]), int(starts[-1]) + size, outside), starts, size, hop)
    return np.broadcast_to(y, (lanes, *y.shape[1:]))


def _continued(x: Array, start: int, end: int, outside: str) -> Array:
    """x from ``start`` to ``end``, which may lie before and behind it."""
    length = x.shape[1]
    inside = x[:, min(max(start, 0), length) : max(min(end, length), 0)]
    left, right = max(0, min(-start, end - start)), max(0, min(end - length, end - start))
    if left + inside.shape[1] + right != end - start:  # wholly on one side of x
        inside = x[:, :0]
        left, right = (end - start, 0) if end <= 0 else (0, end - start)
    if not left and not right:
        return inside
    if outside == "zeros":
        bounded(end - start, *x.shape[2:])
        y = np.zeros((len(x), end - start, *x.shape[2:]), x.dtype)
        y[:, left : left + inside.shape[1]] = inside
        return y
    if not length:
        raise GraphError("nothing is there to be continued", found=x.shape[1:])
    at = np.arange(start, end)
    if outside == "edge":
        return x[:, np.clip(at, 0, length - 1)]
    turn = max(1, 2 * (length - 1))
    at %= turn
    return x[:, np.minimum(at, turn - at) if length > 1 else np.zeros_like(at)]


def _cut(x: Array, starts: Array, size: int, hop: float) -> Array:
    """(lane, frame, size, ...) out of x, whose first element is where the first frame starts."""
    views = sliding_window_view(x, size, axis=1)  # (lane, place, ..., size)
    whole = views[:, :: int(hop)] if hop == int(hop) else views[:, starts - starts[0]]
    return np.moveaxis(whole, -1, 2)
