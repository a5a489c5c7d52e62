"""The result of `Pipeline.check`: data that tells itself as text, as a table of a page, and as JSON."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..errors import InputError, near
from ..verdict.model import plain
from .pictures import Pictures, drawn
from .result import Results
from .told import page, text

#: What the JSON of a result calls itself, and the version of its form.
FORMAT, VERSION = "modelparity pipeline check", 1


@dataclass(frozen=True, repr=False)
class Checked(Results):
    """What `Pipeline.check` found: a mapping {stage: `StageVerdict`}, in order.

    ``ok`` holds if no stage departs by itself and something of what was given was judged; ``worst`` is the band of
    the worst stage. Its text, as `str` and `repr` give it, is what a person needs; `plot` draws both sides.
    """

    def to_json(self) -> dict[str, Any]:
        """Plain data for `json.dumps`; docs/schemas/pipeline.json is its schema. Infinities are the text "inf"."""
        return {
            "format": FORMAT,
            "version": VERSION,
            "pipeline": self.pipeline,
            "settings": {name: plain(value) for name, value in self.settings.items()},
            "expected": self.expected,
            "band": self.worst,
            "ok": self.ok,
            "stages": [one.to_json() for one in self.verdicts],
        }

    def plot(self, *stages: str) -> Pictures:
        """Pictures of these stages, or of all: spectrograms as images, activations as lines, events as marks.

        Raises `InputError` for a stage that has no value on both sides.
        """
        for name in stages:
            if name not in self.sides:
                raise InputError(f"there is nothing to draw of {name!r}", expected=near(name, self.sides))
        return Pictures(
            {name: drawn(self.pipeline, *self.sides[name]) for name in stages or tuple(self.sides)}
        )

    def __repr__(self) -> str:
        return text(self)

    def __str__(self) -> str:
        return text(self)

    def _repr_html_(self) -> str:
        return page(self)
