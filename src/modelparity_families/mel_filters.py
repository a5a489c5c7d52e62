"""Triangular filters on a mel scale, as torchaudio computes them: in float32, for a rate that it assumes."""

from __future__ import annotations

import math

import numpy as np

from modelparity.graph import Array

SCALES = ("htk", "slaney")
NORMS = ("none", "slaney")
#: The Slaney scale is even below 1 kHz, and logarithmic above.
SPACING, CORNER = 200.0 / 3, 1000.0
STEP = math.log(6.4) / 27
#: Bits of exponents at which PyTorch's power of ten is the neighbour of the nearest float32: 1 above it, -1 below.
#: They are those among the 258 points of the detector's filters; a weight is off by up to 2.4e-5 without them.
OTHER_WAY = {
    0x3E673781: 1,
    0x3ECF9F8E: 1,
    0x3F3B9199: 1,
    0x3F43D394: -1,
    0x3F81C3B9: 1,
    0x3F82F1B8: 1,
}


def filters(bins: int, bands: int, *, rate: float, low: float, high: float, scale: str, norm: str) -> Array:
    """(bin, band) float32: triangles between bands + 2 points, even on the mel scale from ``low`` to ``high`` Hz

    Bins lie evenly from 0 to rate // 2, whatever the rate of the sound: bands where none lies stay empty. ``norm``
    "slaney" divides each triangle by half its width in Hz.
    Source: torchaudio 2.11, functional.melscale_fbanks.
    """
    f32 = np.float32
    at = linspace(0.0, float(int(rate) // 2), bins)
    points = hertz(linspace(mel(low, scale), mel(high, scale), bands + 2), scale)
    width = points[1:] - points[:-1]
    slopes = points[None, :] - at[:, None]
    falling = (f32(-1) * slopes[:, :-2]) / width[:-1]
    rising = slopes[:, 2:] / width[1:]
    made = np.maximum(f32(0), np.minimum(falling, rising))
    if norm == "slaney":
        made = made * (f32(2) / (points[2:] - points[:-2]))
    found: Array = made.astype(f32)
    return found


def linspace(start: float, end: float, count: int) -> Array:
    """(count) float32 numbers, evenly spaced, from both ends to the middle, as PyTorch lays them."""
    f32, i = np.float32, np.arange(count)
    step = np.float64(f32((f32(end) - f32(start)) / f32(max(1, count - 1))))
    # A product and a sum are rounded together.
    first = (np.float64(f32(start)) + step * i).astype(f32)
    last = (np.float64(f32(end)) - step * (count - 1 - i)).astype(f32)
    return np.where(i < count // 2, first, last)


def mel(frequency: float, scale: str) -> float:
    """A frequency in Hz on a mel scale, float64."""
    if scale == "htk":
        return 2595.0 * math.log10(1.0 + frequency / 700.0)
    if frequency < CORNER:
        return frequency / SPACING
    return CORNER / SPACING + math.log(frequency / CORNER) / STEP


def hertz(mels: Array, scale: str) -> Array:
    """Points (point) of a mel scale in Hz, float32."""
    f32 = np.float32
    if scale == "htk":
        made = f32(700) * (_power_of_ten(mels / f32(2595)) - f32(1))
    else:
        above = f32(CORNER) * np.exp(f32(STEP) * (mels - f32(CORNER / SPACING)))
        made = np.where(mels >= CORNER / SPACING, above, f32(SPACING) * mels)
    points: Array = made.astype(f32)
    return points


def _power_of_ten(exponents: Array) -> Array:
    """10 ^ exponent in float32, rounded to the nearest but where PyTorch rounds the other way."""
    nearest = np.power(10.0, exponents.astype(np.float64)).astype(np.float32)
    other = nearest.copy()
    for bits, way in OTHER_WAY.items():
        at = exponents.view(np.uint32) == bits
        other[at] = np.nextafter(nearest[at], np.float32(way * np.inf))
    return other
