"""What a family is: models that belong together, where they come from, and what was recorded of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from ..graph import Array, Graph

#: Inputs, and the outputs that the original framework itself computed from them, by name.
Anchor = tuple[Mapping[str, "Array"], Mapping[str, "Array"]]

#: Called as (what is being done, how much of it is done, how much there is; 0 if not known).
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Model:
    """One model of a family.

    ``locate`` returns the artefact's path or raises `Unavailable`; ``reader`` makes a `Graph` of it;
    ``recorded`` returns what the original framework computed, or ``None``. ``recipes`` left empty means all.
    ``fetched`` is true for what does not come with the package. ``group`` names the ensemble it belongs to. ``file``
    is the artefact where it is known to be here: formats that can examine a file do so.
    """

    key: str
    family: str
    locate: Callable[[], Path] = field(repr=False)
    reader: Callable[[Path], Graph] = field(repr=False)
    own_recipes: tuple[str, ...] = ()
    candidates: tuple[str, ...] = ("onnxruntime", "torch", "coreml")
    recorded: Callable[[], Anchor | None] = field(default=lambda: None, repr=False)
    fetched: bool = False
    group: str = ""
    file: Path | None = None

    @property
    def recipes(self) -> tuple[str, ...]:
        """Names of the inputs that suit the model: its own, or every recipe there is."""
        if self.own_recipes:
            return self.own_recipes
        from ..inputs import recipes

        return recipes()

    def path(self) -> Path:
        """Where the artefact is. Raises `Unavailable` with the line to type if it is not here."""
        return self.locate()

    def load(self) -> Graph:
        """The reference. Raises `Unavailable` as `path` does, and `ArtefactError` if the file is damaged."""
        return self.reader(self.locate())

    def anchor(self) -> Anchor | None:
        """({input: array}, {output: array}) as the original framework computed them, or ``None``."""
        return self.recorded()


@runtime_checkable
class Family(Protocol):
    """A plugin of the entry point group ``modelparity.families``."""

    @property
    def name(self) -> str:
        """A short name, the first part of every case id."""

    def models(self) -> tuple[Model, ...]:
        """Every model, sorted by key, whether it is here or not."""

    def fetch(self, progress: Progress | None = None) -> Path:
        """Get what is missing, and return the folder that holds it. Raises `Unavailable` if that fails."""


def matches(pattern: str, family: str, key: str) -> bool:
    """Whether a glob ``pattern`` names a model: by family and key, by its key, or by the last part of it."""
    names = (f"{family}/{key}" if family else key, key, key.rpartition("/")[2])
    return any(fnmatchcase(name, pattern) for name in names)
