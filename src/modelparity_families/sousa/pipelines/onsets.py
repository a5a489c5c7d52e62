"""Onsets, their strengths and the tempo, with librosa's defaults: a frame each 512 samples, at whatever rate."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Annotated, Any

import numpy as np

from modelparity.errors import InputError, Unavailable, near
from modelparity.graph import Array
from modelparity.stages import Span

#: Samples between frames.
HOP = 512
#: Strokes that the networks have positions for.
MOST = 256
#: Where a strength is read off, and how the tempo's envelope is made of the bands.
STRENGTHS, TEMPI = ("moved", "peak"), ("mean", "median")
Rate = Annotated[int, Span(1000, 768_000)] | None


def onset_envelope(audio: Array, rate: Array, *, sample_rate: Rate = None) -> Array:
    """How much louder the bands of a mel spectrogram get in each frame, on average: (frame,).

    ``sample_rate`` resamples the sound first; without it frames are of 512 samples at whatever rate the sound has, so
    that half as many onsets are told apart at half the rate.
    """
    with _librosa() as librosa:
        y, sr = _resampled(librosa, audio, rate, sample_rate)
        envelope: Array = librosa.onset.onset_strength(y=y, sr=sr, hop_length=HOP)
    return envelope


def onset_times(envelope: Array, rate: Array, *, sample_rate: Rate = None) -> Array:
    """Seconds (onset,) of peaks of the envelope (frame,), each moved back to the minimum before it."""
    with _librosa() as librosa:
        found: Array = _frames(librosa, envelope, rate, sample_rate, moved=True)
    return found * HOP / _rate(rate, sample_rate)


def onset_strengths(
    envelope: Array, rate: Array, *, strength: str = "moved", sample_rate: Rate = None
) -> Array:
    """The envelope (frame,) at each onset, divided by the largest of these: (onset,) from 0 to 1.

    "moved" reads it where onsets were moved to, as the original does: at minima, of which most are 0 and which hardly
    follow how loud strokes are. "peak" reads it at the peaks. All are 0 where the largest is. Raises `InputError` for
    another ``strength``.
    """
    _one_of("strength", strength, STRENGTHS)
    with _librosa() as librosa:
        frames = _frames(librosa, envelope, rate, sample_rate, moved=strength == "moved")
    values = envelope[np.minimum(frames, len(envelope) - 1)] if len(frames) else envelope[:0]
    most = values.max(initial=0)
    return values / most if most > 0 else np.zeros_like(values)


def tempo_bpm(
    envelope: Array, audio: Array, rate: Array, *, tempo: str = "mean", sample_rate: Rate = None
) -> Array:
    """Beats a minute (), 0 for silence: that of the envelope, or of one that is the "median" of the bands.

    The original's first design took the median: another tempo in one clip of thirteen. Raises `InputError` for
    another ``tempo``.
    """
    _one_of("tempo", tempo, TEMPI)
    with _librosa() as librosa:
        if tempo == "mean":
            given: dict[str, Any] = {"onset_envelope": envelope, "sr": _rate(rate, sample_rate)}
        else:
            y, sr = _resampled(librosa, audio, rate, sample_rate)
            given = {"y": y, "sr": sr}
        found, _ = librosa.beat.beat_track(hop_length=HOP, **given)
    return np.asarray(np.asarray(found).reshape(-1)[0], np.float64)


def raw_onsets(times: Array, strengths: Array, tempo: Array) -> Array:
    """What the networks are given of the first 256 onsets, (onset, 3): ms since the one before, strength, tempo.

    Raises `InputError` where there is no onset.
    """
    if not len(times):
        raise InputError(
            "no onsets in this sound",
            expected="strokes that stand out",
            fix='until="tempo_bpm" ends before the networks',
        )
    count = min(len(times), MOST)
    intervals = np.diff(times[:count], prepend=times[:1]) * 1000
    rows = (intervals, strengths[:count], np.full(count, float(tempo)))
    return np.stack([np.asarray(one, np.float64) for one in rows], axis=-1)


def _frames(librosa: Any, envelope: Array, rate: Array, sample_rate: int | None, *, moved: bool) -> Array:
    """Frames (onset,) of peaks, or of the minima before them. An envelope without a number above 0 has none."""
    if not (envelope > 0).any():
        return np.zeros(0, np.int64)
    found: Array = librosa.onset.onset_detect(
        onset_envelope=envelope, sr=_rate(rate, sample_rate), hop_length=HOP, backtrack=moved
    )
    return found


def _rate(rate: Array, sample_rate: int | None) -> int:
    return int(rate) if sample_rate is None else int(sample_rate)


def _resampled(librosa: Any, audio: Array, rate: Array, sample_rate: int | None) -> tuple[Array, int]:
    if sample_rate is None or int(sample_rate) == int(rate):
        return audio, int(rate)
    if find_spec("soxr") is None:
        raise Unavailable("soxr is not installed: pip install 'modelparity[sousa]'", where="sample_rate")
    return librosa.resample(audio, orig_sr=int(rate), target_sr=int(sample_rate)), int(sample_rate)


def _one_of(name: str, value: str, known: tuple[str, ...]) -> None:
    if value not in known:
        raise InputError(f"there is no {name} {value!r}", expected=near(str(value), known))


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
