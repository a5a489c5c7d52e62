"""A performance's MIDI file: when strokes fall and how loud they are. Who reads it knows neither hands nor types."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

import numpy as np

from modelparity.errors import InputError, Unavailable
from modelparity.graph import Array

from ..features import MINUTE

#: Ticks of a file that claims more are damaged: a quarter of an hour at 480 a beat and 300 beats a minute, and more.
MOST_NOTES = 100_000
#: What is written: ticks of a beat, and the note of a snare drum.
TICKS, SNARE = 480, 38


def notes(path: Path) -> tuple[Array, Array]:
    """Times in ms (stroke,) and velocities 1 to 127 (stroke,) of all notes, in order, at the file's own tempi.

    The data set's writer clamps times at 0 and cuts them to ticks. Raises `InputError` for a file that is none, or
    without a note, and `Unavailable` without mido.
    """
    mido = _mido(path)
    found, now = [], 0.0
    try:
        for message in mido.MidiFile(path):
            now += message.time
            if message.type == "note_on" and message.velocity > 0:
                found.append((1000 * now, message.velocity))
            if len(found) > MOST_NOTES:
                raise InputError("too many notes for a performance", where=path, found=f"over {MOST_NOTES:,}")
    except (OSError, ValueError, KeyError, IndexError, EOFError, TypeError) as error:
        raise InputError("not a MIDI file", where=path, found=error or type(error).__name__) from error
    if not found:
        raise InputError("no note in this file", where=path)
    time, velocity = np.array(found, np.float64).T
    return time, velocity


def save(path: Path, time: Array, velocity: Array, tempo: float) -> None:
    """Strokes at times in ms (stroke,) with velocities (stroke,), as the data set's writer leaves them.

    One track; each stroke is a note of one tick, times are clamped at 0 and cut to ticks. Raises as `notes`.
    """
    mido = _mido(path)
    file, track = mido.MidiFile(type=1, ticks_per_beat=TICKS), mido.MidiTrack()
    file.tracks.append(track)
    track.append(mido.MetaMessage("set_tempo", tempo=mido.bpm2tempo(tempo)))
    ticks = (np.maximum(time, 0) * tempo / MINUTE * TICKS).astype(int)
    events = [(tick, 1, int(loud)) for tick, loud in zip(ticks, velocity, strict=True)]
    events += [(tick + 1, 0, 0) for tick in ticks]
    now = 0
    for tick, starts, loud in sorted(events):
        name = "note_on" if starts else "note_off"
        track.append(mido.Message(name, note=SNARE, velocity=loud, time=int(tick) - now))
        now = int(tick)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file.save(path)
    except OSError as error:
        raise InputError("not writable", where=path, found=error.strerror or error) from error


def _mido(path: Path) -> ModuleType:
    if find_spec("mido") is None:
        raise Unavailable("mido is not installed: pip install 'modelparity[sousa]'", where=path)
    import mido

    module: ModuleType = mido
    return module
