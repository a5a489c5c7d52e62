"""Which cases of a question are asked where nobody named any: the most telling first, as long as there is time."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from ..graph import Array
from ..inputs import LENGTHS
from .bands import UNJUDGED
from .model import Verdict


def by_telling(cases: Iterable[str]) -> list[str]:
    """The cases in the order of asking: the plainest, what the inputs ask for, noise of other lengths."""
    first, *others = LENGTHS
    planned = [*cases]
    return sorted(planned, key=lambda case: (case != first, case in others, planned.index(case)))


class InTime:
    """What the cases of one candidate took so far, of so many ``seconds`` of processor time that they may take.

    A case counts by the size of its inputs: it is expected to take as much as the dearest so far, or its share of it.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._began = time.process_time()
        self._dearest = (0.0, 1)

    def fits(self, feeds: Mapping[str, Array]) -> bool:
        """Whether a case with these inputs is likely to end in time."""
        took, size = self._dearest
        return self._spent + took * min(_size(feeds) / size, 1.0) <= self.seconds

    def took(self, feeds: Mapping[str, Array], before: float) -> None:
        """A case has ended that began at ``before``, by the clock of the processor."""
        self._dearest = max(self._dearest, (time.process_time() - before, _size(feeds)))

    @property
    def _spent(self) -> float:
        return time.process_time() - self._began

    def left_out(self, case: str, done: Verdict, about: Mapping[str, Any]) -> Verdict:
        """The verdict "unjudged" in a case that there was no time for; ``done`` is that in one that was asked."""
        reason = (
            f"not asked within {self.seconds:g} seconds of processor time: --recipe {case} asks it alone, "
            "--limit processor=N allows more (modelparity check); recipe=, limits={'processor': N} (Python)"
        )
        return replace(
            Verdict(done.reference, done.candidate, done.runtime, UNJUDGED, done.expected, 0.0, ()),
            inputs=dict(about),
            reason=reason,
        )


def _size(feeds: Mapping[str, Array]) -> int:
    return max(sum(array.size for array in feeds.values()), 1)
