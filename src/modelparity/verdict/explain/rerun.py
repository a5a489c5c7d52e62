"""A graph that ran once, run again with changes: only what a change touches is computed anew, several at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...engine.arithmetic import Arithmetic
from ...engine.feeds import bound
from ...engine.limits import TooMuch
from ...engine.program import program
from ...engine.run import Variants
from ...errors import GraphError
from ...graph import Array, Graph, Node, TensorSpec

#: Numbers that the results of changes which run together may hold, all of them together.
TOGETHER = 4_000_000


@dataclass(frozen=True, eq=False)
class Change:
    """A changed graph: the nodes that must run anew, what they read that is known, and constants that are others.

    ``outputs`` are its outputs in the order of the unchanged graph's.
    """

    nodes: tuple[Node, ...]
    read: tuple[str, ...]
    constants: Mapping[str, Array]
    outputs: tuple[str, ...]

    @property
    def key(self) -> tuple[Any, ...]:
        """Equal for changes that differ in the values of constants alone: these run as one."""
        arrays = sorted((name, a.shape, a.dtype.str) for name, a in self.constants.items())
        return tuple(map(id, self.nodes)), tuple(arrays), self.outputs


class Rerun:
    """``graph`` on ``feeds`` in float64, with every tensor kept.

    Raises `GraphError` where it does not run.
    """

    def __init__(self, graph: Graph, feeds: Mapping[str, Array]) -> None:
        self.graph, self._ar = graph, Arithmetic("float64")
        given = {name: self._ar.cast(a)[None] for name, a in bound(graph, feeds).items()}
        self.values = {**program([graph], self._ar)(given, taps=True), **given}
        self._nodes = {id(node) for node in graph.nodes}
        self._cast: dict[str, Array] = {}

    def tensor(self, name: str) -> Array:
        """A tensor or constant of the unchanged graph, with its lane axis."""
        if name in self.values:
            return self.values[name]
        if name not in self._cast:
            self._cast[name] = np.ascontiguousarray(self._ar.cast(self.graph.constants[name]))[None]
        return self._cast[name]

    def change(self, graph: Graph, until: Sequence[str] | None = None) -> Change:
        """What is to be run of a changed graph, as far as its outputs, or the tensors ``until``, need it."""
        own = self.graph.constants
        constants = {
            name: a for name, a in graph.constants.items() if name not in own or not _same(a, own[name])
        }
        clean = {spec.name for spec in self.graph.inputs} | (set(graph.constants) - set(constants)) | {""}
        dirty: list[Node] = []
        for node in graph.nodes:
            if id(node) in self._nodes and clean.issuperset(node.inputs):
                clean.update(node.outputs)
            else:
                dirty.append(node)
        outputs = graph.outputs if until is None else tuple(until)
        wanted = set(outputs) - clean
        needed: list[Node] = []
        for node in reversed(dirty):
            if wanted.intersection(node.outputs):
                needed.append(node)
                wanted.update(name for name in node.inputs if name not in clean)
        read = {name for node in needed for name in node.inputs if name}
        used = {name: a for name, a in constants.items() if name in read}
        known = tuple(sorted(name for name in read if name in clean and name not in constants))
        return Change(tuple(reversed(needed)), known, used, outputs)

    def run(self, changes: Sequence[Change]) -> Iterator[list[Array] | None]:
        """The outputs of each change; None where it does not run. Changes of one `key` in a row run as one."""
        start = 0
        while start < len(changes):
            end = start + 1
            while (
                end < len(changes)
                and changes[end].key == changes[start].key
                and end - start < self._most(changes[start])
            ):
                end += 1
            yield from self._together(changes[start:end])
            start = end

    def _most(self, change: Change) -> int:
        """How many of a kind run at once: what they hold is made once for each."""
        held = sum(a.size for a in change.constants.values())
        held += sum(self.values[n].size for node in change.nodes for n in node.outputs if n in self.values)
        return max(1, TOGETHER // max(held, 1))

    def _together(self, changes: Sequence[Change]) -> Iterator[list[Array] | None]:
        first = changes[0]
        specs = tuple(TensorSpec(name, ()) for name in first.read)
        made = tuple(
            name
            for name in dict.fromkeys(first.outputs)
            if name not in first.read and self._made(first, name)
        )
        try:
            graphs = [Graph(self.graph.name, specs, made, one.nodes, one.constants) for one in changes]
            fixed = frozenset(self.graph.constants)
            found = Variants(graphs, self._ar, fixed)({name: self.tensor(name) for name in first.read})
        except TooMuch:
            raise
        except GraphError:
            if len(changes) == 1:
                yield None
            else:  # one that is refused takes none along
                for one in changes:
                    yield from self._together([one])
            return
        for lane in range(len(changes)):
            yield [
                found[name][min(lane, len(found[name]) - 1)] if name in found else self.tensor(name)[0]
                for name in first.outputs
            ]

    @staticmethod
    def _made(change: Change, name: str) -> bool:
        return name in change.constants or any(name in node.outputs for node in change.nodes)


def _same(one: Array, other: Array) -> bool:
    """Whether both are the very same memory, seen alike."""
    a, b = one.__array_interface__, other.__array_interface__
    return bool(
        (a["data"], a["shape"], a["typestr"], a["strides"])
        == (b["data"], b["shape"], b["typestr"], b["strides"])
    )
