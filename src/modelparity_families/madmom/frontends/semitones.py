"""Chroma of a bank of filters in time: the bars' harmonic features, before they are synchronised to beats."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Annotated

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from scipy.signal import ellip, filtfilt, lfilter, sosfilt, sosfiltfilt

from modelparity.errors import InputError
from modelparity.graph import Array
from modelparity.stages import Mistakes, one_of

from .decimation import decimated
from .framing import RATE

#: The lowest semitone in Hz, an A, and how many there are.
LOWEST, SEMITONES = 27.5, 88
#: Semitones below so many Hz are looked for at a rate lower by so many times; all others by the last.
STEPS = ((250.0, 50), (2000.0, 10), (math.inf, 2))
#: The least clip whose every band can be filtered to and fro: scipy extends it by 27 samples at 882 Hz.
LEAST = 27 * 50 + 1
#: Frames that are summed up at a time.
BLOCK = 4096
#: What a filter's coefficients may be off by, as a share: polynomials of eight roots, each multiplied in and rounded.
OFF = 8 * 2.0**-53
#: In so many ways.
SHAKEN = 6
#: Rate that energies are brought to.
FULL = 22_050
#: What of a norm is silence.
SILENCE = 0.001
NORMS = ("l2", "l1", "none")

#: Mistakes that ports are known to have, likelier ones first.
Resampler = Annotated[str, Mistakes({"polyphase": "a generic polyphase resampler"})]
Passes = Annotated[str, Mistakes({"forward": "filters run forward only"})]
Hop = Annotated[
    str, Mistakes({"whole": "hop rounded to whole samples", "starts-rounded": "frame starts rounded"})
]
Scaled = Annotated[str, Mistakes({"none": "energy not divided by the largest whole number"})]
Balanced = Annotated[bool, Mistakes({False: "energy not divided by the rate"})]
Logarithmic = Annotated[bool, Mistakes({False: "no logarithm"})]
ChromaNorm = Annotated[
    str, Mistakes({"l1": "chroma divided by its L1 norm", "none": "chroma not normalised"})
]
Silence = Annotated[str, Mistakes({"zero": "silent frames left 0"})]
Column = Annotated[str, Mistakes({"A": "chroma that starts at A"})]


def harmonic(
    mono: Array,
    shaken: np.random.Generator | None = None,
    *,
    fps: float = 100.0,
    resampler: Resampler = "ffmpeg",
    passes: Passes = "both",
    form: str = "coefficients",
    hop: Hop = "exact",
    scale: Scaled = "largest",
    balanced: Balanced = True,
    logarithmic: Logarithmic = True,
    chroma_norm: ChromaNorm = "l2",
    silence: Silence = "even",
    lowest: Column = "C",
) -> Array:
    """mono (sample) at 44,100 Hz -> (frame, 12) float64: energy of each pitch class, column 0 being C

    For each of 88 semitones from 27.5 Hz on: the clip at 882, 4,410 or 22,050 Hz (`decimated`), an elliptic band-pass
    of order 4 (1 dB, 50 dB, edges f -+ f / 50) forward and backward, divided by the largest number of the type,
    squared, times 22050 / rate, summed over frames of 20 ms. There are round(samples / 441) + 1 frames, at a hop of
    rate / fps samples that is no whole number; frame i begins at trunc(i hop) - size // 2, zeros outside.
    log10(100 E + 1) of the semitones of a pitch class are added up and divided by their norm over classes; where that
    is less than 0.001, all are alike.

    Args:
        mono: one channel, whole numbers or floats.
        shaken: draws what rounding may do to filters and to decimated samples (`harmonic_variants`).
        fps: frames a second.
        resampler: as in `decimated`.
        passes: "both" forward and backward, or "forward" alone.
        form: "coefficients" b, a as madmom filters, or "sections" of second order, which are conditioned better.
        hop: "exact", "whole" rounded to whole samples, or "starts-rounded" where frames begin at the nearest sample.
        scale: what whole numbers are divided by, "largest" or "none".
        balanced: whether energies are brought to one rate.
        logarithmic: whether their logarithm is taken.
        chroma_norm: what the energies of a frame are divided by: "l2", "l1" or "none".
        silence: "even" or "zero": what frames have that hold next to nothing.
        lowest: what column 0 is, "C" or "A".

    Raises:
        InputError: a clip too short to filter to and fro (1,350 samples), more than one channel, or a
            setting that has no such value.
    """
    for setting, value, known in (
        ("passes", passes, ("both", "forward")),
        ("form", form, ("coefficients", "sections")),
        ("hop", hop, ("exact", "whole", "starts-rounded")),
        ("scale", scale, ("largest", "none")),
        ("chroma_norm", chroma_norm, NORMS),
        ("silence", silence, ("even", "zero")),
        ("lowest", lowest, ("C", "A")),
    ):
        one_of(setting, value, known)
    if mono.ndim != 1 or len(mono) < LEAST:
        raise InputError(
            "harmonic features need one channel of a clip that filters can run to and fro over",
            found=mono.shape,
            expected=f"({LEAST} samples or more)",
            fix="give a longer clip; several channels are mixed by the stage mono",
        )
    largest = 1.0 if mono.dtype.kind == "f" or scale == "none" else float(np.iinfo(mono.dtype).max)
    count = round(len(mono) * fps / RATE) + 1
    classes = np.zeros((count, 12))
    slow: dict[int, Array] = {}
    for k in range(SEMITONES):
        f = LOWEST * 2 ** (k / 12)
        step = next(one for below, one in STEPS if f < below)
        if step not in slow:
            slow[step] = decimated(mono, step, resampler=resampler, shaken=shaken).astype(np.float64)
        rate = RATE / step
        band = _filtered(slow[step], f, rate, passes, form, shaken)
        band /= largest
        np.square(band, out=band)
        energy = _framed(band, round(2 * rate / fps), rate / fps, count, hop)
        energy *= FULL / rate if balanced else 1
        classes[:, (k + (9 if lowest == "C" else 0)) % 12] += (
            np.log10(100 * energy + 1) if logarithmic else energy
        )
    if chroma_norm == "none":
        return classes
    size = np.linalg.norm(classes, axis=1) if chroma_norm == "l2" else np.abs(classes).sum(axis=1)
    silent = size < SILENCE
    shares: Array = classes / np.where(silent, 1, size)[:, None]
    shares[silent] = 1 / math.sqrt(12) if silence == "even" else 0
    return shares


def harmonic_variants(mono: Array, **settings: object) -> Sequence[Array]:
    """What other sound ways of computing `harmonic` give: sections of second order, and coefficients and sums rounded
    otherwise.

    Narrow band-passes as coefficients are conditioned badly: releases of scipy differ in their last bits, and near
    silence that shows as 1e-3. A decimated sample on the edge between two whole numbers is either.
    """
    made: Callable[..., Array] = harmonic
    others = [made(mono, np.random.default_rng(seed), **settings) for seed in range(SHAKEN)]
    return (made(mono, **{**settings, "form": "sections"}), *others)


def _filtered(
    x: Array, f: float, rate: float, passes: str, form: str, shaken: np.random.Generator | None
) -> Array:
    if form == "coefficients":
        b, a = _coefficients(f, rate)
        if shaken is not None:
            b = b * (1 + shaken.choice((-OFF, OFF), b.shape))
            a = a * (1 + shaken.choice((-OFF, OFF), a.shape))
        y: Array = filtfilt(b, a, x) if passes == "both" else lfilter(b, a, x)
        return y
    sections = _sections(f, rate)
    z: Array = sosfiltfilt(sections, x, padlen=27) if passes == "both" else sosfilt(sections, x)
    return z


@lru_cache(maxsize=4 * SEMITONES)
def _coefficients(f: float, rate: float) -> tuple[Array, Array]:
    """b and a of the band-pass around ``f`` at ``rate``: nothing takes as long of a short clip as to design it."""
    b, a = ellip(4, 1, 50, _edges(f, rate), btype="bandpass")
    return b, a


@lru_cache(maxsize=4 * SEMITONES)
def _sections(f: float, rate: float) -> Array:
    """The same filter as sections of second order."""
    sections: Array = ellip(4, 1, 50, _edges(f, rate), btype="bandpass", output="sos")
    return sections


def _edges(f: float, rate: float) -> list[float]:
    return [(f - f / 50) * 2 / rate, (f + f / 50) * 2 / rate]


def _framed(x: Array, size: int, hop: float, count: int, how: str) -> Array:
    """Sums of x over frames (frame), each for itself: differences of running sums drown what is quiet."""
    at = np.arange(count) * (round(hop) if how == "whole" else hop)
    starts = (np.rint(at) if how == "starts-rounded" else np.floor(at)).astype(
        np.int64
    )  # + size // 2 in padded x
    padded = np.zeros(max(int(starts[-1]) + size, size // 2 + len(x)))
    padded[size // 2 : size // 2 + len(x)] = x
    views = sliding_window_view(padded, size)
    sums = np.empty(count)
    for start in range(0, count, BLOCK):
        part = slice(start, start + BLOCK)
        sums[part] = views[starts[part]].sum(axis=1)
    return sums
