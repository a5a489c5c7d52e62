"""What sounds in every frame: the five numbers that the continuous encoder sees."""

from __future__ import annotations

import math

import numpy as np

from modelparity.errors import InputError
from modelparity.graph import Array

from .notes import Notes

#: Frames a second.
RATE = 50.0
#: What each of the five numbers is.
NAMES = ("pitch", "velocity", "notes", "pedal", "interval")
#: The lowest key of a piano, and the keys above it: pitches are told as (p - 21) / 87, velocities in 127ths.
LOWEST, KEYS, LOUDEST = 21.0, 87.0, 127.0


def features(notes: Notes, rate: float = RATE) -> Array:
    """(frame, 5) float32, frame i at i / ``rate`` seconds, as many as ``ceil(notes.until * rate)``:

    - pitch: mean of (p - 21) / 87 of the notes with start <= t < end; 0 in silence
    - velocity: their mean velocity / 127
    - notes: how many they are
    - pedal: 1 where the sustain pedal is down
    - interval: seconds between the last two different onsets up to t, and 0 before the second

    Drums count as notes. Raises `InputError` for a rate that is none.
    """
    if not (math.isfinite(rate) and 0 < rate <= 1000):
        raise InputError("no rate of frames", found=rate, expected="frames a second, up to 1000")
    times = np.arange(math.ceil(notes.until * rate)) / rate
    first, stop = (np.searchsorted(times, edge, side="left") for edge in (notes.start, notes.end))

    def summed(values: Array) -> Array:
        """(frame,): the sum of ``values`` (note,) over the notes that sound."""
        steps = np.zeros(len(times) + 1)
        np.add.at(steps, first, values)
        np.add.at(steps, stop, -values)
        return np.cumsum(steps)[:-1]

    count = summed(np.ones(len(notes)))
    sounding = np.maximum(count, 1)
    pitch = np.where(count > 0, (summed(notes.pitch) / sounding - LOWEST) / KEYS, 0)
    velocity = summed(notes.velocity) / sounding / LOUDEST
    columns = (pitch, velocity, count, notes.pressed(times), _interval(notes.start, times))
    return np.stack(columns, axis=1).astype(np.float32)


def _interval(onsets: Array, times: Array) -> Array:
    """(time,): seconds between the last two different onsets up to each of ``times``."""
    different = np.unique(onsets)
    between = np.concatenate(([0.0, 0.0], np.diff(different)))
    found: Array = between[np.searchsorted(different, times, side="right")]
    return found
