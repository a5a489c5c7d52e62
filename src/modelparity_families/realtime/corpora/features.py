"""From music to examples: what stands in a frame of each model, and what it should give."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from modelparity.errors import InputError
from modelparity.graph import Array
from modelparity_families.training.pieces import Example, example

from .audio import log_mel
from .midi import Notes, roll


@dataclass(frozen=True)
class Features:
    """How music is cut into frames; see ``training/defaults.toml``."""

    rate: int = 22050
    window: int = 2048
    frames_per_second: float = 10.0
    steps_per_beat: int = 4
    decay: float = 0.8


#: Lowest pitch of the melody's input, and how many there are.
LOWEST, PITCHES = 36, 64
#: Lowest key of a piano, how many there are, and in how many registers they are heard.
FIRST_KEY, KEYS, REGISTERS = 21, 88, 16
#: Intervals of each quality; each has 12 roots but the augmented triad, which has 4.
CHORDS = {
    "major": (0, 4, 7),
    "minor": (0, 3, 7),
    "diminished": (0, 3, 6),
    "dominant 7": (0, 4, 7, 10),
    "minor 7": (0, 3, 7, 10),
    "augmented": (0, 4, 8),
}
#: How alike a beat and a chord must be, as a cosine, for the beat to count.
ALIKE = 0.75
#: Groups of drums, by the notes that Roland's TD-11 and General MIDI have for them: kick, snare, cymbals, toms.
DRUMS = (
    (35, 36),
    (37, 38, 39, 40),
    (22, 26, 42, 44, 46, 49, 51, 52, 53, 55, 57, 59),
    (41, 43, 45, 47, 48, 50, 58),
)
STEPS = 16


def emotion(signal: Array, times: Array, values: Array, settings: Features) -> Example:
    """128 bands -> (valence, arousal) in -1 .. 1, interpolated between annotations ``values`` (n, 2) at ``times``."""
    x = log_mel(
        signal, settings.rate, bands=128, frame_rate=settings.frames_per_second, window=settings.window
    )
    at = (np.arange(len(x)) + 1) / settings.frames_per_second
    y = np.stack([np.interp(at, times, values[:, k]) for k in range(values.shape[1])], axis=1)
    known = (at >= times[0]) & (at <= times[-1])
    if not known.any():
        raise InputError(
            "no annotation falls into the recording",
            found=f"{len(signal) / settings.rate:.1f} s of sound",
            expected=f"annotations from {times[0]:g} to {times[-1]:g} s",
        )
    return example(x, y, known[:, None])


def melody(notes: Notes, settings: Features) -> Example:
    """64 pitches now -> 128 pitches in the next step. Drums are left out."""
    steps = _steps(notes, settings)
    x = np.zeros((len(steps), PITCHES))
    for pitch in range(128):
        x[steps[:, pitch], folded(pitch) - LOWEST] = 1
    return example(x[:-1], steps[1:])


def folded(pitch: int) -> int:
    """The pitch, moved by octaves into the range that the melody's input has."""
    while pitch < LOWEST:
        pitch += 12
    while pitch >= LOWEST + PITCHES:
        pitch -= 12
    return pitch


def harmony(notes: Notes, settings: Features) -> Example:
    """128 pitches as heard lately -> the chord of the next beat, as one of 64. Beats of no known chord are masked."""
    steps = _steps(notes, settings)
    span = settings.steps_per_beat
    x = np.zeros(steps.shape)
    heard = np.zeros(128)
    for step, sounding in enumerate(steps):
        heard = np.maximum(sounding, settings.decay * heard)
        x[step] = heard
    count = len(steps) - span
    if count < 1:
        raise InputError("too short for a next beat", found=f"{len(steps)} steps", expected=f"over {span}")
    total = np.concatenate([np.zeros((1, 128)), np.cumsum(steps, axis=0)])
    coming = total[span + 1 :] - total[1:-span]  # (time, pitch): the steps behind each one
    chord, known = chords(coming)
    return example(x[:count], np.eye(64)[chord], known[:, None])


def templates() -> tuple[Array, Array]:
    """(64, 12) pitch classes of each chord as unit vectors, and (64,) its root."""
    sets = [
        (root, [(root + step) % 12 for step in steps])
        for name, steps in CHORDS.items()
        for root in range(4 if name == "augmented" else 12)
    ]
    table = np.zeros((64, 12))
    for row, (_, classes) in zip(table, sets, strict=True):
        row[classes] = 1 / np.sqrt(len(classes))
    return table, np.array([root for root, _ in sets])


def chords(coming: Array) -> tuple[Array, Array]:
    """(time,) the likest chord of (time, 128) pitches, and whether it is like enough. The bass decides a tie."""
    classes = np.stack([coming[:, k::12].sum(axis=1) for k in range(12)], axis=1)
    norm = np.linalg.norm(classes, axis=1)
    table, roots = templates()
    score = classes @ table.T / np.maximum(norm, 1e-9)[:, None]
    bass = np.where(norm > 0, (coming > 0).argmax(axis=1) % 12, -1)
    score = score + 0.01 * (roots[None] == bass[:, None])
    known = (score.max(axis=1) >= ALIKE) & ((classes > 0).sum(axis=1) >= 3)
    return score.argmax(axis=1), known


def dynamics(signal: Array, notes: Notes, settings: Features) -> Example:
    """32 bands -> the velocity / 127 of the loudest note that sounds in each of 16 registers."""
    x = log_mel(
        signal, settings.rate, bands=32, frame_rate=settings.frames_per_second, window=settings.window
    )
    y = np.zeros((len(x), REGISTERS))
    keys = notes.chosen((notes.pitch >= FIRST_KEY) & (notes.pitch < FIRST_KEY + KEYS) & ~notes.drum)
    first = np.floor(keys.start * settings.frames_per_second).astype(int)
    last = np.maximum(np.ceil(keys.end * settings.frames_per_second).astype(int), first + 1)
    places = (keys.pitch - FIRST_KEY) * REGISTERS // KEYS
    for start, stop, place, velocity in zip(first, last, places, keys.velocity, strict=True):
        y[start:stop, place] = np.maximum(y[start:stop, place], velocity / 127)
    return example(x, y)


def groove(notes: Notes) -> Example:
    """Bars in 4/4, one a frame: which drums are hit on which of 16 steps -> how late and how loud each step is.

    Lateness is -1 .. 1 for half a step early .. late, that of the step's loudest hit; loudness -1 .. 1 for velocity
    0 .. 127. Steps without a hit are masked, bars without one left out.
    """
    place = notes.beat * 4
    step = np.floor(place + 0.5).astype(int)
    bars = int(step.max()) // STEPS + 1
    x, y = np.zeros((bars, len(DRUMS), STEPS)), np.zeros((bars, 2, STEPS))
    loudest = np.zeros((bars, STEPS))
    for at, exact, pitch, velocity in zip(step, place, notes.pitch, notes.velocity, strict=True):
        group = next((k for k, members in enumerate(DRUMS) if pitch in members), None)
        if group is None:
            continue
        bar, one = divmod(int(at), STEPS)
        x[bar, group, one] = 1
        if velocity > loudest[bar, one]:
            loudest[bar, one] = velocity
            y[bar, :, one] = (exact - at) * 2, velocity / 127 * 2 - 1
    hit = loudest > 0
    kept = hit.any(axis=1)
    if not kept.any():
        raise InputError("no drum that is known is hit")
    mask = np.repeat(hit[:, None], 2, axis=1)
    return example(*(array[kept].reshape(int(kept.sum()), -1) for array in (x, y, mask)))


def _steps(notes: Notes, settings: Features) -> Array:
    pitched = notes.chosen(~notes.drum)
    if not len(pitched):
        raise InputError("nothing but drums")
    per = settings.steps_per_beat
    count = int(np.ceil(pitched.beats * per)) + 1
    steps = roll(pitched.beat, pitched.until, pitched.pitch, count, per)
    if len(steps) < 2:
        raise InputError("too short for a next step")
    return steps
