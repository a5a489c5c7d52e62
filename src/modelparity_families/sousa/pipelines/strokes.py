"""The pipeline from a table of strokes to the rudiment, and the strokes as it takes them."""

from __future__ import annotations

from functools import cache, partial
from typing import Any

import numpy as np

from modelparity.errors import InputError
from modelparity.graph import Array
from modelparity.stages import Decoder, Function, Given, Label, Networks, Pipeline

from ..features import bpm, features
from ..models import NAME
from ..names import ONSETS
from ..strokes import COLUMNS, Strokes
from .onsets import MOST
from .rudiment import Performance
from .told import told

STROKES = "strokes"


def strokes(value: Any) -> Array:
    """Strokes as rows (stroke, 9), as `Strokes.rows` has them: `Strokes`, a table by column, or such rows.

    Rows stay in their order, up to any number. Raises `InputError` for no strokes, and for what is no table of them.
    """
    if isinstance(value, dict):
        value = Strokes.in_rows(value)
    rows = np.asarray(value.rows if isinstance(value, Strokes) else value, np.float64)
    if rows.ndim != 2 or rows.shape[1] != len(COLUMNS):
        raise InputError(
            "not strokes", found=rows.shape, expected=f"(stroke, {len(COLUMNS)}): {', '.join(COLUMNS)}"
        )
    if not len(rows):
        raise InputError("no strokes", expected="one at least", fix="leave this performance out")
    if not np.isfinite(rows[:, : COLUMNS.index("diddle")]).all():
        raise InputError("strokes are not finite", found="NaN or infinite", expected="numbers up to the hand")
    return rows


def tempo(value: float) -> Array:
    """Beats a minute. Raises `InputError` for no number above 0."""
    return np.asarray(bpm(float(value)))


@cache
def of_strokes() -> Pipeline:
    """From strokes, whose features are known, to the label."""
    parts = (
        Given(
            "strokes", read=strokes, exact=True, about="time in ms, velocity, kind and hand of each stroke"
        ),
        Given("tempo", read=tempo, exact=True, about="beats a minute"),
        Function(
            "features",
            ("strokes", "tempo"),
            function=partial(features, most=MOST),
            dtype="float32",
            about="twelve features of each stroke, in order of time",
        ),
        Networks("logits", ("features",), members=(Performance(ONSETS),), about="logits of the rudiments"),
        Decoder(
            "label", ("logits",), function=told, gives=Label(word="rudiment"), about="the likeliest rudiment"
        ),
    )
    return Pipeline(f"{NAME}/{STROKES}", parts, "the drum rudiment that a table of strokes is of")
