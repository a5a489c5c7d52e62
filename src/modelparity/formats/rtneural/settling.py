"""Questions that a file leaves open, settled by running it against its source.

If the two agree, nothing is open. If not, each suspected slip is undone in the graph that was read; the one that
makes the two agree is what happened.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby

import numpy as np

from ...engine import run
from ...errors import ModelparityError
from ...graph import Array, Graph, Node
from ...inputs import make
from ...verdict.judging import judge
from ...verdict.model import Verdict
from ...verdict.reference import Reference
from ..finding import Finding
from .ends import End
from .writing.chain import roles_of

#: Frames that are run.
LENGTH = 48
Change = Callable[[Graph], Graph]
#: What exporters lose, to be tried where an activation may be missing, or may be another.
LOST: tuple[tuple[str, Mapping[str, float]], ...] = (
    ("leaky_relu", {"slope": 0.01}), ("leaky_relu", {"slope": 0.3}), ("leaky_relu", {"slope": 0.1}),
    ("leaky_relu", {"slope": 0.2}), ("silu", {}), ("gelu", {}), ("relu", {}), ("tanh", {}), ("sigmoid", {}),
    ("elu", {}),
)  # fmt: skip


def settle(findings: Sequence[Finding], candidate: Graph, source: Graph) -> list[Finding]:
    """The findings, with those that were undecidable replaced by what the comparison says.

    Raises `InputError` if the two have other shapes or take other inputs.
    """
    open_questions = [one for one in findings if one.level == "undecidable"]
    sure = [one for one in findings if one.level != "undecidable"]
    against = _Against(source, candidate)
    verdict = against(candidate)
    if verdict.ok:
        said = f"computes what {source.name} computes ({verdict.floors:.2g} floors)"
        more = f"; {len(open_questions)} open questions are settled" if open_questions else ""
        return [*sure, Finding("settled", "note", "$", said + more)]
    for asked, changes in _hypotheses(open_questions, candidate, source):
        for words, change in changes:
            try:
                changed = against(change(candidate))
            except ModelparityError:
                continue  # what does not run is not what happened
            if changed.ok:
                away = f"it is {verdict.floors:,.3g} floors away from {source.name}"
                text = f"{away}; {words}, {changed.floors:.2g} floors"
                return [*sure, *(replace(one, level="silent", what=f"{one.what}. {text}") for one in asked)]
    differs = Finding(
        "differs-from-source", "silent", "$", f"it does not compute what {source.name} computes",
        found=f"{verdict.floors:,.3g} floors at {verdict.where}", expected="at most 1 floor",
        fix="none of the open questions explains it: compare the layers one by one",
    )  # fmt: skip
    return [*sure, differs, *open_questions]


class _Against:
    """Runs graphs read from a file on the source's input, and judges them."""

    def __init__(self, source: Graph, candidate: Graph) -> None:
        feeds = make(source, "noise", length=LENGTH)
        self.reference = Reference(source, feeds, {"recipe": "noise", "seed": 0})
        roles = roles_of(source)[0]
        end = End(source.inputs[0].name, tuple(replace(axis, name=role.name, size=role.size) for axis, role in zip(
            source.inputs[0].axes, roles, strict=True)))  # fmt: skip
        self.frames = end.frames(np.asarray(feeds[end.name]))
        self.direct = candidate.inputs[0].name in feeds and len(candidate.inputs[0].axes) == len(end.axes)
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
    known = [(one, changes) for one in findings if (changes := _changes(one, candidate, source))]
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


def _changes(finding: Finding, graph: Graph, source: Graph) -> list[tuple[str, Change]]:
    """How to undo what a finding suspects, each with words that say it."""
    place = re.match(r"\$\.layers\[(\d+)\]", finding.where)
    if place is None:
        return []
    layer = f"layer{place[1]}"
    nodes = [node for node in graph.nodes if node.name.startswith(f"{layer}_")]
    if finding.kind == "transposed":
        return [(f"with {layer}'s matrix transposed", _weights(nodes, {"kernel": _turned}))]
    if finding.kind == "kernel-order":
        return [(f"with {layer}'s taps reversed", _weights(nodes, {"kernel": lambda a, node: a[::-1]}))]
    if finding.kind == "gate-order":
        parts = dict.fromkeys(("kernel", "recurrent", "bias", "recurrent_bias"), _swapped)
        return [(f"with {layer}'s gates r and z swapped", _weights(nodes, parts))]
    if finding.kind == "bias-sum":
        return _sums(nodes, graph, source)
    if finding.kind == "activation-lost":
        return [(f"with {op} behind {layer}", _inserted(nodes, op, attrs)) for op, attrs in LOST]
    if finding.kind == "activations-alike":
        last = next(
            (node for node in reversed(graph.nodes) if node.op in ("tanh", "relu", "sigmoid", "elu")), None
        )
        if last is None:
            return []
        others = ("identity", "sigmoid", "softmax", "tanh", "relu")
        return [
            (f"with {op} for {last.op} in {last.name}", _instead(last, op)) for op in others if op != last.op
        ]
    return []


def _weights(nodes: Sequence[Node], how: Mapping[str, Callable[[Array, Node], Array]]) -> Change:
    names = {f"{node.name}.{part}": (node, one) for node in nodes for part, one in how.items()}

    def change(graph: Graph) -> Graph:
        changed = dict(graph.constants)
        for name, (node, how_of) in names.items():
            if name in changed:
                changed[name] = how_of(changed[name], node)
        return graph.changed(constants=changed)

    return change


def _turned(array: Array, node: Node) -> Array:
    """The matrix of the file, transposed: gates are brought into the file's order and back."""
    if node.op not in ("gru", "lstm"):
        return np.swapaxes(array, -1, -2)
    order = (1, 0, 2) if node.op == "gru" else (0, 1, 3, 2)
    return _reordered(np.swapaxes(_reordered(array, order), -1, -2), order)


def _swapped(array: Array, node: Node) -> Array:
    return _reordered(array, (1, 0, 2)) if node.op == "gru" else array


def _reordered(array: Array, order: tuple[int, ...]) -> Array:
    """Gates along the last axis in another order; both orders here are their own inverse."""
    parts = np.split(array, len(order), axis=-1)
    made: Array = np.concatenate([parts[place] for place in order], axis=-1)
    return made


def _sums(nodes: Sequence[Node], graph: Graph, source: Graph) -> list[tuple[str, Change]]:
    """The bias of the source's LSTM at the same place, where it has one of that size."""
    mine = [node for node in graph.nodes if node.op == "lstm"]
    theirs = [node for node in source.nodes if node.op == "lstm"]
    found = next((node for node in nodes if node.op == "lstm"), None)
    if found is None or len(mine) != len(theirs):
        return []
    other = theirs[mine.index(found)]
    bias = source.constants.get(other.inputs[3]) if len(other.inputs) > 3 else None
    if bias is None or bias.shape != graph.constants[f"{found.name}.bias"].shape:
        return []
    words = f"with the sum of both biases in {found.name.partition('_')[0]}"
    return [(words, _weights([found], {"bias": lambda array, node: np.asarray(bias)}))]


def _inserted(nodes: Sequence[Node], op: str, attrs: Mapping[str, float]) -> Change:
    tensor = nodes[-1].outputs[0] if nodes else ""

    def change(graph: Graph) -> Graph:
        new: list[Node] = []
        for node in graph.nodes:
            moved = tuple("suspected" if name == tensor else name for name in node.inputs)
            new.append(replace(node, inputs=moved))
            if tensor in node.outputs:
                new.append(Node("suspected", op, (tensor,), ("suspected",), attrs))
        return graph.changed(nodes=tuple(new))

    return change


def _instead(node: Node, op: str) -> Change:
    def change(graph: Graph) -> Graph:
        return graph.changed(
            nodes=tuple(
                replace(one, op=op, attrs={}) if one.name == node.name else one for one in graph.nodes
            )
        )

    return change
