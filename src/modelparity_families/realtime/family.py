"""The family: its models, how they are trained, its commands, and what is to be said of them."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

from modelparity.family import Command, Family, Model, Progress

from .models import NAME, models
from .specs import remarks, specs
from .stack import stacks, table
from .training import RealtimeTraining


class Realtime(Family):
    """The five models, keyed by name; those with an LSTM also as NAME/step, with their state outside.

    Their weights are those of a trained checkpoint where one is found (`weights.checkpoint`), else made from a
    seed: parity then says that the conversions are right, and nothing of what was learned.
    """

    name = NAME
    training = RealtimeTraining()

    def models(self) -> tuple[Model, ...]:
        """All of them, sorted by key."""
        return models()

    def commands(self) -> tuple[Command, ...]:
        """``train``, ``export`` and ``bench``."""
        from .commands import commands

        return commands(self.training)

    def fetch(self, progress: Progress | None = None) -> Path:
        """Nothing is to be fetched: the file that the stacks are written down in."""
        return table()

    @property
    def spec_file(self) -> Path:
        """What the models are declared to be, as ``--check-specs`` takes it."""
        return Path(str(files(__package__) / "specs.toml"))

    def remarks(self) -> Iterator[str]:
        """What a reader of a report on these models should not miss."""
        from .weights import checkpoint

        untrained = [name for name in stacks() if checkpoint(name) is None]
        if untrained:
            which = "all five" if len(untrained) == len(stacks()) else ", ".join(untrained)
            yield f"realtime: weights made from a seed, not trained: {which}"
        yield "realtime: UNANCHORED: no outputs were recorded elsewhere; the reference is the table of layers"
        yield from remarks(specs(self.spec_file))


FAMILY = Realtime()
