"""Questions that a file leaves open, settled by running it against its source.

If the two agree, nothing is open. If not, each suspected slip is undone in the graph that was read; the one that
makes the two agree is what happened.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby

import numpy as np

from ...engine.run import run
from ...errors import ModelparityError
from ...formats.finding import Finding
from ...formats.rtneural.inputs_outputs import FramedArray
from ...formats.rtneural.writing.chain import roles_of
from ...graph import Array, Graph
from ...inputs import make
from ..judging import judge
from ..message import multiple
from ..model import Verdict
from ..reference import Reference
from .slips import Change, changes as changes_for

#: Frames that are run.
LENGTH = 48


def settle(findings: Sequence[Finding], candidate: Graph, source: Graph) -> list[Finding]:
    """The findings, with those that were undecidable replaced by what the comparison says.

    Raises `InputError` if the two have other shapes or take other inputs.
    """
    open_questions = [one for one in findings if one.level == "undecidable"]
    sure = [one for one in findings if one.level != "undecidable"]
    against = _Against(source, candidate)
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
    """Runs graphs read from a file on the source's input, and judges them."""

    def __init__(self, source: Graph, candidate: Graph) -> None:
        feeds = make(source, "noise", length=LENGTH)
        self.reference = Reference(source, feeds, {"recipe": "noise", "seed": 0})
        roles = roles_of(source)[0]
        array = FramedArray(
            source.inputs[0].name,
            tuple(
                replace(axis, name=role.name, size=role.size)
                for axis, role in zip(source.inputs[0].axes, roles, strict=True)
            ),
        )
        self.frames = array.frames(np.asarray(feeds[array.name]))
        self.direct = candidate.inputs[0].name in feeds and len(candidate.inputs[0].axes) == len(array.axes)
        self.feeds = feeds

    def __call__(self, graph: Graph) -> Verdict:
        (output,) = self.reference.truth
        truth = self.reference.truth[output]
        if self.direct:
            y = run(graph, self.feeds, arithmetic="native")[graph.outputs[0]]
        else:
            y = np.stack(
                [run(graph, sequence, arithmetic="native")[graph.outputs[0]] for sequence in self.frames]
            )
        return judge(self.reference, {output: _fitted(y, truth)}, candidate=graph.name, runtime="engine")


def _fitted(y: Array, truth: Array) -> Array:
    """(batch, time, width) as the source has it, where only axes of size one or their order differ."""
    if y.shape == truth.shape:
        return y
    if y.ndim == 3 and y.size != truth.size and y[:, -1].size == truth.size:
        y = y[:, -1]
    elif y.ndim == 3 and truth.ndim == 3 and y.shape[:2] == truth.shape[1::-1]:
        y = np.swapaxes(y, 0, 1)
    return y.reshape(truth.shape) if y.size == truth.size else y


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
