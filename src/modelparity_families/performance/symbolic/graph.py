"""A performance as a graph: notes as nodes, and as edges how they sound together and follow each other."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from modelparity.errors import InputError
from modelparity.graph import Array

from .features import KEYS, LOUDEST, LOWEST
from .notes import Notes

#: Kinds of edges, by their number: struck together, struck while the other sounds, right behind, behind a silence.
KINDS = ONSET, DURING, FOLLOW, SILENCE = 0, 1, 2, 3
#: Seconds: onsets nearer than the first are one; a note follows within the second; a voice sleeps no longer than the
#: third.
TOGETHER, NEAR, ASLEEP = 1e-6, 0.05, 2.0
#: More edges than this come of notes that all sound on: such a file is damaged.
MOST_EDGES = 4_000_000
#: Voices that are told apart; what is beyond shares the last one.
VOICES = 8


@dataclass(frozen=True)
class ScoreGraph:
    """``x`` (note, 6) float32: pitch, velocity, onset, duration, pedal, voice, all from 0 to 1, by onset and pitch.

    ``edges`` (2, edge) int64 are pairs (source, target), each there in both directions; ``kinds`` (edge,) are of
    `KINDS`; ``voices`` (note,) count from 0.
    """

    x: Array
    edges: Array
    kinds: Array
    voices: Array


def score_graph(notes: Notes) -> ScoreGraph:
    """The graph of all notes but drums. Onsets and durations are parts of the time at which the last note ends.

    Raises `InputError` if there are drums alone, and for more than `MOST_EDGES` edges.
    """
    own = np.flatnonzero(~notes.drum)
    if not len(own):
        raise InputError("a performance of drums alone has no score graph", found=f"{len(notes)} drum notes")
    order = own[np.lexsort((notes.pitch[own], notes.start[own]))]
    pitch, start, end = notes.pitch[order], notes.start[order], notes.end[order]
    voices = _voices(pitch, start, end)
    last = float(end.max())
    columns = (
        (pitch - LOWEST) / KEYS,
        notes.velocity[order] / LOUDEST,
        start / last,
        (end - start) / last,
        notes.pressed(start),
        voices / max(int(voices.max()), 1),
    )
    x = np.clip(np.stack(columns, axis=1), 0, 1).astype(np.float32)
    edges, kinds = _edges(start, end)
    return ScoreGraph(x, edges, kinds, voices)


def _voices(pitch: Array, start: Array, end: Array) -> Array:
    """Each note goes to the voice that is over and costs least, ``gap + |difference of pitch| / 127``, or to a new
    one."""
    last: list[tuple[float, float]] = []  # when a voice's last note ends, and its pitch
    found = np.zeros(len(pitch), np.int64)
    for note, (key, onset, until) in enumerate(zip(pitch, start, end, strict=True)):
        costs = {
            voice: onset - over + abs(key - before) / LOUDEST
            for voice, (over, before) in enumerate(last)
            if over <= onset + TOGETHER and onset - over <= ASLEEP
        }
        voice = min(costs, key=costs.__getitem__) if costs else len(last)
        last[voice : voice + 1] = [(until, key)]
        found[note] = min(voice, VOICES - 1)
    return found


def _edges(start: Array, end: Array) -> tuple[Array, Array]:
    """Pairs (2, edge) of notes in order, and their kinds (edge,)."""
    pairs: list[tuple[int, int]] = []
    kinds: list[int] = []
    for u in range(len(start)):
        for v in range(u + 1, len(start)):
            kind: int | None = None
            silent = start[v] > end[u] + NEAR
            if start[v] - start[u] < TOGETHER:
                kind = ONSET
            elif start[v] < end[u]:
                kind = DURING
            elif abs(end[u] - start[v]) < NEAR:
                kind = FOLLOW
            elif silent and not ((end[u + 1 : v] > end[u]) & (start[u + 1 : v] < start[v])).any():
                kind = SILENCE
            if kind is not None:
                pairs += [(u, v), (v, u)]
                kinds += [kind, kind]
            if silent:
                break
        if len(kinds) > MOST_EDGES:
            raise InputError(
                "too many notes sound together for a score graph",
                found=f"more than {MOST_EDGES:,} edges in the first {u + 1:,} notes",
                fix="see whether notes of the file are released",
            )
    return np.array(pairs, np.int64).reshape(-1, 2).T, np.array(kinds, np.int64)
