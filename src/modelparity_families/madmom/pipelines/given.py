"""What pipelines are given: sound, and times of beats."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from modelparity.errors import InputError
from modelparity.graph import Array

from ..frontends import RATE

#: More channels than this are samples that lie along the wrong axis, if they outnumber the others.
CHANNELS = 32
ABOUT = {"audio": f"sound at {RATE} samples a second, (sample,) or (sample, channel)"}


def sound(audio: Any, *, rate: float | None = None) -> Array:
    """Sound (sample,) or (sample, channel) at 44,100 samples a second, of the type that it has.

    Whole numbers count as shares of the largest of their type, floats as they are, so that 1 is full scale. Several
    channels are averaged by the pipeline.

    Raises:
        InputError: another rate or none, no numbers, another shape, channels before samples.
    """
    if rate is None:
        raise InputError(
            "the sound's rate is not known",
            expected="samples a second",
            fix=f"give rate={RATE} beside audio=",
        )
    if rate != RATE:
        raise InputError(
            f"madmom's networks know sound of {RATE:,} samples a second only",
            found=f"rate={rate!r}",
            expected=f"rate={RATE}",
            fix=f"resample it, as by scipy.signal.resample_poly(audio, {RATE}, {rate})",
        )
    array = np.asarray(audio)
    if array.dtype.kind not in "iuf":
        raise InputError(
            "sound is whole numbers or floats", found=array.dtype, expected="such as int16 or float32"
        )
    if array.ndim not in (1, 2):
        raise InputError(
            "sound has another shape", found=array.shape, expected="(sample,) or (sample, channel)"
        )
    if array.ndim == 2 and (
        array.shape[1] == 0 or (array.shape[1] > CHANNELS and len(array) < array.shape[1])
    ):
        raise InputError(
            "sound has channels before samples" if array.shape[1] else "sound has no channel",
            found=array.shape,
            expected="(sample, channel)",
            fix="give audio.T",
        )
    if array.dtype.kind == "f" and not np.isfinite(array).all():
        count = int((~np.isfinite(array)).sum())
        warnings.warn(
            f"{count} of {array.size} samples are not finite: what is computed of them is NaN, and what is decoded "
            "of that means nothing, as in madmom",
            stacklevel=2,
        )
    return np.ascontiguousarray(array, array.dtype.newbyteorder("="))


def beat_times(beats: Any) -> Array:
    """Times of beats (beat,) in seconds, float64; of rows that begin with a time that column is taken.

    Raises:
        InputError: no numbers, another shape, a time that is not finite, fewer than two.
    """
    array = np.asarray(beats)
    if array.ndim == 2 and array.shape[1]:
        array = array[:, 0]
    if array.dtype.kind not in "iuf" or array.ndim != 1 or not np.isfinite(array).all():
        raise InputError(
            "not times of beats",
            found=f"{array.dtype} of shape {array.shape}",
            expected="seconds, one for each beat",
        )
    if len(array) < 2:
        raise InputError("bars need two beats at least", found=f"{len(array)}")
    return array.astype(np.float64)
