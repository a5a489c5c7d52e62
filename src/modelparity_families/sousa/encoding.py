"""Twelve features of each stroke, which the classifier takes, and three raw numbers, from which they are inferred."""

from __future__ import annotations

import numpy as np

from modelparity.graph import Array

from .features import bpm, features
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
#: The largest velocity.
LOUDEST = 127


def encoded(strokes: Strokes, tempo: float) -> Array:
    """Features (stroke, 12) as float32, at a ``tempo`` in beats a minute, as `features` says them.

    Raises `InputError` for a tempo that is none.
    """
    return features(strokes.rows, tempo)


def raw_onsets(time: Array, velocity: Array, tempo: float) -> Array:
    """What is known of strokes without their features, (stroke, 3) as float32.

    Milliseconds since the stroke before (0 for the first one; below 0 where ``time`` goes back), velocity from 0 to
    1, and the tempo in beats a minute, the same in each row.
    """
    intervals = np.diff(time, prepend=time[:1])
    rows = (intervals, velocity / LOUDEST, np.full(len(time), bpm(tempo)))
    return np.stack([np.asarray(one).astype(np.float32) for one in rows], axis=-1)


def padded(rows: Array, count: int) -> tuple[Array, Array]:
    """Rows cut or filled with zeros to ``count``, and a mask (count,) that is 1 where there is one. Float32."""
    kept = rows[:count]
    filled = np.zeros((count, *rows.shape[1:]), np.float32)
    filled[: len(kept)] = kept
    return filled, (np.arange(count) < len(kept)).astype(np.float32)
