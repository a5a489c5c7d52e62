"""Filterbanks: which bins of a spectrum make a band, and how much each of them counts."""

from __future__ import annotations

import math

import numpy as np

from modelparity.graph import Array
from modelparity.stages import one_of

#: What mel scales are called -> (Hz to mel, mel to Hz).
MEL = ("mel", "mel-slaney", "mel-htk")
NORMS = ("sum", "half-width", "none")


def logarithmic_frequencies(per_octave: int, fmin: float, fmax: float, fref: float = 440.0) -> Array:
    """fref 2^(j / B) for all whole j with fmin <= f <= fmax: (frequency) in Hz, float64.

    j runs up to ceil(B log2(fmax / fref)) - 1, so an fmax on the grid is left out and an fmin on it is kept.
    """
    first = math.floor(np.log2(fmin / fref) * per_octave)
    end = math.ceil(np.log2(fmax / fref) * per_octave)
    found: Array = fref * 2.0 ** (np.arange(first, end) / per_octave)
    return found[(found >= fmin) & (found <= fmax)]


def mel_frequencies(bands: int, fmin: float, fmax: float, scale: str = "mel") -> Array:
    """``bands`` + 2 frequencies evenly spaced on a mel scale, both ends included: (frequency) in Hz, float64.

    "mel" is 1127.01048 ln(1 + f / 700), "mel-htk" 2595 log10(1 + f / 700), and "mel-slaney" is linear up to 1 kHz,
    15 mel, and goes by factors of 6.4 ^ (1 / 27) above.
    """
    one_of("filterbank", scale, MEL)
    if scale == "mel-slaney":
        mel = np.linspace(_slaney(fmin), _slaney(fmax), bands + 2)
        slow: Array = mel * (200 / 3)
        return np.where(mel < 15, slow, 1000 * 6.4 ** ((mel - 15) / 27))
    factor = 1127.01048 if scale == "mel" else 2595 / math.log(10)
    low, high = (factor * np.log(fmin / 700 + 1), factor * np.log(fmax / 700 + 1))
    found: Array = 700 * (np.exp(np.linspace(low, high, bands + 2) / factor) - 1)
    return found


def _slaney(f: float) -> float:
    return f * 3 / 200 if f < 1000 else 15 + 27 * math.log(f / 1000) / math.log(6.4)


def bins_of(frequencies: Array, bin_frequencies: Array, *, nearest: bool = True) -> Array:
    """The bin nearest to each frequency (the upper one of two as near), or the one below it if not ``nearest``."""
    last = len(bin_frequencies) - 1
    if not nearest:
        return np.clip(np.searchsorted(bin_frequencies, frequencies, side="right") - 1, 0, last)
    above = np.clip(np.searchsorted(bin_frequencies, frequencies), 1, last)
    left, right = bin_frequencies[above - 1], bin_frequencies[above]
    result: Array = above - (frequencies - left < right - frequencies)
    return result


def triangles(corners: Array, bins: int, *, norm: str = "sum") -> Array:
    """(bin, band) float32: a triangle over each three neighbouring ``corners``, numbers of bins.

    For corners a, c, z it is (k - a) / (c - a) for a <= k < c and 1 - (k - c) / (z - c) for c <= k < z. Where all of
    it would be within one bin, it is 1 at bin a. Each is divided by its float32 "sum", by "half-width"
    (z - a) / 2 of its whole-numbered corners, or by nothing.
    """
    one_of("norm", norm, NORMS)
    matrix = np.zeros((bins, max(0, len(corners) - 2)), np.float32)
    for band in range(matrix.shape[1]):
        a, c, z = (int(k) for k in corners[band : band + 3])
        if z - a < 2:
            c, z = a, a + 1
        rise = np.linspace(0, 1, c - a, endpoint=False)
        fall = np.linspace(1, 0, z - c, endpoint=False)
        column = np.concatenate((rise, fall)).astype(np.float32)
        if norm != "none":
            column /= np.sum(column) if norm == "sum" else np.float32((z - a) / 2)
        matrix[a:z, band] = column
    return matrix


def triangles_in_hertz(frequencies: Array, bin_frequencies: Array, *, norm: str = "sum") -> Array:
    """As `triangles`, with corners where the frequencies are instead of at bins; not what madmom does."""
    one_of("norm", norm, NORMS)
    a, c, z = frequencies[:-2], frequencies[1:-1], frequencies[2:]
    f = bin_frequencies[:, None]
    matrix: Array = np.maximum(0, np.minimum((f - a) / (c - a), (z - f) / (z - c))).astype(np.float32)
    if norm != "none":
        spacing = bin_frequencies[1] - bin_frequencies[0]
        by = matrix.sum(axis=0) if norm == "sum" else ((z - a) / 2 / spacing).astype(np.float32)
        matrix = np.divide(matrix, by, out=np.zeros_like(matrix), where=by > 0)
    return matrix
