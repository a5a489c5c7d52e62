"""What one run may ask for: held before memory is allocated or time is spent, because files can ask for anything.

What all results of a run hold at once, and how long it takes, shows only while it runs, since sizes can depend on
data: a `Watch` stops it.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from typing import Any

from ..errors import GraphError


class TooMuch(GraphError):
    """A run that was stopped because it takes more memory or time than it may."""


@dataclass(frozen=True, slots=True)
class Limits:
    """``elements`` of one array, ``turns`` of one loop, and ``steps`` of one operator (additions, comparisons).

    The defaults are beyond what any model needs and within what a large machine has. ``alive`` are the elements that
    the results of a run may hold at once, all lanes together, and ``seconds`` how long it may take, in
    processor time of its thread, so that what else a machine does changes nothing; None for neither.
    """

    elements: int = 1 << 30
    turns: int = 10_000_000
    steps: int = 1 << 42
    alive: int | None = None
    seconds: float | None = None

    def watch(self) -> Watch | None:
        """What stops a run that begins now; None where neither ``alive`` nor ``seconds`` is limited."""
        return None if self.alive is None and self.seconds is None else Watch(self)


class Watch:
    """Counts what the results of one run hold at once (``alive`` now, ``most`` so far), and looks at the clock."""

    __slots__ = ("_limit", "_look", "_seconds", "_until", "alive", "most")

    def __init__(self, limits: Limits) -> None:
        self._limit = float("inf") if limits.alive is None else limits.alive
        self._seconds = float("inf") if limits.seconds is None else limits.seconds
        self._until = time.thread_time() + self._seconds
        # A thread cannot work for longer than has passed, and what has passed is much cheaper to ask for.
        self._look = time.perf_counter() + self._seconds
        self.alive = self.most = 0

    def after(self, values: Sequence[Any], made: Sequence[int], dead: Sequence[int], first: int) -> None:
        """Count the results at the places ``made``, then let go of ``dead`` ones from the place ``first`` on.

        Raises `TooMuch` where they hold more than they may, or where time is over.
        """
        for place in made:
            if (result := values[place]) is not None:
                self.alive += result.size
        if self.alive > self.most:
            self.most = self.alive
            if self.most > self._limit:
                raise TooMuch(
                    "a run at these sizes takes too much memory",
                    found=f"{self.most:,} elements at once, and it has not ended",
                    expected=f"at most {self._limit:,}",
                )
        if time.perf_counter() > self._look:
            left = self._until - time.thread_time()
            if left < 0:
                raise TooMuch(
                    "a run at these sizes takes too long",
                    found=f"{self._seconds:g} seconds, and it has not ended",
                    expected=f"at most {self._seconds:g} seconds",
                )
            self._look = time.perf_counter() + left
        for place in dead:
            if place >= first and (result := values[place]) is not None:
                self.alive -= result.size


_current: ContextVar[Limits] = ContextVar("limits", default=Limits())  # noqa: B039 - it is frozen


def limits() -> Limits:
    """The limits that hold here."""
    return _current.get()


@contextmanager
def limited(
    *,
    elements: int | None = None,
    turns: int | None = None,
    steps: int | None = None,
    alive: int | None = None,
    seconds: float | None = None,
) -> Iterator[Limits]:
    """Other limits for what runs in the block: lower ones for files of strangers, higher ones for giants."""
    given: dict[str, Any] = {"elements": elements, "turns": turns, "steps": steps}
    given |= {"alive": alive, "seconds": seconds}
    token = _current.set(replace(limits(), **{name: n for name, n in given.items() if n is not None}))
    try:
        yield limits()
    finally:
        _current.reset(token)
