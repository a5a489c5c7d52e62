"""The family: its models, and what is to be said of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from modelparity.family import Command, Family, Model

from .commands import commands
from .models import NAME, models

if TYPE_CHECKING:
    from modelparity.stages import Pipeline


class Sousa(Family):
    """The two networks, keyed by name, the second in its first form too.

    Their weights are those of the folder that ``MODELPARITY_SOUSA`` names, or of the cache; else they are made from a
    seed: parity then says that the conversions are right, and nothing of what was learned.
    """

    name = NAME

    def models(self) -> tuple[Model, ...]:
        """All of them, sorted by key."""
        return models()

    def pipelines(self) -> Mapping[str, Pipeline]:
        """``rudiment``: from sound to the label; ``strokes``: from a table of strokes."""
        from .pipelines import STROKES, of_strokes, pipelines

        return {**pipelines(), STROKES: of_strokes()}

    def commands(self) -> tuple[Command, ...]:
        """``demo`` and ``deploy``."""
        return commands()


FAMILY = Sousa()
