"""What the departures around an element tell about its own: a few runs are few samples, its neighbours are more.

They may tell that the runs were mild at an element, but no more: what few runs can hide is bounded (`hidden`), and
what lies beyond that is another element's chaos. So a token of padding, which is anything at all, does not excuse
the tokens beside it, wherever batch and time stand.
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np

from ..graph import Array

#: Rows before and after one that tell about its spread.
NEAR = 4
#: A column with fewer departures does not know its own spread; it counts as no quieter than the average.
ENOUGH = 64
#: How seldom runs may all have been milder than `hidden` allows: once in so many elements, all alike.
ONCE = 1e-6


@lru_cache
def hidden(runs: int) -> float:
    """By what factor the root mean square of so many normal deviates is too small, once in a million times.

    Their sum of squares is distributed as chi-square with so many degrees of freedom: the incomplete gamma function
    of half of both, whose series (Abramowitz and Stegun 6.5.29) is summed and inverted by bisection here, since
    scipy.stats takes as long to import as a verdict takes.
    """
    low, high = 0.0, runs / 2
    while low < (middle := (low + high) / 2) < high:
        low, high = (middle, high) if _gamma(runs / 2, middle) < ONCE else (low, middle)
    return math.sqrt(runs / (2 * high))


def _gamma(a: float, x: float) -> float:
    """The regularised lower incomplete gamma function P(a, x), for x <= a."""
    term = total = 1.0
    n = a
    while term > 1e-17 * total:
        n += 1
        term *= x / n
        total += term
    return math.exp(a * math.log(x) - x - math.lgamma(a + 1)) * total


def pooled(seen: Array, truth: Array, *, spreading: Array | None = None, few_bits: bool = False) -> Array:
    """Departures (lane, ..., row, column) -> root mean square to be expected at each element (..., row, column).

    That of the rows near it, times that of its column over that of all: so a loud row does not excuse a quiet one,
    nor a loud column another. Or, where the departures of a row follow the size of its values rather (as behind an
    exponential), the row's relative departure times the value. Zeros do not count: behind a rectifier they show
    that nothing came through, not that nothing was off. Never more than `hidden` times the element's own, but for
    what elements marked as ``spreading`` (..., row, column) show: their departures are rare, and may be a
    neighbour's next time. At ``few_bits`` there is no such limit: what a rectifier all but shut in every run may be
    open in the next.
    """
    own: Array = np.sqrt(np.mean(np.square(seen), axis=0))
    if own.ndim == 0 or not own.size:
        return own
    rows = own.reshape(-1, *own.shape[-2:]) if own.ndim > 1 else own.reshape(1, -1, 1)
    size = np.abs(np.nan_to_num(truth.astype(np.float64), posinf=0.0, neginf=0.0)).reshape(rows.shape)
    with np.errstate(invalid="ignore"):  # of values next to nothing the share is no number
        relative = size * _typical(rows, size)
    around = np.where(_follows(rows, size) & np.isfinite(relative), relative, _near(rows))
    around = around.reshape(own.shape)
    result: Array = around if few_bits else np.minimum(around, hidden(len(seen)) * own)
    if spreading is not None and spreading.any():
        rare = np.where(spreading.reshape(rows.shape), rows, 0.0)
        result = np.maximum(result, _near(rare).reshape(own.shape))
    return result


def _near(rows: Array) -> Array:
    """(part, row, column) -> the root mean square around each element, by row and column."""
    square, shown = np.square(rows), rows > 0
    near = _ratio(_smooth(square.sum(axis=-1)), _smooth(shown.sum(axis=-1).astype(float)))
    count = shown.sum(axis=(0, 1))
    column = _ratio(square.sum(axis=(0, 1)), count)
    scale = column / max(float(square.sum()) / max(int(count.sum()), 1), 1e-300)
    scale = np.where(count < ENOUGH, np.maximum(scale, 1.0), scale)
    result: Array = np.sqrt(near[..., None] * scale)
    return result


def _follows(rows: Array, size: Array) -> Array:
    """(part, row, 1): whether the departures of a row vary less in units of its values than as they are."""
    if rows.shape[-1] < ENOUGH:
        return np.zeros((*rows.shape[:-1], 1), bool)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        plain, relative = np.log(rows), np.log(rows / size)
    known = np.isfinite(plain) & np.isfinite(relative)
    result: Array = _variance(relative, known) < _variance(plain, known)
    return result


def _variance(x: Array, known: Array) -> Array:
    """Along the last axis, which stays, of the known elements; 0 without any."""
    count = np.maximum(known.sum(axis=-1, keepdims=True), 1)
    mean = np.where(known, x, 0.0).sum(axis=-1, keepdims=True) / count
    result: Array = np.where(known, np.square(x - mean), 0.0).sum(axis=-1, keepdims=True) / count
    return result


def _typical(rows: Array, size: Array) -> Array:
    """(part, row, 1): the root mean square of a row's relative departures."""
    known = (rows > 0) & (size > 0)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        square = np.where(known, np.square(rows / size), 0.0)
    return np.sqrt(_ratio(square.sum(axis=-1, keepdims=True), known.sum(axis=-1, keepdims=True)))


def _smooth(rows: Array) -> Array:
    """The mean of each element (..., row) and those near it; the first and the last are repeated beyond the edges."""
    width = 2 * NEAR + 1
    before, after = (np.repeat(one, NEAR, axis=-1) for one in (rows[..., :1], rows[..., -1:]))
    padded = np.concatenate((before, rows, after), axis=-1)
    steps = np.empty_like(rows)
    steps[..., 0] = np.cumsum(padded[..., :width], axis=-1)[..., -1]
    steps[..., 1:] = padded[..., width:] - padded[..., :-width]
    return np.maximum(np.cumsum(steps, axis=-1) / width, 0.0)


def _ratio(total: Array, count: Array) -> Array:
    result: Array = np.where(count > 1e-9, total / np.maximum(count, 1e-9), 0.0)
    return result
