"""Sound as the pipeline takes it: one channel of float32, at the rate that it comes with."""

from __future__ import annotations

import numpy as np

from modelparity.errors import InputError
from modelparity.graph import Array

#: Rates of sound, in Hz, that somebody may mean.
SLOWEST, FASTEST = 1000, 768_000


def sound(value: Array) -> Array:
    """Samples (sample,) or (sample, channel) -> (sample,) float32.

    Whole numbers are divided by their full scale, channels are averaged. Raises `InputError` for what is no sound:
    no samples, NaN or infinite ones, more axes.
    """
    array = np.asarray(value)
    if array.dtype.kind not in "fi" and array.dtype != np.uint8:
        raise InputError("not sound", found=array.dtype, expected="samples as float or signed whole numbers")
    if array.ndim not in (1, 2) or (array.ndim == 2 and not 1 <= array.shape[1] <= array.shape[0]):
        raise InputError("not sound", found=array.shape, expected="(sample,) or (sample, channel)")
    if not array.size:
        raise InputError("no samples", expected="a recording of some strokes", fix="give another file")
    if array.dtype == np.uint8:
        array = (array.astype(np.float32) - 128) / np.float32(128)
    elif array.dtype.kind == "i":
        array = (array / np.float64(-float(np.iinfo(array.dtype).min))).astype(np.float32)
    array = array.astype(np.float32, copy=False)
    if not np.isfinite(array).all():
        raise InputError("samples are not finite", found=array[~np.isfinite(array)][0])
    return array if array.ndim == 1 else array.mean(axis=1, dtype=np.float32)


def rate(value: int) -> Array:
    """Samples a second. Raises `InputError` for what is no rate."""
    array = np.asarray(value)
    whole = array.ndim == 0 and array.dtype.kind in "iuf" and array == np.floor(array)
    if not whole or not SLOWEST <= array <= FASTEST:
        expected = f"a whole number of Hz from {SLOWEST} to {FASTEST}"
        raise InputError("not a rate of sound", found=value, expected=expected)
    return array.astype(np.int64)
