"""Where goldens stand in their folder, and the words in which their states are told."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from ..errors import GoldenError
from ..graph import Graph
from ..inputs import length_of

STATES = ("fresh", "missing", "stale", "damaged", "orphan", "unknown")
SUFFIX = ".safetensors"
#: How the files of pipelines' goldens end, which may lie in the same folders.
PIPELINES = ".pipeline.safetensors"

_SEGMENT = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+-]*")
_STEM = re.compile(r"(?P<recipe>\w+)-s(?P<seed>\d+)(-l(?P<length>\d+))?")


class Model(Protocol):
    """What a family's model must have here: key, recipes, and a graph or an error that says why not."""

    @property
    def key(self) -> str: ...
    @property
    def recipes(self) -> tuple[str, ...]: ...
    def load(self) -> Graph: ...


class Family(Protocol):
    """What a family must have here: a name and its models."""

    @property
    def name(self) -> str: ...
    def models(self) -> Sequence[Model]: ...


@dataclass(frozen=True)
class Case:
    """One input of a model: recipe, seed, and the number of frames it comes to (``None`` without time axis)."""

    recipe: str
    seed: int = 0
    length: int | None = None

    def __str__(self) -> str:
        return f"{self.recipe}-s{self.seed}" + ("" if self.length is None else f"-l{self.length}")

    @classmethod
    def parse(cls, stem: str) -> Case | None:
        """The case that a file's name says, or ``None`` if it says none."""
        match = _STEM.fullmatch(stem)
        if match is None:
            return None
        length = match["length"]
        return cls(match["recipe"], int(match["seed"]), None if length is None else int(length))


@dataclass(frozen=True)
class Entry:
    """The state of one golden. ``case`` is ``None`` where the name of a file says none, or nothing is known."""

    path: Path
    family: str
    model: str
    case: Case | None
    state: str
    reason: str = ""


@dataclass(frozen=True)
class Wanted:
    """Which goldens are asked for.

    ``recipes`` stand in for each model's own, ``seed`` and ``length`` are as for `mp.golden`, and ``select``
    (family, model key) limits the models that are looked at.
    """

    recipes: Sequence[str] | None = None
    seed: int = 0
    length: int | None = None
    select: Callable[[str, str], bool] = lambda family, key: True


def case_for(graph: Graph, recipe: str = "noise", seed: int = 0, length: int | None = None) -> Case:
    """The case that `golden` records for these arguments, its length resolved. Raises `InputError`."""
    return Case(recipe, seed, length_of(graph, recipe, length))


def path_for(root: str | Path, family: str, model: str, case: Case) -> Path:
    """Where the golden of a case stands. Raises `GoldenError` for names that are no plain path segments."""
    segments = [family, *model.split("/"), f"{case}"]
    for segment in segments:
        if not _SEGMENT.fullmatch(segment):
            raise GoldenError(
                f"{segment!r} is not allowed in a path",
                where=f"{family}/{model}",
                expected="letters, digits, _ . + and -, not beginning with a dot; / between parts of a model's key",
            )
    return Path(root, *segments[:-1], segments[-1] + SUFFIX)
