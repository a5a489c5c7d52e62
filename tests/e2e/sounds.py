"""Sound with a known truth: clicks, bursts, tones with harmonics, chords and rhythms, int16 at 44,100 Hz."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

RATE = 44_100
#: I IV V I on middle C, as MIDI pitches.
CADENCE = ((60, 64, 67), (65, 69, 72), (67, 71, 74), (60, 64, 67))
SCALE = (60, 62, 64, 65, 67, 69, 71, 72)


def hertz(pitch: float) -> float:
    """The frequency of a MIDI pitch."""
    return 440.0 * 2 ** ((pitch - 69) / 12)


def placed(seconds: float, parts: Iterable[tuple[float, Any]]) -> Any:
    """Parts (time in seconds, samples) added up in a clip, as int16."""
    clip = np.zeros(round(seconds * RATE) + RATE)
    for time, part in parts:
        start = round(time * RATE)
        clip[start : start + len(part)] += part[: len(clip) - start]
    return (np.clip(clip[: round(seconds * RATE)], -1, 1) * 32_767).astype(np.int16)


def burst(frequency: float, seconds: float, level: float = 0.5) -> Any:
    """A sine with edges of 1 ms."""
    t = np.arange(round(seconds * RATE)) / RATE
    edges = np.minimum(1, np.minimum(t, seconds - t) / 1e-3)
    return level * edges * np.sin(2 * np.pi * frequency * t)


def tone(pitch: int, seconds: float, level: float = 0.15) -> Any:
    """Four partials that rise in 5 ms and decay as exp(-t)."""
    t = np.arange(round(seconds * RATE)) / RATE
    partials = sum(
        share * np.sin(2 * np.pi * hertz(pitch) * n * t)
        for n, share in zip((1, 2, 3, 4), (1, 0.5, 0.25, 0.12), strict=True)
    )
    return level * np.minimum(1, t / 5e-3) * np.exp(-t) * partials


def clicks(bpm: float, seconds: float = 10.0) -> Any:
    """10 ms of 1 kHz on every beat, the first after 0.1 s."""
    times = np.arange(0.1, seconds - 0.05, 60 / bpm)
    return placed(seconds, [(time, burst(1000, 0.01)) for time in times])


def bursts(seconds: float = 5.0) -> tuple[Any, Any]:
    """Sines of 440, 880 and 660 Hz in turn, 0.1 s each half second; and when they begin."""
    times = np.arange(0.25, seconds - 0.2, 0.5)
    tones = [(time, burst((440, 880, 660)[n % 3], 0.1)) for n, time in enumerate(times)]
    return placed(seconds, tones), times


def cadence(shift: int) -> Any:
    """I IV V I, ``shift`` semitones above C: 1.2 s a chord from 0.1 s on."""
    parts = [(0.1 + 1.2 * n, tone(pitch + shift, 1.2)) for n, chord in enumerate(CADENCE) for pitch in chord]
    return placed(5.0, parts)


def struck(pitch: int, seconds: float, level: float = 0.3) -> Any:
    """A tone as of a piano: eight partials, slightly sharp and the faster gone the higher, and a blow before them."""
    t = np.arange(round(seconds * RATE)) / RATE
    partials = sum(
        np.exp(-2 * np.sqrt(n) * t)
        / n**2
        * np.sin(2 * np.pi * hertz(pitch) * n * np.sqrt(1 + 3e-4 * n**2) * t)
        for n in range(1, 9)
    )
    blow = 0.3 * np.random.default_rng(pitch).normal(size=len(t)) * np.exp(-200 * t)
    return level * np.minimum(1, t / 2e-3) * np.minimum(1, (seconds - t) / 0.05) * (partials + blow)


def melody(pitches: Iterable[int], step: float = 0.5, length: float = 0.45) -> tuple[Any, Any]:
    """Struck tones one after the other; and (time, pitch) of each."""
    rows = np.array([(0.2 + step * n, pitch) for n, pitch in enumerate(pitches)])
    parts = [(time, struck(int(pitch), length)) for time, pitch in rows.tolist()]
    return placed(rows[-1, 0] + 1.0, parts), rows


def measures(meter: int, bars: int = 8, beat: float = 0.5) -> tuple[Any, Any]:
    """A bass and a chord on the first beat of each bar, which change from bar to bar, and soft clicks on the others;
    and (time, number in the bar) of every beat."""
    rows, parts = [], []
    for n in range(meter * bars):
        time, number = 0.5 + n * beat, n % meter + 1
        rows.append((time, number))
        chord = CADENCE[n // meter % 4]
        if number == 1:
            parts += [(time, tone(chord[0] - 24, beat * meter, 0.3))]
            parts += [(time, tone(pitch, beat * meter, 0.12)) for pitch in chord]
            parts += [(time, burst(80, 0.05, 0.6))]
        else:
            parts += [(time, burst(3000, 0.01, 0.1))]
    return placed(0.5 + meter * bars * beat, parts), np.array(rows)
