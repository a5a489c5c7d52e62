"""The family: the network, its pipeline and its commands, and what is to be said of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from modelparity.family import Command, Family, Model

from .models import KEY, NAME, model, trained

if TYPE_CHECKING:
    from modelparity.stages import Pipeline

NOTICE = (
    "The trained weights are (c) Orcasound and contributors, under the OrcaHello RAIL license: read it before you "
    "use them. They are no part of modelparity."
)


class Orca(Family):
    """OrcaHello's detector. Its weights are those of a file where one is found, else made from a seed."""

    name = NAME
    notice = NOTICE

    def models(self) -> tuple[Model, ...]:
        """The detector's network."""
        return (model(),)

    def commands(self) -> tuple[Command, ...]:
        """``extract``, ``detect`` and ``publish``."""
        from .commands import commands

        return commands()

    def pipelines(self) -> Mapping[str, Pipeline]:
        """From audio to a verdict."""
        from .pipeline import pipelines

        return pipelines()

    def remarks(self) -> Iterator[str]:
        """What a reader of a report should not miss."""
        if trained() is None:
            yield f"{NAME}: weights made from a seed, not trained: {KEY}"


FAMILY = Orca()
