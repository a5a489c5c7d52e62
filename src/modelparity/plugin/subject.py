"""What the suite needs to know of a model, whether a family lists it or two paths on the command line name it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from ..family import Anchor
from ..formats import load
from ..graph import Graph
from ..inputs import LENGTHS
from ..verdict.question import Question
from .candidate_options import NOTHING, CandidateOptions


@dataclass(frozen=True)
class Variant:
    """One choice of sizes for the axes that are given as ranges: its label in ids, and {axis name: size}."""

    label: str = ""
    sizes: tuple[tuple[str, int], ...] = ()


#: Where nothing was chosen.
USUAL = Variant()


class Subject(Protocol):
    """A reference with the names of its candidates; `modelparity.family.Model` is one.

    Whoever derives from it need say no more than what has no default. Hashable, for what belongs to it is kept.
    """

    def __hash__(self) -> int: ...

    @property
    def family(self) -> str:
        """The family's name; empty for a model given by path."""
        return ""

    @property
    def key(self) -> str:
        """The model's name within its family, with slashes."""

    @property
    def group(self) -> str:
        """The ensemble that it belongs to; empty if it belongs to none."""
        return ""

    @property
    def recipes(self) -> Sequence[str]:
        """Names of the inputs that suit it."""

    @property
    def candidates(self) -> Sequence[str]:
        """Names of the backends that can run it."""

    @property
    def fetched(self) -> bool:
        """Whether it does not come with the package, but is fetched."""
        return False

    @property
    def file(self) -> Path | None:
        """Its file, where that is known to be here: formats that can examine a file do so."""
        return None

    def load(self) -> Graph:
        """The reference. Raises `Unavailable` if it is not here."""

    def anchor(self) -> Anchor | None:
        """What the original framework computed, if that was recorded."""
        return None

    def candidate(self, name: str, /) -> object | None:
        """The form that it brings for a backend; ``None`` where the suite shall convert."""
        return None


class Given:
    """A reference and candidates that are files named by whoever runs the suite: a `Subject` without a family."""

    #: The reference's file; the candidates' names and files; names of the inputs.
    reference: Path
    files: tuple[tuple[str, Path], ...]
    recipes: tuple[str, ...]
    #: What was said of how candidates are compared: of all of them, and of some by name.
    all_said: CandidateOptions = NOTHING
    own_said: tuple[tuple[str, CandidateOptions], ...] = ()
    family: str = ""
    group: str = ""
    fetched: bool = False
    file: Path | None = None

    @property
    def candidates(self) -> tuple[str, ...]:
        """The candidates' names."""
        return tuple(name for name, _ in self.files)

    def load(self) -> Graph:
        """The reference, read from its file."""
        return load(self.reference)

    def anchor(self) -> Anchor | None:
        """None: nothing but the files is known."""
        return None

    def candidate(self, name: str) -> Path:
        """The candidate's file."""
        return dict(self.files)[name]

    def said(self, name: str) -> CandidateOptions:
        """What was said of how this candidate is compared."""
        return self.all_said.with_own(dict(self.own_said).get(name, NOTHING))

    def question(
        self, graph: Graph, recipe: str | None, variant: Variant, said: CandidateOptions
    ) -> Question:
        """What candidates are asked that share the reference's inputs; of the usual recipes if none is named."""
        return Question(
            graph,
            recipes=None if recipe is None else (recipe,),
            sizes=dict(said.sizes),
            below=dict(said.below),
            limits=dict(said.limits),
        )


def full_name(subject: Subject) -> str:
    """``family/key``; models given by path have no family."""
    return f"{subject.family}/{subject.key}" if subject.family else subject.key


@dataclass(frozen=True)
class Pair(Given):
    """A reference given by path, and candidates given by path, each with its name."""

    reference: Path
    files: tuple[tuple[str, Path], ...]
    recipes: tuple[str, ...] = LENGTHS
    all_said: CandidateOptions = NOTHING
    own_said: tuple[tuple[str, CandidateOptions], ...] = ()

    @property
    def key(self) -> str:
        """The reference's file name."""
        return self.reference.name


def pair(
    reference: Path,
    candidates: Sequence[Path],
    all_said: CandidateOptions | None = None,
    own_said: Mapping[str, CandidateOptions] | None = None,
) -> Pair:
    """The pair, with what was said of all candidates and of some by name (`named`)."""
    return Pair(
        reference,
        tuple(named(candidates).items()),
        all_said=all_said or NOTHING,
        own_said=tuple((own_said or {}).items()),
    )


def named(candidates: Sequence[Path]) -> dict[str, Path]:
    """{name: candidate}, named by file name, or by path where two share their file name."""
    unique = dict.fromkeys(candidates)
    names = [path.name for path in unique]
    return {path.name if names.count(path.name) == 1 else path.as_posix(): path for path in unique}
