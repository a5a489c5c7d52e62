"""Questions that a file leaves open, settled by running it against its source.

If the two agree, nothing is open. If not, each suspected slip is undone in the graph that was read; the one that
makes the two agree is what happened.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby

from ...errors import ModelparityError
from ...formats.finding import Finding
from ...graph import Graph
from ...inputs.sizes import time_axis
from ..case import check_case
from ..fit import Fit
from ..message import multiple
from ..model import Verdict
from ..question import Question
from .slips import Change, changes as changes_for

#: Frames that are run.
LENGTH = 48


def settle(findings: Sequence[Finding], candidate: Graph, source: Graph) -> list[Finding]:
    """The findings, with those that were undecidable replaced by what the comparison says.

    Raises `InputError` if nothing in names, shapes and values says how the two correspond.
    """
    open_questions = [one for one in findings if one.level == "undecidable"]
    sure = [one for one in findings if one.level != "undecidable"]
    against = _Against(source)
    verdict = against(candidate)
    if verdict.ok:
        said = f"computes what {source.name} computes (off by {multiple(verdict.floors)})"
        more = f"; {len(open_questions)} open questions are settled" if open_questions else ""
        return [*sure, Finding("settled", "note", "$", said + more)]
    for asked, changes in _hypotheses(open_questions, candidate, source):
        for words, change in changes:
            try:
                changed = against(change(candidate))
            except ModelparityError:
                continue  # what does not run is not what happened
            if changed.ok:
                away = f"it differs from {source.name} by {multiple(verdict.floors)}"
                text = f"{away}; {words}, by {multiple(changed.floors)}"
                return [*sure, *(replace(one, level="silent", what=f"{one.what}. {text}") for one in asked)]
    differs = Finding(
        "differs-from-source",
        "silent",
        "$",
        f"it does not compute what {source.name} computes",
        found=f"{multiple(verdict.floors)}, at {verdict.where}",
        expected="what rounding can explain",
        fix="none of the open questions explains it: compare the layers one by one",
    )
    return [*sure, differs, *open_questions]


class _Against:
    """Runs graphs read from a file on the source's input, and judges them; how they correspond is found once."""

    def __init__(self, source: Graph) -> None:
        length = None if time_axis(source) is None else LENGTH
        self.reference = Question(source, recipes=("noise",), length=length).references["noise"]
        self._fit: Fit | None = None

    def __call__(self, graph: Graph) -> Verdict:
        verdict = check_case(self.reference, graph, runtime="engine", fit=self._fit)
        self._fit = verdict.fit
        return verdict


def _hypotheses(
    findings: Sequence[Finding], candidate: Graph, source: Graph
) -> Iterator[tuple[list[Finding], list[tuple[str, Change]]]]:
    """(the findings that it would confirm, what to try): one by one, then all of a kind, then all."""
    known = [(one, changes) for one in findings if (changes := changes_for(one, candidate, source))]
    yield from (([one], changes) for one, changes in known)
    single = sorted(
        ((one, changes[0]) for one, changes in known if len(changes) == 1), key=lambda pair: pair[0].kind
    )
    kinds = [list(group) for _, group in groupby(single, key=lambda pair: pair[0].kind)]
    for group in [*kinds, single]:
        if len(group) > 1:
            words = "with " + " and ".join(
                dict.fromkeys(words.removeprefix("with ") for _, (words, _) in group)
            )
            yield [one for one, _ in group], [(words, _all([change for _, (_, change) in group]))]


def _all(changes: Sequence[Change]) -> Change:
    def change(graph: Graph) -> Graph:
        for one in changes:
            graph = one(graph)
        return graph

    return change
