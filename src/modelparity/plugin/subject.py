"""What the suite needs to know of a model, whether a family lists it or two paths on the command line name it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from ..family import Anchor
from ..formats import load
from ..graph import Graph
from ..inputs import LENGTHS


class Subject(Protocol):
    """A reference with the names of its candidates; `modelparity.family.Model` is one.

    A model that brings converted forms of its own has a method ``candidate(backend)`` besides, which returns
    one, or ``None`` where the suite shall convert. Hashable, for what belongs to it is kept.
    """

    def __hash__(self) -> int: ...

    @property
    def family(self) -> str:
        """The family's name; empty for a model given by path."""

    @property
    def key(self) -> str:
        """The model's name within its family, with slashes."""

    @property
    def recipes(self) -> Sequence[str]:
        """Names of the inputs that suit it."""

    @property
    def candidates(self) -> Sequence[str]:
        """Names of the backends that can run it."""

    def load(self) -> Graph:
        """The reference. Raises `Unavailable` if it is not here."""

    def anchor(self) -> Anchor | None:
        """What the original framework computed, if that was recorded."""


def full_name(subject: Subject) -> str:
    """``family/key``; models given by path have no family."""
    return f"{subject.family}/{subject.key}" if subject.family else subject.key


@dataclass(frozen=True)
class Pair:
    """A reference given by path, and candidates given by path, each with its name."""

    reference: Path
    files: tuple[tuple[str, Path], ...]
    recipes: tuple[str, ...] = LENGTHS
    family: str = ""
    fetched: bool = False

    @property
    def key(self) -> str:
        """The reference's file name."""
        return self.reference.name

    @property
    def candidates(self) -> tuple[str, ...]:
        """The candidates' names."""
        return tuple(name for name, _ in self.files)

    def load(self) -> Graph:
        """The reference, read from its file."""
        return load(self.reference)

    def anchor(self) -> None:
        """None: nothing but the two files is known."""

    def candidate(self, name: str) -> Path:
        """The candidate's file."""
        return dict(self.files)[name]


def pair(reference: Path, candidates: Sequence[Path]) -> Pair:
    """The pair, candidates named by file name, or by path where two share their file name."""
    unique = dict.fromkeys(candidates)
    names = [path.name for path in unique]
    named = [(path.name if names.count(path.name) == 1 else path.as_posix(), path) for path in unique]
    return Pair(reference, tuple(named))
