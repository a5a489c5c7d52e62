"""Pictures of stages: a value, or a reference beside a candidate with what lies between them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..report.stage_picture import Mark, Value, picture
from .decoded import Decoded, Label
from .stage import Decoder, Stage


def drawn(name: str, part: Stage, reference: Any, candidate: Any = None) -> str:
    """The SVG picture of a stage's value and, where there is one, a candidate's."""
    gives = part.gives if isinstance(part, Decoder) else None
    return picture(
        f"{name}, {part.name}",
        _shown(reference, gives),
        None if candidate is None else _shown(candidate, gives),
    )


def _shown(value: Any, gives: Decoded | None) -> Value:
    if gives is None:
        if isinstance(value, Mapping):
            return {name: np.asarray(one) for name, one in value.items()}
        return np.asarray(value)
    marks = []
    for item in gives.items(gives.read(value)):
        start, end = (item.times[0], item.times[-1]) if item.times else (0.0, 1.0)
        height = next((float(one) for one in item.rest if isinstance(one, float)), None)
        text = " ".join(str(one) for one in item.rest if isinstance(one, str))
        marks.append(Mark(start, end, height, text if not isinstance(gives, Label) else str(value)))
    return marks
