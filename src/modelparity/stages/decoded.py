"""What decoders give, and how two results are compared: events, segments, a label."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..errors import InputError
from ..graph import Array

#: Seconds within which two times are the same: what texts of four digits and single precision leave of them.
SAME = 1e-4
#: Differences that a text shows.
SHOWN = 4


@dataclass(frozen=True)
class Compared:
    """Two decoded results: what is ``missing``, what there is ``beyond`` the other, what may go ``either`` way.

    Each as text, in order; ``count`` is how many the reference has. If nothing is missing or beyond, they agree.
    ``later`` is by how many seconds all that is beyond comes later than all that is missing, where that is so.
    """

    count: int
    missing: tuple[str, ...] = ()
    beyond: tuple[str, ...] = ()
    either: tuple[str, ...] = ()
    word: str = "events"
    later: float | None = None

    @property
    def agree(self) -> bool:
        """Whether they differ in nothing but what may go either way."""
        return not self.missing and not self.beyond

    def __str__(self) -> str:
        told = []
        if self.missing:
            told.append(f"{len(self.missing)} of {self.count} {self.word} missing ({_some(self.missing)})")
        if self.beyond:
            told.append(f"{len(self.beyond)} that the reference has not ({_some(self.beyond)})")
        if self.later is not None:
            told.append(f"each of them {abs(self.later):.4g} s {'later' if self.later > 0 else 'earlier'}")
        if not told:
            told.append(f"{self.count} {self.word}, equal")
        if self.either:
            told.append(f"{_some(self.either)} may go either way: rounding decides")
        return "; ".join(told)


class Decoded(ABC):
    """A kind of result: how it is read, split into items, and compared."""

    word = "events"

    @abstractmethod
    def read(self, value: Any) -> Any:
        """A result as this kind has it. Raises `InputError` for what is none."""

    @abstractmethod
    def items(self, value: Any) -> list[Item]:
        """What the result consists of, in order."""

    def plain(self, value: Any) -> Any:
        """A result as JSON has it, in a form that `read` takes; here a row for each item."""
        return [[*item.times, *item.rest] for item in self.items(self.read(value))]

    def compare(self, got: Any, want: Any, runs: Sequence[Any] = ()) -> Compared:
        """Compare ``got`` with ``want``; ``runs`` are results of perturbed runs of the reference.

        An item that is in some of them (``want`` among them) and not in others may go either way.
        """
        theirs, ours = self.items(self.read(got)), self.items(want)
        each = [self.items(run) for run in runs]
        missing, beyond = _unmatched(ours, theirs)
        loose: list[Item] = []
        for run in each:
            gone, new = _unmatched(ours, run)
            loose += [item for item in (*gone, *new) if not any(item.same(other) for other in loose)]
        undecided = [item for item in loose if not any(item.same(o) for o in ours)] + [
            item for item in ours if any(item.same(o) for o in loose)
        ]
        missing, beyond = (
            [item for item in some if not any(item.same(other) for other in loose)]
            for some in (missing, beyond)
        )
        return Compared(
            len(ours),
            tuple(map(str, missing)),
            tuple(map(str, beyond)),
            tuple(str(item) for item in sorted(undecided, key=lambda item: item.times)),
            self.word,
            _later(missing, beyond),
        )


@dataclass(frozen=True)
class Item:
    """One event, segment or label: times in seconds, what else it says, and how far times may be apart."""

    times: tuple[float, ...]
    rest: tuple[Any, ...]
    tolerance: float = 0.0

    def same(self, other: Item) -> bool:
        """Whether the two say the same."""
        near = self.tolerance + SAME
        return (
            self.rest == other.rest
            and len(self.times) == len(other.times)
            and all(abs(one - two) <= near for one, two in zip(self.times, other.times, strict=True))
        )

    def __str__(self) -> str:
        times = "-".join(f"{time:.4g}" if time < 100 else f"{time:.2f}" for time in self.times)
        rest = " ".join(f"{one:g}" if isinstance(one, float) else str(one) for one in self.rest)
        return " ".join(filter(None, [f"{times} s" if times else "", rest]))


@dataclass(frozen=True)
class Events(Decoded):
    """Times (event,) in seconds, or rows (event, column) of a time and what happens then: a number, a pitch.

    Two are the same if their times are no more than ``tolerance`` seconds apart (0: the same frame) and all other
    columns are equal; ``word`` is what a text calls them.
    """

    tolerance: float = 0.0
    word: str = field(default="events")

    def read(self, value: Any) -> Array:
        """Numbers of shape (event,) or (event, column). Raises `InputError` for others."""
        array = np.asarray(value)
        if not array.size:
            return np.zeros((0, *array.shape[1:]))
        if array.dtype.kind not in "fiu" or array.ndim not in (1, 2):
            raise InputError(
                f"{self.word} are times, or rows that begin with a time",
                found=f"{array.dtype} of shape {array.shape}",
                expected="numbers of shape (event,) or (event, column)",
            )
        return array.astype(np.float64)

    def items(self, value: Any) -> list[Item]:
        """One for each row."""
        rows = np.asarray(value, np.float64)
        rows = rows.reshape(len(rows), -1) if rows.size else np.zeros((0, 1))
        return [Item((float(row[0]),), tuple(map(float, row[1:])), self.tolerance) for row in rows]


@dataclass(frozen=True)
class Segments(Decoded):
    """Rows (segment, 3) of start, end (seconds) and label, as text or as they are; equal if all three are."""

    tolerance: float = 0.0
    word: str = field(default="segments")

    def read(self, value: Any) -> list[tuple[float, float, str]]:
        """Rows of start, end and label. Raises `InputError` for others."""
        try:
            return [(float(start), float(end), str(label)) for start, end, label in value]
        except (TypeError, ValueError) as error:
            raise InputError(
                f"{self.word} are rows of start, end and label", found=str(error), fix="give three columns"
            ) from error

    def items(self, value: Any) -> list[Item]:
        """One for each segment."""
        return [Item((start, end), (label,), self.tolerance) for start, end, label in self.read(value)]


@dataclass(frozen=True)
class Label(Decoded):
    """One text, such as a key."""

    word: str = field(default="label")

    def read(self, value: Any) -> str:
        """The text, of whatever holds it."""
        return str(np.asarray(value).reshape(-1)[0]) if np.asarray(value).size else ""

    def items(self, value: Any) -> list[Item]:
        """The only one."""
        return [Item((), (self.read(value),))]


def _unmatched(one: Sequence[Item], other: Sequence[Item]) -> tuple[list[Item], list[Item]]:
    """What of the one has none like it in the other, and the other way round; each matches once, in order of time."""
    left = sorted(other, key=lambda item: item.times)
    gone = []
    for item in sorted(one, key=lambda item: item.times):
        found = next((place for place, two in enumerate(left) if item.same(two)), None)
        if found is None:
            gone.append(item)
        else:
            left.pop(found)
    return gone, left


def _later(missing: Sequence[Item], beyond: Sequence[Item]) -> float | None:
    """By how many seconds all of one are later than all of the other, which else say the same; None if not so."""
    pairs = list(zip(missing, beyond, strict=False))
    if len(missing) != len(beyond) or len(pairs) < 2 or any(one.rest != two.rest for one, two in pairs):
        return None
    away = {b - a for one, two in pairs for a, b in zip(one.times, two.times, strict=False)}
    return sum(away) / len(away) if away and max(away) - min(away) <= 2 * SAME else None


def _some(items: Sequence[str]) -> str:
    more = len(items) - SHOWN
    return ", ".join(items[:SHOWN]) + (f" and {more} more" if more > 0 else "")
