"""The answer as data: the side, the ways in which the candidate was run to tell it, and sentences for a person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ..locate import Located
from ..locate.model import Way


@dataclass(frozen=True)
class Side:
    """Where a difference arises.

    Args:
        side: "artefact", "runtime" or "interface"; None where that could not be told.
        said: how it is known, in sentences.
        ways: what the candidate gave, run in other ways.
        passes: passes of the runtime's optimiser that make the difference.
        step: what the runtime runs first that departs.
        asked: the line that runs it so that it agrees.
    """

    side: str | None = None
    said: tuple[str, ...] = ()
    ways: tuple[Way, ...] = ()
    passes: tuple[str, ...] = ()
    step: str = ""
    asked: str = ""

    def of(self, located: Located | None) -> Located:
        """The place with its side."""
        return replace(
            located or Located(),
            side=self.side,
            said=self.said,
            ways=self.ways,
            passes=self.passes,
            step=self.step,
            asked=self.asked,
        )


def listed(names: Sequence[str]) -> str:
    """``a, b and c``."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
