"""Twelve features of each stroke, which the classifier takes, and three raw numbers, from which they are inferred."""

from __future__ import annotations

from typing import Annotated

import numpy as np

from modelparity.errors import InputError
from modelparity.graph import Array
from modelparity.stages import Span

from .strokes import Strokes

#: Names of the columns, in order.
NAMES = (
    "norm_ioi",
    "norm_velocity",
    "is_grace",
    "is_accent",
    "is_tap",
    "is_diddle",
    "hand_R",
    "diddle_pos",
    "norm_flam_spacing",
    "position_in_beat",
    "is_buzz",
    "norm_buzz_count",
)
#: Columns that are 0 or 1, of which a network gives logits; the others it gives as they are.
BINARY = (2, 3, 4, 5, 6, 10)
CONTINUOUS = (0, 1, 7, 8, 9, 11)
#: Milliseconds in a minute, the largest velocity, places in a diddle, and bounces that count as 1.
MINUTE, LOUDEST, PLACES, BOUNCES = 60_000, 127, 2, 8

Tempo = Annotated[float, Span(0, above=True)]


def encoded(strokes: Strokes, tempo: float) -> Array:
    """Features (stroke, 12) as float32, at a ``tempo`` in beats a minute.

    Intervals and positions are in beats, in float64; a position counts from the first stroke, by sums of intervals:
    another order of operations ends on the other side of a beat here and there. Raises `InputError` for a tempo that
    is none.
    """
    beat = MINUTE / _tempo(tempo)
    intervals = np.diff(strokes.time, prepend=strokes.time[:1])
    since_first = np.cumsum(intervals)
    columns = (
        intervals / beat,
        strokes.velocity.astype(np.float32) / np.float32(LOUDEST),
        strokes.grace,
        strokes.accent,
        strokes.kind == "tap",
        strokes.kind == "diddle",
        strokes.hand == "R",
        _or_zero(strokes.diddle) / PLACES,
        _or_zero(strokes.spacing) / beat,
        (since_first % beat) / beat,
        strokes.kind == "buzz",
        _or_zero(strokes.bounces) / BOUNCES,
    )
    return np.stack([np.asarray(one).astype(np.float32) for one in columns], axis=-1)


def raw_onsets(time: Array, velocity: Array, tempo: float) -> Array:
    """What is known of strokes without their features, (stroke, 3) as float32.

    Milliseconds since the stroke before (0 for the first one; below 0 where ``time`` goes back), velocity from 0 to
    1, and the tempo in beats a minute, the same in each row.
    """
    intervals = np.diff(time, prepend=time[:1])
    rows = (intervals, velocity / LOUDEST, np.full(len(time), _tempo(tempo)))
    return np.stack([np.asarray(one).astype(np.float32) for one in rows], axis=-1)


def padded(rows: Array, count: int) -> tuple[Array, Array]:
    """Rows cut or filled with zeros to ``count``, and a mask (count,) that is 1 where there is one. Float32."""
    kept = rows[:count]
    filled = np.zeros((count, *rows.shape[1:]), np.float32)
    filled[: len(kept)] = kept
    return filled, (np.arange(count) < len(kept)).astype(np.float32)


def _or_zero(column: Array) -> Array:
    return np.where(np.isnan(column), 0.0, column)


def _tempo(tempo: float) -> float:
    if not (np.isfinite(tempo) and tempo > 0):
        raise InputError("a tempo is a number above 0, in beats a minute", found=tempo)
    return float(tempo)
