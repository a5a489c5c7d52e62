"""What is compared with what: every selected model, backend and recipe as one case with a stable id."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import pytest

from ..family import families
from ..family.base import matches
from ..inputs import recipes, special_recipes
from .candidates import backends
from .findings import FINDINGS, files
from .options import Options, unmatched
from .subject import USUAL, Subject, Variant, full_name, pair

#: The backend that is not run but was recorded: what the original framework itself computed.
#: Its inputs are chosen as a recipe is: ``--parity-recipe=recorded``.
ANCHOR, RECORDED = "anchor", "recorded"


@dataclass(frozen=True)
class ParityCase:
    """One comparison to make."""

    subject: Subject
    backend: str
    recipe: str
    variant: Variant = USUAL
    #: Whether nobody chose the recipe: it is one of those that `verdict.question.usual` asks about.
    usual: bool = False

    @property
    def name(self) -> str:
        """Family and key: the model as ids and reports show it."""
        return full_name(self.subject)

    @property
    def group(self) -> str:
        """The ensemble that the model belongs to, by full name; else the name without its last part."""
        if self.subject.group:
            return f"{self.subject.family}/{self.subject.group}"
        return self.name.rpartition("/")[0] or self.name

    @property
    def id(self) -> str:
        """``madmom/beats/2015/beats_blstm_1[onnxruntime-noise]``, or ``...[anchor]``."""
        if self.backend in (ANCHOR, FINDINGS):
            return f"{self.name}[{self.backend}]"
        return f"{self.name}[{self.backend}-{self.input}]"

    @property
    def input(self) -> str:
        """The recipe, and the sizes that were chosen with it."""
        return f"{self.recipe}-{self.variant.label}" if self.variant.label else self.recipe


def everything(names: Iterable[str] = ()) -> list[Subject]:
    """All models of the named families, or of all families, sorted by name."""
    chosen = set(names)
    known = families()
    found: list[Subject] = [
        model for name, family in known.items() if not chosen or name in chosen for model in family.models()
    ]
    return sorted(found, key=full_name)


def select(options: Options) -> list[ParityCase]:
    """The cases of a run, sorted by id. Raises `pytest.UsageError` for a name that matches nothing."""
    subjects: list[Subject] = []
    if options.reference is not None:
        subjects.append(pair(options.reference, options.candidates, options.all_said, dict(options.own_said)))
        if options.golden in ("missing", "update") and not options.families:
            raise pytest.UsageError("goldens belong to families; with --parity use: modelparity golden PATH")
    if options.reference is None or options.families:
        subjects += _models(options)
    wanted = _recipes(options, subjects)
    chosen = _backends(options, subjects)
    cases = [
        case for subject in subjects for case in _cases(subject, wanted, chosen) if case.backend in chosen
    ]
    if not cases and options.selects:
        raise pytest.UsageError(
            "the --parity options match no case together, though each of them matches something"
        )
    return sorted(cases, key=lambda case: case.id)


def _models(options: Options) -> list[Subject]:
    known = families()
    for name in options.families:
        if name not in known:
            raise unmatched("--parity-family", name, known)
    chosen = everything(options.families)
    for pattern in options.models:
        if not any(matches(pattern, subject.family, subject.key) for subject in chosen):
            raise unmatched("--parity-model", pattern, map(full_name, chosen))
    if not options.models:
        return chosen
    return [s for s in chosen if any(matches(pattern, s.family, s.key) for pattern in options.models)]


def _recipes(options: Options, subjects: Iterable[Subject]) -> tuple[str, ...] | None:
    """The recipes asked for by name, or ``None`` for those that each model brings."""
    known = {*recipes(), *special_recipes(), *(recipe for subject in subjects for recipe in subject.recipes)}
    if any(subject.anchor() is not None for subject in subjects):
        known.add(RECORDED)
    if any(True for subject in subjects for _ in files(subject)):
        known.add(FINDINGS)
    for name in options.recipes:
        if name not in known:
            raise unmatched("--parity-recipe", name, known)
    return options.recipes or None


def _backends(options: Options, subjects: Iterable[Subject]) -> set[str]:
    named = options.backends
    known = {
        ANCHOR,
        FINDINGS,
        *(name for subject in subjects for name in backends(subject.candidates, named)),
    }
    for name in options.backends:
        if name not in known:
            raise unmatched("--parity-backend", name, known)
    return set(options.backends) or known


def _cases(subject: Subject, wanted: tuple[str, ...] | None, chosen: set[str]) -> Iterator[ParityCase]:
    # A recipe of a family's own runs where the family lists it; the general ones run anywhere.
    general = (*recipes(), *special_recipes())
    own = subject.recipes
    names = own if wanted is None else [name for name in wanted if name in general or name in own]
    for backend in backends(subject.candidates, chosen):
        for recipe in dict.fromkeys(names):
            yield ParityCase(subject, backend, recipe, usual=wanted is None and not subject.family)
    if (wanted is None or RECORDED in wanted) and subject.anchor() is not None:
        yield ParityCase(subject, ANCHOR, RECORDED)
    # What a file says of itself needs no input; of files named on the command line it is always wanted.
    if wanted is None or FINDINGS in wanted or not subject.family:
        for backend, _ in files(subject):
            yield ParityCase(subject, backend, FINDINGS)
