"""A performance's MIDI file: when strokes fall and how loud they are. Who reads it knows neither hands nor types."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import numpy as np

from modelparity.errors import InputError, Unavailable
from modelparity.graph import Array

#: Ticks of a file that claims more are damaged: a quarter of an hour at 480 a beat and 300 beats a minute, and more.
MOST_NOTES = 100_000


def notes(path: Path) -> tuple[Array, Array]:
    """Times in ms (stroke,) and velocities 1 to 127 (stroke,) of all notes, in order, at the file's own tempi.

    The data set's writer clamps times at 0 and cuts them to ticks. Raises `InputError` for a file that is none, or
    without a note, and `Unavailable` without mido.
    """
    if find_spec("mido") is None:
        raise Unavailable("mido is not installed: pip install 'modelparity[sousa]'", where=path)
    import mido

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
