"""Truth and floor for a model and a recipe: from its golden, or computed here; made once, used by every backend."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from ..errors import FamilyError, GoldenError
from ..goldens import Golden, golden
from ..goldens.folder_layout import Case, case_for, path_for
from ..graph import Graph
from ..verdict.question import Question
from ..verdict.reference import Reference
from .candidate_options import CandidateOptions
from .cases import ANCHOR, ParityCase
from .subject import Given, Subject, Variant, full_name


class References:
    """References under a golden mode: stored, live, missing or update.

    The suite runs backend after backend, so what a model needs is kept until another model's turn is over.
    """

    def __init__(self, mode: str, folder: Path) -> None:
        self.mode, self.folder = mode, folder
        self.graph = lru_cache(maxsize=16)(self._graph)
        self._cached = lru_cache(maxsize=64)(self._make)
        self._questions = lru_cache(maxsize=64)(self._question)

    def reference(self, case: ParityCase) -> tuple[Reference, str]:
        """The reference and how it came about: golden, recorded or live. Raises `Unavailable`, `GoldenError`."""
        return self._cached(case.subject, case.recipe, case.variant, case.backend == ANCHOR)

    def question(self, subject: Given, case: ParityCase) -> Question:
        """What the candidates of files given by path are asked; they have no place among the goldens."""
        said = subject.said(case.backend).of_inputs
        return self._questions(subject, None if case.usual else case.recipe, case.variant, said)

    def _question(
        self, subject: Given, recipe: str | None, variant: Variant, said: CandidateOptions
    ) -> Question:
        return subject.question(self.graph(subject), recipe, variant, said)

    def _graph(self, subject: Subject) -> Graph:
        return subject.load()

    def _make(self, subject: Subject, recipe: str, variant: Variant, anchor: bool) -> tuple[Reference, str]:
        graph = self.graph(subject)
        if anchor:
            return self._anchored(subject, graph), "live"
        if self.mode == "live":
            return self._live(graph, recipe), "live"
        case = case_for(graph, recipe)
        path = path_for(self.folder, subject.family, subject.key, case)
        if self.mode == "update" or (self.mode == "missing" and not path.exists()):
            made = golden(graph, recipe=recipe)
            made.save(path)
            return made.reference(graph), "recorded"
        if path.exists():
            stored = Golden.load(path)
            _expect(stored, case, path)
            stored.expect_fresh(graph, where=path)
            stored.verify(graph)
            return stored.reference(graph), "golden"
        return self._live(graph, recipe), "live"

    def _live(self, graph: Graph, recipe: str) -> Reference:
        return Question(graph, recipes=(recipe,)).references[recipe]

    def _anchored(self, subject: Subject, graph: Graph) -> Reference:
        recorded = subject.anchor()
        if recorded is None:
            raise FamilyError("the anchor that was there at collection is gone", where=full_name(subject))
        return Reference(graph, recorded[0], {"recipe": "recorded"})


def _expect(stored: Golden, case: Case, path: Path) -> None:
    """Refuse a golden that was recorded on other inputs than its name says."""
    about = stored.provenance
    if (said := Case(str(about["recipe"]), about["seed"] or 0, about["length"])) != case:
        raise GoldenError(
            "the golden holds another case than its name says",
            where=path,
            found=said,
            expected=case,
            fix="record it anew with --parity-update",
        )
