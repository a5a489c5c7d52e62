"""A clip at a lower rate, as ffmpeg makes it: what the bars' harmonic features are computed from."""

from __future__ import annotations

import math

import numpy as np
from scipy.signal import resample_poly, upfirdn

from modelparity.graph import Array
from modelparity.stages import one_of

#: Taps for each sample of the lower rate, and the share of its band that is kept.
TAPS, KEPT = 32, 0.97
#: A unit in the last place of single precision, as a share of all that is added up.
SINGLE = 2.0**-23
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
        before, after = centre, len(h) - 1 - centre + (count - 1) * step + 1 - len(x)
        at = np.abs(np.arange(-before, len(x) + max(0, after)))  # mirrored
        long = x[np.minimum(at, len(x) - 1)].astype(np.float64)
        y = _every(h, long, step, count)
        if shaken is not None:
            y = y + SINGLE * _every(np.abs(h), np.abs(long), step, count) * shaken.uniform(-1, 1, y.shape)
    if x.dtype.kind == "f":
        same: Array = y.astype(x.dtype)
        return same
    limits = np.iinfo(x.dtype)
    whole: Array = np.clip(np.rint(y), limits.min, limits.max).astype(x.dtype)
    return whole


def _every(h: Array, long: Array, step: int, count: int) -> Array:
    """sum over i of h[i] long[k step + i], for each k."""
    lead = -(len(h) - 1) % step  # so that a multiple of the step falls on the first whole sum
    padded = np.concatenate((np.zeros(lead), long))
    start = (lead + len(h) - 1) // step
    sums: Array = upfirdn(h[::-1], padded, down=step)[start : start + count]
    return sums


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
