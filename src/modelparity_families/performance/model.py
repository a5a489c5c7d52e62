"""What all models of the family have in common: a module of their own, and a small seeded network without weights."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from modelparity.errors import FamilyError, near
from modelparity.family import Model

from .names import NAME
from .places import SEEDED, folder

if TYPE_CHECKING:
    from modelparity.graph import Graph

One = TypeVar("One", bound=Model)
#: The seed with which the original's own code was run.
SEED = 1


@dataclass(frozen=True)
class PerformanceModel(Model, ABC):
    """A network. Its candidate for PyTorch is the module with the original's names, not one made from the graph."""

    @abstractmethod
    def module(self) -> object:
        """That module, with the weights that `load` reads."""

    def load(self) -> Graph:
        """The reference, small and with seeded weights where there are no others. Raises as `Model.load`."""
        if self.path() == SEEDED and (made := self.example(SEED)) is not None:
            return made
        return super().load()

    def candidate(self, backend: str) -> object | None:
        """The module for "torch"; ``None`` where the suite shall convert."""
        return self.module() if backend == "torch" and find_spec("torch") is not None else None

    def remarks(self) -> Iterable[str]:
        """Whether its weights were trained."""
        if self.path() == SEEDED:
            yield f"{NAME}/{self.key}: a small network with weights made from a seed, not trained"


def called(key: str, models: Iterable[One]) -> One:
    """The one of ``models`` that has this key. Raises `FamilyError` naming what is near."""
    known = {one.key: one for one in models}
    if key not in known:
        raise FamilyError(f"there is no model {key!r}", where=NAME, expected=near(key, known))
    return known[key]


def recording(key: str) -> Path | None:
    """The file of what the original computed with the seeded weights of a model, called by its key.

    ``None`` where other weights are here, and where this package is installed without its tests.
    """
    place = Path(__file__).resolve().parents[3] / "tests" / "anchors" / "performance" / f"{key}_small.npz"
    return place if folder(key) == SEEDED and place.is_file() else None
