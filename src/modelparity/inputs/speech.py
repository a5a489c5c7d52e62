"""What resembles speech, as sound and as spectra of it: voiced syllables over pauses, by + - * / and sqrt only."""

from __future__ import annotations

import math

import numpy as np

from ..graph import Array
from .generator import Generator

#: Samples a second that a voice is made for, how long a syllable is at most, and harmonics that it has at most.
RATE, SYLLABLE, HARMONICS = 16000, 3200, 24
#: Vowels of spectra at most, each with syllables all over: more make longer ones no more like speech.
VOWELS = 100
#: So many bands make a spectrum; fewer are channels of sound.
BANDS = 8
#: As loud as one step of 16 bits times two: what a quiet room leaves in a recording.
QUIET = 2.0**-14


def speech(generator: Generator, shape: tuple[int, ...], time: int) -> Array:
    """Speech: spectra where an axis besides time has bands, else a signal for each channel. Magnitudes up to 1."""
    others = [size for place, size in enumerate(shape) if place != time]
    if not shape or not math.prod(shape):
        return np.zeros(shape)
    if max((shape[place] for place in _may_be_bands(shape, time)), default=0) >= BANDS:
        return _spectra(generator, shape, time)
    signals = [_signal(generator, shape[time]) for _ in range(math.prod(others))]
    return np.moveaxis(np.stack(signals, -1).reshape(shape[time], *others), 0, time)


def _may_be_bands(shape: tuple[int, ...], time: int) -> list[int]:
    """Axes besides time; of three and more the first one holds members of a batch, however many."""
    return [place for place in range(len(shape)) if place != time and (place or len(shape) < 3)]


def quiet(generator: Generator, shape: tuple[int, ...], time: int) -> Array:
    """Speech as faint as the last bits of a recording: what a logarithm's floor, or an epsilon, must not swallow."""
    return speech(generator, shape, time) * QUIET


def from_silence(generator: Generator, shape: tuple[int, ...], time: int) -> Array:
    """Digital silence for a third, then speech."""
    x = speech(generator, shape, time)
    if shape:
        np.moveaxis(x, time, 0)[: shape[time] // 3] = 0.0
    return x


def _syllables(generator: Generator, frames: int, longest: int) -> Array:
    """How loud it is over time: parabolas with pauses between them, 0 to 1."""
    at, level, count = np.arange(frames, dtype=np.float64), np.zeros(frames), 3 + frames // longest
    for centre, width, loud in generator.uniform(3 * count).reshape(count, 3).tolist():
        middle, reach = centre * frames, min(frames, longest) * (0.15 + 0.25 * width)
        here = slice(
            max(math.floor(middle - reach), 0), math.ceil(middle + reach) + 1
        )  # it is silent elsewhere
        off = (at[here] - middle) / reach
        level[here] = np.maximum(level[here], np.maximum(1 - off * off, 0) * (0.25 + 0.75 * loud))
    return level


def _formants(generator: Generator) -> list[tuple[float, float]]:
    """(frequency, width) in hertz of a vowel."""
    first, second, third = generator.uniform(3).tolist()
    return [(250 + 600 * first, 90.0), (900 + 1500 * second, 120.0), (2500 + 800 * third, 200.0)]


def _resonance(frequency: float, formants: list[tuple[float, float]]) -> float:
    return sum(1 / (1 + ((frequency - at) / width) ** 2) for at, width in formants)


def _signal(generator: Generator, frames: int) -> Array:
    """A voice that glides: harmonics (parabolas in place of sines) through formants, and breath."""
    low, glide = generator.uniform(2).tolist()
    pitch, formants = (90 + 130 * low) / RATE, _formants(generator)
    at = np.arange(frames, dtype=np.float64)
    phase = at * pitch * (1 + at * (glide - 0.5) / (4 * RATE))
    voice = np.zeros(frames)
    for harmonic in range(1, HARMONICS + 1):
        turn = phase * harmonic
        t = 2 * (turn - np.floor(turn)) - 1
        voice += 4 * t * (1 - np.abs(t)) * (_resonance(harmonic * pitch * RATE, formants) / harmonic)
    x = voice * _syllables(generator, frames, SYLLABLE) + generator.normal(frames) * 0.004
    loudest = float(np.abs(x).max())
    return x * (0.5 / loudest) if loudest else x


def _spectra(generator: Generator, shape: tuple[int, ...], time: int) -> Array:
    """Magnitudes: formants that move from syllable to syllable, over bands, above a faint noise."""
    frames = shape[time]
    bands = max((shape[place], place) for place in _may_be_bands(shape, time))[1]
    count, level = shape[bands], np.zeros((frames, shape[bands]))
    band = np.arange(count, dtype=np.float64) / count
    for _ in range(2 + min(frames // 20, VOWELS)):
        formants, loud = _formants(generator), _syllables(generator, frames, 20)
        peaks = np.zeros(count)
        for at, width in formants:
            off = (band - at / 4000) / (width / 1000)
            peaks += 1 / (1 + off * off)
        level += loud[:, None] * peaks
    level += generator.uniform(level.size).reshape(level.shape) * 1e-6
    x = np.sqrt(level) * 0.5
    fill = [1] * len(shape)
    fill[time], fill[bands] = frames, count
    faded = np.ones(shape)
    for place, size in enumerate(shape):
        if place not in (time, bands):  # members and channels get fainter
            steps = 1 / (1 + np.arange(size, dtype=np.float64) * 0.25)
            faded = faded * steps.reshape([size if k == place else 1 for k in range(len(shape))])
    ordered = x if time < bands else x.T
    result: Array = ordered.reshape(fill) * faded
    return result
