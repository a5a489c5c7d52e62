"""MIDI files as notes, in seconds and in beats."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from modelparity.errors import InputError
from modelparity.graph import Array

from ...midi_files import merged, opened

#: Limits beyond which a file is damaged or no music: notes, seconds.
MOST_NOTES, MOST_SECONDS = 1_000_000, 4 * 3600
#: The MIDI channel of drums, counted from 0.
DRUMS = 9
#: Microseconds a quarter note until a file says otherwise.
TEMPO = 500_000


@dataclass(frozen=True)
class Notes:
    """Notes by onset: (note,) arrays. ``start`` and ``end`` are in seconds, ``beat``, ``until`` in quarter notes."""

    start: Array
    end: Array
    beat: Array
    until: Array
    pitch: Array
    velocity: Array
    drum: Array

    def __len__(self) -> int:
        return len(self.start)

    def chosen(self, which: Array) -> Notes:
        """Those for which ``which`` (note,) is true."""
        return Notes(**{name: array[which] for name, array in vars(self).items()})

    @property
    def seconds(self) -> float:
        """When the last note ends."""
        return float(self.end.max(initial=0))

    @property
    def beats(self) -> float:
        """When the last note ends, in quarter notes."""
        return float(self.until.max(initial=0))


def read(path: Path) -> Notes:
    """The notes of a standard MIDI file. Raises `InputError` for what is none or holds none, and `Unavailable`."""
    file = opened(path, "realtime")
    found = _notes(merged(file), file.ticks_per_beat, path)
    if not found:
        raise InputError("a MIDI file without notes", where=path)
    rows = np.array(sorted(found), np.float64)
    start, end, beat, until, pitch, velocity, drum = rows.T
    return Notes(start, end, beat, until, pitch.astype(int), velocity.astype(int), drum.astype(bool))


def _notes(messages: Any, ticks: int, path: Path) -> list[tuple[float, ...]]:
    tempo, seconds, beats = TEMPO, 0.0, 0.0
    sounding: dict[tuple[int, int], tuple[float, float, int]] = {}
    found: list[tuple[float, ...]] = []

    def finish(key: tuple[int, int]) -> None:
        start, beat, velocity = sounding.pop(key)
        found.append((start, seconds, beat, beats, key[1], velocity, float(key[0] == DRUMS)))

    for message in messages:
        beats += message.time / ticks
        seconds += message.time / ticks * tempo * 1e-6
        if seconds > MOST_SECONDS or len(found) > MOST_NOTES:
            raise InputError("longer than music is", where=path, found=f"{seconds:.0f} s, {len(found)} notes")
        if message.type == "set_tempo":
            tempo = message.tempo
        elif message.type in ("note_on", "note_off"):
            key = (message.channel, message.note)
            if key in sounding:  # struck again, or released
                finish(key)
            if message.type == "note_on" and message.velocity:
                sounding[key] = (seconds, beats, message.velocity)
    for key in list(sounding):  # never released
        finish(key)
    return found


def roll(start: Array, end: Array, pitch: Array, frames: int, rate: float) -> Array:
    """(frame, pitch) bool: what sounds in the frame that begins at t / rate. Each note has a frame at least."""
    sounding = np.zeros((frames, 128), bool)
    first = np.round(start * rate).astype(int)
    last = np.maximum(np.round(end * rate).astype(int), first + 1)
    for one, stop, key in zip(first, last, pitch, strict=True):
        sounding[one:stop, key] = True
    return sounding
