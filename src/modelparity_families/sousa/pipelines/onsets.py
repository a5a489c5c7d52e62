"""Onsets, their strengths and the tempo, with librosa's defaults: a frame each 512 samples, at whatever rate."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Annotated, Any

import numpy as np

from modelparity.errors import InputError, Unavailable
from modelparity.graph import Array
from modelparity.stages import Mistakes, Span, one_of

#: Samples between frames.
HOP = 512
#: Strokes that the networks have positions for.
MOST = 256
#: What settings may say; mistakes are those that ports are known to have, likelier ones first.
Rate = Annotated[int, Span(1000, 768_000)] | None
Strength = Annotated[str, Mistakes({"peak": "strengths at peaks"})]
Largest = Annotated[str, Mistakes({"first": "divided by the largest of the first 256"})]
Bands = Annotated[str, Mistakes({"median": "tempo of the median of the bands"})]
Onset = Annotated[str, Mistakes({"peak": "onsets are peaks, not moved back"})]
Interval = Annotated[str, Mistakes({"s": "intervals in seconds", "beats": "intervals in beats"})]
Loudness = Annotated[str, Mistakes({"none": "strengths all 0"})]
Unit = Annotated[
    str,
    Mistakes({"twice": "an octave too fast", "half": "an octave too slow", "of 120": "tempo divided by 120"}),
]


def onset_envelope(audio: Array, rate: Array, *, sample_rate: Rate = None) -> Array:
    """How much louder the bands of a mel spectrogram get in each frame, on average: (frame,).

    ``sample_rate`` resamples the sound first; without it frames are of 512 samples at whatever rate the sound has, so
    that half as many onsets are told apart at half the rate.
    """
    with _librosa() as librosa:
        y, sr = _resampled(librosa, audio, rate, sample_rate)
        envelope: Array = librosa.onset.onset_strength(y=y, sr=sr, hop_length=HOP)
    return envelope


def onset_times(envelope: Array, rate: Array, *, onset: Onset = "moved", sample_rate: Rate = None) -> Array:
    """Seconds (onset,) of peaks of the envelope (frame,), each moved back to the minimum before it.

    With ``onset="peak"`` they stay where they are. Raises `InputError` for another word.
    """
    one_of("onset", onset, ("moved", "peak"))
    with _librosa() as librosa:
        found: Array = _frames(librosa, envelope, rate, sample_rate, moved=onset == "moved")
    return found * HOP / _rate(rate, sample_rate)


def onset_strengths(
    envelope: Array,
    rate: Array,
    *,
    strength: Strength = "moved",
    largest: Largest = "all",
    sample_rate: Rate = None,
) -> Array:
    """The envelope (frame,) at each onset, divided by the largest of these: (onset,) from 0 to 1.

    "moved" reads it where onsets were moved to, as the original does: at minima, of which most are 0 and which hardly
    follow how loud strokes are. "peak" reads it at the peaks. All are 0 where the largest is. ``largest="first"``
    divides by that of the first 256. Raises `InputError` for other words.
    """
    one_of("strength", strength, ("moved", "peak"))
    one_of("largest", largest, ("all", "first"))
    with _librosa() as librosa:
        frames = _frames(librosa, envelope, rate, sample_rate, moved=strength == "moved")
    values = envelope[np.minimum(frames, len(envelope) - 1)] if len(frames) else envelope[:0]
    most = (values if largest == "all" else values[:MOST]).max(initial=0)
    return values / most if most > 0 else np.zeros_like(values)


def tempo_bpm(
    envelope: Array, audio: Array, rate: Array, *, tempo: Bands = "mean", sample_rate: Rate = None
) -> Array:
    """Beats a minute (), 0 for silence: that of the envelope, or of one that is the "median" of the bands.

    The original's first design took the median: another tempo in one clip of thirteen. Both ask librosa to track
    beats, of which the tempo is the first step; beats are made no use of, and not tracked here: that alone would be
    compiled for seconds in each process. Raises `InputError` for another ``tempo``.
    """
    one_of("tempo", tempo, ("mean", "median"))
    with _librosa() as librosa:
        sr = _rate(rate, sample_rate)
        if tempo == "median":
            y, sr = _resampled(librosa, audio, rate, sample_rate)
            envelope = librosa.onset.onset_strength(y=y, sr=sr, hop_length=HOP, aggregate=np.median)
        if not envelope.any():
            return np.asarray(0.0)
        found = librosa.feature.tempo(onset_envelope=envelope, sr=sr, hop_length=HOP)
    return np.asarray(found[0], np.float64)


def raw_onsets(
    times: Array,
    strengths: Array,
    tempo: Array,
    *,
    interval: Interval = "ms",
    tempo_unit: Unit = "bpm",
    loudness: Loudness = "strength",
) -> Array:
    """What the networks are given of the first 256 onsets, (onset, 3): ms since the one before, strength, tempo.

    Settings are what the original does; other values are what ports do in its place. Raises `InputError` where there
    is no onset, and for other words.
    """
    one_of("interval", interval, ("ms", "s", "beats"))
    one_of("tempo_unit", tempo_unit, tuple(UNITS))
    one_of("loudness", loudness, ("strength", "none"))
    if not len(times):
        raise InputError(
            "no onsets in this sound",
            expected="strokes that stand out",
            fix='until="tempo_bpm" ends before the networks',
        )
    count = min(len(times), MOST)
    seconds = np.diff(times[:count], prepend=times[:1])
    intervals = seconds * {"ms": 1000, "s": 1, "beats": float(tempo) / 60}[interval]
    strength = strengths[:count] * (loudness == "strength")
    rows = (intervals, strength, np.full(count, float(tempo) * UNITS[tempo_unit]))
    return np.stack([np.asarray(one, np.float64) for one in rows], axis=-1)


#: What tempo is multiplied by.
UNITS = {"bpm": 1.0, "twice": 2.0, "half": 0.5, "of 120": 1 / 120}


def _frames(librosa: Any, envelope: Array, rate: Array, sample_rate: int | None, *, moved: bool) -> Array:
    """Frames (onset,) of peaks, or of the minima before them. An envelope without a number above 0 has none."""
    if not (envelope > 0).any():
        return np.zeros(0, np.int64)
    found: Array = librosa.onset.onset_detect(
        onset_envelope=envelope, sr=_rate(rate, sample_rate), hop_length=HOP
    )
    if not moved:
        return found
    lifted = envelope - envelope.min()  # scaled as peaks are picked: rounding decides what is a minimum there
    return moved_back(found, lifted / (lifted.max() + np.finfo(lifted.dtype).tiny))


def moved_back(peaks: Array, envelope: Array) -> Array:
    """The last minimum of the envelope (frame,) at or before each peak (onset,), or frame 0.

    A minimum is no more than what is before it, and less than what follows. As librosa's ``onset_backtrack``, which
    compiles itself on its first use, for seconds.
    """
    before, here, after = envelope[:-2], envelope[1:-1], envelope[2:]
    minima = np.append(0, 1 + np.flatnonzero((here <= before) & (here < after)))
    found: Array = minima[np.searchsorted(minima, peaks, side="right") - 1]
    return found


def _rate(rate: Array, sample_rate: int | None) -> int:
    return int(rate) if sample_rate is None else int(sample_rate)


def _resampled(librosa: Any, audio: Array, rate: Array, sample_rate: int | None) -> tuple[Array, int]:
    if sample_rate is None or int(sample_rate) == int(rate):
        return audio, int(rate)
    if find_spec("soxr") is None:
        raise Unavailable("soxr is not installed: pip install 'modelparity[sousa]'", where="sample_rate")
    return librosa.resample(audio, orig_sr=int(rate), target_sr=int(sample_rate)), int(sample_rate)


@contextmanager
def _librosa() -> Iterator[Any]:
    """librosa, without its warnings about sound that is short or silent. Raises `Unavailable` without it."""
    if find_spec("librosa") is None:
        raise Unavailable(
            "librosa is not installed: pip install 'modelparity[sousa]'", where="sousa/rudiment"
        )
    import librosa

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        yield librosa
