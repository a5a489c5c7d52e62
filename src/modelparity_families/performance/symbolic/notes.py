"""What was played: notes and pedal of a MIDI file, in seconds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from modelparity.errors import InputError
from modelparity.graph import Array

from ...midi_files import merged, opened

#: A file beyond these is damaged or no performance: notes, seconds.
MOST_NOTES, MOST_SECONDS = 1_000_000, 4 * 3600
#: The channel of drums, counted from 0; microseconds a beat until a file says otherwise.
DRUMS, TEMPO = 9, 500_000
#: The controller of the sustain pedal, and the value from which it is down.
PEDAL, DOWN = 64, 64
#: What lengthens a file beyond its last note, besides what channels do that play.
MARKS = ("time_signature", "key_signature", "lyrics", "text")


@dataclass(frozen=True)
class Notes:
    """Notes in any order: (note,) arrays, ``start`` and ``end`` in seconds, ``pitch`` and ``velocity`` of MIDI.

    ``drum`` is true for notes of the drum channel. ``pedal`` (event, 2) has times in seconds and values of the
    sustain pedal. ``until`` is when the file ends, in seconds; the last note's end if nothing is given.
    """

    pitch: Array
    velocity: Array
    start: Array
    end: Array
    drum: Array
    pedal: Array = field(default_factory=lambda: np.empty((0, 2)))
    until: float = 0.0

    def __post_init__(self) -> None:
        if not len(self.start):
            raise InputError("a performance without notes", expected="one note at least")
        rows = (self.pitch, self.velocity, self.start, self.end)
        faulty = ~np.isfinite(np.stack(rows)).all(axis=0) | (self.end < self.start) | (self.start < 0)
        faulty |= (self.pitch < 0) | (self.pitch > 127) | (self.velocity < 1) | (self.velocity > 127)
        if faulty.any():
            which = int(faulty.argmax())
            raise InputError(
                f"note {which} is none",
                found=", ".join(f"{float(row[which]):g}" for row in rows),
                expected="pitch 0 to 127, velocity 1 to 127, start and end in seconds, in order",
            )
        object.__setattr__(self, "until", max(float(self.until), float(self.end.max())))

    def __len__(self) -> int:
        return len(self.start)

    def pressed(self, times: Array) -> Array:
        """Whether the pedal is down (time,) at ``times`` in seconds: what was last said of it is `DOWN` or more."""
        order = np.argsort(self.pedal[:, 0], kind="stable")
        values = np.concatenate(([0.0], self.pedal[order, 1]))
        down: Array = values[np.searchsorted(self.pedal[order, 0], times, side="right")] >= DOWN
        return down


def read(path: Path) -> Notes:
    """The notes of a MIDI file, track by track, in the order in which they end.

    Tempi count for all tracks. A release ends every note of its pitch and channel that was struck before it, not in
    its own tick; what is never released is no note. Raises `InputError` for a file that is damaged, none, without
    notes or longer than music is, and `Unavailable` without mido.
    """
    file = opened(path, "performance")
    seconds = _clock(file, path)
    found: list[tuple[float, ...]] = []
    pedal: list[tuple[float, float]] = []
    until = 0.0
    for track in file.tracks:
        notes, controls, marks = _track(track, seconds)
        playing = {int(note[5]) for note in notes}
        own = [one for one in controls if one[0] in playing]
        found += notes
        pedal += [(when, value) for _, when, controller, value in own if controller == PEDAL]
        until = max((until, *(when for _, when, *_ in own), *marks))
        if len(found) > MOST_NOTES:
            raise InputError("longer than music is", where=path, found=f"over {MOST_NOTES:,} notes")
    if not found:
        raise InputError(
            "a MIDI file without notes", where=path, expected="a note that is struck and released"
        )
    pitch, velocity, start, end, drum, _ = np.array(found, np.float64).T
    return Notes(pitch, velocity, start, end, drum.astype(bool), np.array(pedal).reshape(-1, 2), until)


def _clock(file: Any, path: Path) -> Callable[[int], float]:
    """Seconds of a tick, at the file's own tempi."""
    ticks, starts, scales = [0], [0.0], [_scale(TEMPO, file.ticks_per_beat)]
    now = 0
    for message in merged(file):
        now += message.time
        if message.type == "set_tempo":
            starts.append(starts[-1] + scales[-1] * (now - ticks[-1]))
            ticks.append(now)
            scales.append(_scale(message.tempo, file.ticks_per_beat))
    if (last := starts[-1] + scales[-1] * (now - ticks[-1])) > MOST_SECONDS:
        raise InputError(
            "longer than music is", where=path, found=f"{last:.0f} s", expected=f"at most {MOST_SECONDS} s"
        )

    def seconds(tick: int) -> float:
        place = int(np.searchsorted(ticks, tick, side="right")) - 1
        return starts[place] + scales[place] * (tick - ticks[place])

    return seconds


def _scale(tempo: int, ticks: int) -> float:
    """Seconds a tick, for microseconds a beat."""
    return 60.0 / (6e7 / max(tempo, 1) * ticks)


def _track(
    track: Any, seconds: Callable[[int], float]
) -> tuple[list[tuple[float, ...]], list[tuple[int, float, int, int]], list[float]]:
    """Notes (pitch, velocity, start, end, drum, channel), what controllers and bends say (channel, time, controller
    or -1, value), and times of marks."""
    struck: dict[tuple[int, int], list[tuple[int, int]]] = defaultdict(list)
    notes: list[tuple[float, ...]] = []
    controls: list[tuple[int, float, int, int]] = []
    marks: list[float] = []
    now = 0
    for message in track:
        now += message.time
        if message.type == "note_on" and message.velocity:
            struck[message.channel, message.note].append((now, message.velocity))
        elif message.type in ("note_on", "note_off"):
            key = (message.channel, message.note)
            ended = [one for one in struck[key] if one[0] < now]
            kept = [one for one in struck[key] if one[0] == now]
            struck[key] = kept if ended else []
            for tick, velocity in ended:
                times = (seconds(tick), seconds(now))
                notes.append((message.note, velocity, *times, message.channel == DRUMS, message.channel))
        elif message.type == "control_change":
            controls.append((message.channel, seconds(now), message.control, message.value))
        elif message.type == "pitchwheel":
            controls.append((message.channel, seconds(now), -1, message.pitch))
        elif message.type in MARKS:
            marks.append(seconds(now))
    return notes, controls, marks
