"""Recordings as frames: mono, at one rate, as bands of a log-mel spectrogram that has heard nothing of the future."""

from __future__ import annotations

import math
from functools import cache
from pathlib import Path

import numpy as np

from modelparity.errors import InputError, Unavailable
from modelparity.graph import Array

#: Decibels below full scale that count as silence: 0 in a frame; full scale is 1.
RANGE = 80.0
#: Lowest frequency of the lowest band, in Hz.
LOWEST = 30.0
#: Frames that are transformed at once.
BLOCK = 1024


def read(path: Path, rate: int) -> Array:
    """The recording as float32 (sample,) at ``rate`` Hz, channels averaged.

    WAV, FLAC, OGG and MP3 through libsndfile. Raises `InputError` for what is no recording, `Unavailable`.
    """
    try:
        import soundfile
    except (ImportError, OSError) as error:  # the package, or the library that it binds
        raise Unavailable(
            "soundfile is not installed: pip install 'modelparity[realtime]'", where=path
        ) from error
    try:
        samples, own = soundfile.read(path, dtype="float32", always_2d=True)
    except (soundfile.SoundFileError, OSError, RuntimeError) as error:
        raise InputError("not a recording that can be read", where=path, found=str(error)[-200:]) from error
    mono: Array = samples.mean(axis=1)
    if not len(mono) or not np.isfinite(mono).all():
        raise InputError("a recording without samples, or with some that are not finite", where=path)
    if own == rate:
        return mono
    from scipy.signal import resample_poly

    common = math.gcd(own, rate)
    resampled: Array = resample_poly(mono, rate // common, own // common).astype(np.float32)
    return resampled


def log_mel(signal: Array, rate: int, *, bands: int, frame_rate: float, window: int) -> Array:
    """(frame, band) in 0 .. 1. Frame t is heard at (t + 1) / frame_rate seconds, its Hann window ends there.

    0 is `RANGE` dB below a full-scale sine or less, 1 is a full-scale sine inside the band.
    """
    frames = int(len(signal) * frame_rate / rate)
    padded = np.concatenate([np.zeros(window, np.float32), signal])
    ends = window + np.round((np.arange(frames) + 1) * rate / frame_rate).astype(np.int64)
    ends = np.minimum(ends, len(padded))
    hann = np.hanning(window).astype(np.float32)
    bank = filters(rate, window, bands)
    out = np.empty((frames, bands), np.float32)
    for start in range(0, frames, BLOCK):
        places = ends[start : start + BLOCK, None] + np.arange(-window, 0)
        spectrum = np.fft.rfft(padded[places] * hann) * (2 / hann.sum())
        power = (spectrum.real**2 + spectrum.imag**2) @ bank.T
        level = 10 * np.log10(np.maximum(power, 1e-12))
        out[start : start + BLOCK] = np.clip(1 + level / RANGE, 0, 1)
    return out


@cache
def filters(rate: int, window: int, bands: int) -> Array:
    """(band, bin): triangles of height 1, evenly spaced in mel (2595 log10(1 + f / 700)); none is empty."""

    def mel(hertz: Array | float) -> Array:
        return np.asarray(2595 * np.log10(1 + np.asarray(hertz) / 700))

    edges = np.linspace(mel(LOWEST), mel(rate / 2), bands + 2)
    bins = np.arange(window // 2 + 1) * rate / window
    place = mel(bins)[None]
    rising = (place - edges[:-2, None]) / (edges[1:-1] - edges[:-2])[:, None]
    falling = (edges[2:, None] - place) / (edges[2:] - edges[1:-1])[:, None]
    bank: Array = np.maximum(0, np.minimum(rising, falling))
    nearest = np.abs(place - edges[1:-1, None]).argmin(axis=1)
    thin = bank.sum(axis=1) < 0.5  # bands narrower than a bin hear the nearest one
    bank[thin, nearest[thin]] = 1
    return bank.astype(np.float32)
