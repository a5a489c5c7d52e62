"""The answer as data: the side, the ways in which the candidate was run to tell it, and sentences for a person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..bands import BANDS
from ..message import multiple


@dataclass(frozen=True)
class Way:
    """One way to run the candidate, and what came of it: ``band`` and ``floors``, or the ``error`` that it raised."""

    name: str
    band: str = ""
    floors: float = 0.0
    error: str = ""

    @property
    def agrees(self) -> bool:
        """Whether it computes what it was compared with."""
        return bool(self.band) and self.band != BANDS[-1]

    @property
    def departs(self) -> bool:
        """Whether it computes something else; one that did not run does neither."""
        return self.band == BANDS[-1]

    def __str__(self) -> str:
        return f"{self.name}: {self.error.splitlines()[0] if self.error else multiple(self.floors)}"


@dataclass(frozen=True)
class Side:
    """Where a difference arises.

    Args:
        side: "artefact", "runtime" or "interface"; None where that could not be told.
        said: how it is known, in sentences.
        ways: what the candidate gave, run in other ways.
        passes: passes of the runtime's optimiser that make the difference.
        node: what the runtime runs first that departs.
        asked: the line that runs it so that it agrees.
        known: what is known of the runtime there.
    """

    side: str | None = None
    said: tuple[str, ...] = ()
    ways: tuple[Way, ...] = ()
    passes: tuple[str, ...] = ()
    node: str = ""
    asked: str = ""
    known: str = ""


def listed(names: Sequence[str]) -> str:
    """``a, b and c``."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
