"""What one run may ask for: held before memory is allocated or time is spent, because files can ask for anything."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Limits:
    """``elements`` of one array, ``turns`` of one loop, and ``steps`` of one operator (additions, comparisons).

    The defaults are beyond what any model needs and within what a large machine has.
    """

    elements: int = 1 << 30
    turns: int = 10_000_000
    steps: int = 1 << 42


_current: ContextVar[Limits] = ContextVar("limits", default=Limits())  # noqa: B039 - it is frozen


def limits() -> Limits:
    """The limits that hold here."""
    return _current.get()


@contextmanager
def limited(
    *, elements: int | None = None, turns: int | None = None, steps: int | None = None
) -> Iterator[Limits]:
    """Other limits for what runs in the block: lower ones for files of strangers, higher ones for giants."""
    given = {"elements": elements, "turns": turns, "steps": steps}
    token = _current.set(replace(limits(), **{name: n for name, n in given.items() if n is not None}))
    try:
        yield limits()
    finally:
        _current.reset(token)
