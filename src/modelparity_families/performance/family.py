"""The family: its models, and what is to be said of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from modelparity.family import Family, Model

from .audio import models as audio
from .names import NAME
from .symbolic import models as symbolic

if TYPE_CHECKING:
    from modelparity.stages import Pipeline

NOTICE = (
    "MuQ's published weights are (c) Tencent AI Lab, under CC-BY-NC 4.0: read it before you use them. They are no "
    "part of modelparity."
)


class Performance(Family):
    """Networks that assess piano performances.

    Weights are those of the folder that ``MODELPARITY_PERFORMANCE`` names, or of the cache; else small networks of
    the same architecture are made from a seed: parity then says that the conversions are right, and nothing of what
    was learned.
    """

    name = NAME
    notice = NOTICE

    def models(self) -> tuple[Model, ...]:
        """All of them, sorted by key."""
        return tuple(sorted((*audio.models(), *symbolic.models()), key=lambda model: model.key))

    def pipelines(self) -> Mapping[str, Pipeline]:
        """``muq``: from sound to scores."""
        from .audio.pipeline import pipelines

        return pipelines()

    def remarks(self) -> Iterator[str]:
        """What a reader of a report on these models should not miss."""
        for model in self.models():
            yield from model.remarks()


FAMILY = Performance()
