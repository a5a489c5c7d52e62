"""Cut: windows of a signal, laid in seconds."""

from __future__ import annotations

import math

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.operator import operator
from ..errors import GraphError
from ..graph import Array
from ._sizes import bounded


@operator(plain=True)
def cut(
    ar: Arithmetic,
    x: Array,
    rate: Array,
    *,
    window: float,
    hop: float,
    partial: bool = False,
    grid: int = 0,
) -> tuple[Array, Array]:
    """windows, lengths: windows[i, k] = x[s(i) + k], s(i) = trunc(i hop rate), and zeros from lengths[i] on

    x (time, ...), rate () in samples a second -> windows (window, trunc(window rate), ...), lengths (window) int64.
    Those that begin within floor(time / (hop rate)) hops and lie whole before the end; with ``partial`` all that
    begin before it. With a ``grid`` of so many points a second, windows begin on it, and the end of x is rounded to
    it (of two as near to the even one). Exact.
    Raises `GraphError` unless rate, window and hop are positive.
    Source: definition; checked by a window at a time.
    """
    hertz = float(rate.reshape(-1)[0]) if rate.size == 1 else 0.0
    if not all(0 < one < math.inf for one in (hertz, window, hop)) or grid < 0 or x.ndim < 1:
        raise GraphError(
            "rate, window and hop must be positive", found=f"{rate} a second, {window} s every {hop} s"
        )
    total = len(x)
    size, hops = int(window * hertz), total / (hop * hertz)
    count = math.ceil(hops) if partial else math.floor(hops)
    end = total if not grid else min(total, int(round(total * grid / hertz) * hertz / grid))
    bounded(count)
    starts = np.array([_start(i, hop, hertz, grid) for i in range(count)], np.int64)
    lengths = np.clip(end - starts, 0, size) if partial else np.full(count, size)
    if not partial:
        inside = starts + size <= total
        starts, lengths = starts[inside], lengths[inside]
    bounded(len(starts), size, *x.shape[1:])
    y = np.zeros((len(starts), size, *x.shape[1:]), x.dtype)
    for place, (start, length) in enumerate(zip(starts, lengths, strict=True)):
        y[place, :length] = x[start : start + length]
    return y, lengths.astype(np.int64)


def _start(place: int, hop: float, hertz: float, grid: int) -> int:
    return int(int(place * hop * grid) * hertz / grid) if grid else int(place * hop * hertz)
