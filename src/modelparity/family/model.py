"""One model of a family: where its file is, how it is read, what was recorded of it, what it is compared on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import Unavailable

if TYPE_CHECKING:
    from ..graph import Array, Graph

#: Inputs, and the outputs that the original framework itself computed from them, by name.
Anchor = tuple[Mapping[str, "Array"], Mapping[str, "Array"]]


def _nowhere() -> Path:
    """Where a model without ``locate`` is."""
    raise Unavailable(
        "the place of this model's file is not known", fix="give the model a locate= or override path()"
    )


def _read(path: Path) -> Graph:
    """What the file says, whatever its format."""
    from ..formats import load

    return load(path)


def _nothing() -> Anchor | None:
    """What was recorded of a model if nobody says otherwise."""
    return None


@dataclass(frozen=True)
class Model:
    """One model of a family; every member has a default but the two names.

    Given as data, or overridden in a class that derives from this one:

    ``key``, ``family``
        The model's name within its family, with slashes, and the family's name.
    ``locate``, ``reader``
        ``locate`` returns the file's path or raises `Unavailable`; ``reader`` makes a `Graph` of it, by content if
        nothing else is said.
    ``own_recipes``, ``candidates``
        Names of the inputs that suit it, all if empty; names of the backends that it is converted for.
    ``recorded``
        Returns what the original framework computed, or ``None``.
    ``seeded``
        Makes the same network with weights from a seed; see `example`.
    ``fetched``
        True for what does not come with the package.
    ``group``
        The ensemble that it belongs to.
    ``sha256``, ``front_end``
        The digest of its file, where it is known, and {axis: size} that its own front end gives axes of which the
        file takes any size: a candidate that is made for another one is wrong, whatever it computes.
    ``file``
        The file where it is known to be here: formats that can examine a file do so.
    """

    key: str
    family: str
    locate: Callable[[], Path] = field(default=_nowhere, repr=False)
    reader: Callable[[Path], Graph] = field(default=_read, repr=False)
    own_recipes: tuple[str, ...] = ()
    candidates: tuple[str, ...] = ("onnxruntime", "torch", "coreml")
    recorded: Callable[[], Anchor | None] = field(default=_nothing, repr=False)
    fetched: bool = False
    group: str = ""
    file: Path | None = None
    seeded: Callable[[int], Graph] | None = field(default=None, repr=False)
    sha256: str = field(default="", repr=False)
    front_end: Mapping[str, int] = field(default_factory=dict, repr=False, hash=False)

    @property
    def recipes(self) -> tuple[str, ...]:
        """Names of the inputs that suit the model: its own, or every recipe there is."""
        if self.own_recipes:
            return self.own_recipes
        from ..inputs import recipes

        return recipes()

    def path(self) -> Path:
        """Where the file is. Raises `Unavailable` with the line to type if it is not here."""
        return self.locate()

    def missing(self) -> str | None:
        """Why the file is not here, with the line that gets it; ``None`` if it is. Raises as `path`."""
        try:
            self.path()
        except Unavailable as error:
            return str(error)
        return None

    def load(self) -> Graph:
        """The reference. Raises `Unavailable` as `path` does, and `ArtefactError` if the file is damaged."""
        return self.reader(self.path())

    def anchor(self) -> Anchor | None:
        """({input: array}, {output: array}) as the original framework computed them, or ``None``."""
        return self.recorded()

    def candidate(self, backend: str) -> object | None:
        """The form that the model itself brings for a backend; ``None`` where it shall be converted."""
        return None

    def example(self, seed: int = 0) -> Graph | None:
        """The same network with weights from ``seed``, where the real ones are not to be had; ``None`` if unknown.

        It is marked: its ``source`` has that seed, which a summary shows as "untrained".
        """
        if self.seeded is None:
            return None
        from ..graph import Source

        graph = self.seeded(seed)
        return graph.changed(source=Source("untrained", f"{self.family}/{self.key}", graph.hash, seed=seed))

    def remarks(self) -> Iterable[str]:
        """Sentences that a reader of a report on this model should not miss."""
        return ()
