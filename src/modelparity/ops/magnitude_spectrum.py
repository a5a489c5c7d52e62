"""Magnitude spectrum: how strong each frequency is in windowed frames."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
import scipy.fft

from ..engine.arithmetic import ULP, Arithmetic
from ..engine.facts import Facts, rank_of
from ..engine.operator import operator, untouched
from ..errors import GraphError
from ..graph import Array
from ._sizes import bounded

#: Numbers that are transformed at a time: they stay near the processor.
BLOCK = 1 << 17


@operator(untouched(lambda attrs, rank: (-1,)), facts=Facts(rank=rank_of("x")))
def magnitude_spectrum(
    ar: Arithmetic,
    x: Array,
    *,
    shares: Sequence[float] = (0.5, 0.5, 0.0),
    periodic: bool = False,
    divisor: float = 1.0,
    first: int = 0,
    bins: int | None = None,
    power: int = 1,
    single: bool = False,
) -> Array:
    """y[..., k] = |sum over n of w[n] x[..., n] exp(-2 pi i (first + k) n / N)| ^ power

    x (..., N) floats or whole numbers -> y (..., bins); all N // 2 + 1 - first that there are, if ``bins`` is left
    out. w[n] = (shares[0] - shares[1] cos(2 pi n / M) + shares[2] cos(4 pi n / M)) / divisor, with M = N for a
    window that is ``periodic``, else N - 1. Window and sum are computed in float64 whatever the arithmetic; real and
    imaginary part are rounded once, then the magnitude, then its square if ``power`` is 2. With ``single`` the
    original makes the sum in the arithmetic itself: it may be as far off as transforms in it are, 0.6 log2 N units
    in the last place of the norm of its terms, as `fourier` has it.
    Raises `GraphError` for frames without samples, bins that are not there, or another power.
    Source: Harris, "On the use of windows for harmonic analysis", 1978; checked against the sum itself.
    """
    size = x.shape[-1] if x.ndim > 1 else 0
    number = size // 2 + 1 - first if bins is None else bins
    if size < 1 or first < 0 or number < 0 or first + number > size // 2 + 1 or power not in (1, 2):
        raise GraphError(
            "there is no such spectrum",
            found=f"{number} bins from {first} on of {size} samples, power {power}",
            expected=f"bins up to {size // 2}, power 1 or 2",
        )
    lead = x.shape[1:-1]
    bounded(*lead, number)
    rows = x if x.ndim == 3 else x.reshape(len(x), -1, size)
    y = np.empty((*rows.shape[:2], number), ar.dtype)
    weights = window(size, shares, periodic) / divisor
    once = len(rows) > 1 and rows.strides[0] == 0  # nothing was computed yet
    step = max(1, BLOCK // size)
    for start in range(0, rows.shape[1], step):
        part = slice(start, start + step)
        z: Array | None = None
        for lane, frames in enumerate(rows[:, part]):
            if z is None or not once:
                z = scipy.fft.rfft(frames * weights, axis=-1, overwrite_x=True)[:, first : first + number]
            rest = partial(_norm, frames, weights) if single else partial(_rest, frames, weights, ar)
            y[lane, part] = _magnitudes(ar, z, rest, power)
    return y.reshape(len(x), *lead, number)


def window(size: int, shares: Sequence[float], periodic: bool) -> Array:
    """The window (size) in float64, not divided by anything."""
    turn = 2 * np.pi * np.arange(size) / max(1, size if periodic else size - 1)
    y: Array = shares[0] - shares[1] * np.cos(turn)
    return y + shares[2] * np.cos(2 * turn) if shares[2] else y


def _rest(frames: Array, weights: Array, ar: Arithmetic) -> Array:
    """What may be left where all cancels (row, 1, 1), in units in the last place of an arithmetic.

    Sums are rounded in float64, whatever the arithmetic, so this shows only where next to nothing is left; or in
    what `Arithmetic.wide` names instead.
    """
    size = len(weights)
    loudest = np.abs(frames.astype(np.float64)).max(axis=-1) * np.abs(weights).max()
    rest: Array = loudest * (math.sqrt(size * math.log2(size + 1)) * ULP[ar.wide] / ar.ulp)
    return rest[:, None, None]


def _norm(frames: Array, weights: Array) -> Array:
    """How far off a transform in the arithmetic itself may be (row, 1, 1), in units in the last place."""
    norm = np.sqrt(np.square(frames * weights).sum(axis=-1))
    rest: Array = norm * (0.6 * math.log2(len(weights) + 1))
    return rest[:, None, None]


def _magnitudes(ar: Arithmetic, z: Array, rest: Callable[[], Array], power: int) -> Array:
    """|z| ^ power (row, bin), each step rounded as the arithmetic does."""
    parts = np.empty((*z.shape, 2), ar.dtype)
    parts[..., 0], parts[..., 1] = z.real, z.imag
    parts = ar.rounded(ar.cancelled(parts, rest))
    y = ar.rounded(np.abs(parts.view(np.complex64 if ar.dtype == np.float32 else np.complex128)[..., 0]))
    return ar.rounded(np.square(y)) if power == 2 else y
