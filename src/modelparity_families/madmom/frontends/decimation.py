"""A clip at a lower rate, as ffmpeg makes it: what the bars' harmonic features are computed from."""

from __future__ import annotations

import math

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from scipy.signal import resample_poly

from modelparity.graph import Array
from modelparity.stages import one_of

#: Taps for each sample of the lower rate, and the share of its band that is kept.
TAPS, KEPT = 32, 0.97
#: A unit in the last place of single precision, as a share of all that is added up.
SINGLE = 2.0**-23
#: Sums in a row of a product of matrices, and samples at a time: they stay near the processor.
SUMS, AT_ONCE = 32, 1 << 17
#: Shape of the Kaiser window.
BETA = 9.0


def decimated(
    x: Array, step: int, *, resampler: str = "ffmpeg", shaken: np.random.Generator | None = None
) -> Array:
    """y[k] = sum over i of h[i] x[k step + i - c]: (sample) -> (ceil(sample / step)), of the type of x

    h is a windowed sinc of sum 1 (`taps`). Before the clip stands its mirror image without the first sample, after it
    its last sample over and over. Whole numbers are rounded to the nearest and kept within their type.

    Args:
        x: one channel.
        step: by how many times the rate is lower, 2 or more.
        resampler: "ffmpeg", or "polyphase" for scipy's resample_poly, which a port might take instead.
        shaken: draws what single precision may add to each sum, which decides where a whole number is on the edge.

    Raises:
        InputError: there is no such resampler.
    """
    one_of("resampler", resampler, ("ffmpeg", "polyphase"))
    count = -(-len(x) // step)
    if not count:
        return x[:0]
    if resampler == "polyphase":
        y = resample_poly(x.astype(np.float64), 1, step)[:count]
    else:
        h, centre = taps(step)
        y = _every(h, x, step, centre, count)
        if shaken is not None:
            terms = _every(np.abs(h), np.abs(x.astype(np.float64)), step, centre, count)
            y = y + SINGLE * terms * shaken.uniform(-1, 1, y.shape)
    if x.dtype.kind == "f":
        same: Array = y.astype(x.dtype)
        return same
    limits = np.iinfo(x.dtype)
    whole: Array = np.clip(np.rint(y), limits.min, limits.max).astype(x.dtype)
    return whole


def _every(h: Array, x: Array, step: int, centre: int, count: int) -> Array:
    """sum over i of h[i] x[k step + i - centre], for each k: products with a matrix of h, shifted."""
    row = (SUMS - 1) * step + len(h)
    most = SUMS * max(1, AT_ONCE // row)
    shifted = np.zeros((row, SUMS))
    for place in range(SUMS):
        shifted[place * step : place * step + len(h), place] = h
    y = np.empty(count)
    for start in range(0, count, most):
        end = min(start + most, count)
        rows = -(-(end - start) // SUMS)
        first = start * step - centre
        long = _beyond(x, first, first + (rows - 1) * SUMS * step + row)
        frames = sliding_window_view(long, row)[:: SUMS * step]
        y[start:end] = (np.ascontiguousarray(frames) @ shifted).reshape(-1)[: end - start]
    return y


def _beyond(x: Array, start: int, end: int) -> Array:
    """x from ``start`` to ``end`` in float64: mirrored before it, its last sample behind it."""
    inside = x[max(start, 0) : max(end, 0)].astype(np.float64)
    before = np.abs(np.arange(start, min(end, 0)))
    behind = np.full(max(0, end - max(start, len(x))), float(x[-1]))
    mirrored = x[np.minimum(before, len(x) - 1)].astype(np.float64)
    return np.concatenate((mirrored, inside, behind))


def taps(step: int) -> tuple[Array, int]:
    """The kernel (tap) in float64, and which of its taps is the middle.

    sinc((i - c) g) I0(9 sqrt(1 - (2 (i - c) / L)^2)) with g = 0.97 / step, L = 32 / g rounded up and made even.
    """
    g = KEPT / step
    length = math.ceil(TAPS / g)
    length += length % 2
    centre = (length - 1) // 2
    i = np.arange(length) - centre
    h = np.sinc(i * g) * np.i0(BETA * np.sqrt(np.maximum(0, 1 - (2 * i / length) ** 2)))
    return h / h.sum(), centre
