"""Pictures of stages: a value, or a reference beside a candidate with what lies between them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from ..report.stage_picture import Mark, Value, picture
from ..report.writing import write_text
from .decoded import Decoded, Label


class Pictures(Mapping[str, str]):
    """{stage: the text of an SVG file}: reference, candidate, and what lies between them. A notebook shows them."""

    def __init__(self, pictures: Mapping[str, str]) -> None:
        self._pictures = dict(pictures)

    def __getitem__(self, stage: str) -> str:
        return self._pictures[stage]

    def __iter__(self) -> Iterator[str]:
        return iter(self._pictures)

    def __len__(self) -> int:
        return len(self._pictures)

    def __repr__(self) -> str:
        return f"<pictures of {', '.join(self)}>"

    def _repr_html_(self) -> str:
        return "".join(f"<div style='max-width:60em'>{picture}</div>" for picture in self._pictures.values())

    def save(self, folder: str | Path) -> list[Path]:
        """Write each into ``folder`` as ``STAGE.svg``, and return the files. Raises `ModelparityError`."""
        return [write_text(Path(folder) / f"{name}.svg", text) for name, text in self.items()]


def drawn(pipeline: str, stage: str, gives: Decoded | None, reference: Any, candidate: Any = None) -> str:
    """The SVG picture of a stage's value and, where there is one, a candidate's; ``gives`` is a decoder's."""
    return picture(
        f"{pipeline}, {stage}",
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
