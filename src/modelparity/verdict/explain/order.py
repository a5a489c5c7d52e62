"""In which order mistakes are tried: at the place first, where weights are others first, likeliest first."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ...errors import GraphError
from ...graph import Array, Graph
from ..faults import Application, Fault, faults
from ..faults.edit import ArrayEdit
from ..faults.view import facts, view
from .weights import Weights

#: Nodes that hand something to the place that are looked at.
AROUND = 24


@dataclass(frozen=True, eq=False)
class Possible:
    """A mistake that may be tried: an application, and the fault that it is of (its first, of several)."""

    fault: Fault
    made: Application


@dataclass(frozen=True, eq=False)
class Order:
    """The mistakes of the catalogue on one graph, in the order of trying.

    ``place`` are names of nodes that depart, the first one first; empty where that is not known. ``weights`` are what
    the comparison of arrays found, None where the candidate's are not known.
    """

    graph: Graph
    place: Sequence[str] = ()
    weights: Weights | None = None

    @cached_property
    def singles(self) -> list[Possible]:
        """Every way of making one mistake at one place, in order."""
        every = (Possible(fault, made) for fault in _guessed() for made in fault.applications(self.graph))
        return self._sorted(every, lambda one: self._suspicion(one, look=False))

    @cached_property
    def near(self) -> list[Possible]:
        """Those at the place alone; none where it is not known."""
        place = {*self.place, *self.around}
        here = (Possible(fault, made) for fault in _guessed() for made in fault.at(self.graph, place))
        return self._sorted(here, lambda one: self._suspicion(one, look=True)) if place else []

    def _sorted(self, possible: Iterable[Possible], suspicion: Callable[[Possible], int]) -> list[Possible]:
        found = list(possible)
        ranks = {id(one): (self._far(one), suspicion(one)) for one in found}
        return sorted(found, key=lambda one: ranks[id(one)])

    @cached_property
    def around(self) -> frozenset[str]:
        """Nodes that hand to the place what it departs on: of constants alone, or that move what they are given."""
        seen = view(self.graph)
        found: set[str] = set()
        todo = [name for node in self.graph.nodes if node.name in set(self.place) for name in node.inputs]
        while todo and len(found) < AROUND:
            maker = seen.makers.get(todo.pop())
            if maker is None or maker.name in found:
                continue
            if seen.given.isdisjoint(maker.outputs) or facts(maker).moves:
                found.add(maker.name)
                todo += maker.inputs
        return frozenset(found)

    def everywhere(self) -> Iterator[Possible]:
        """Each of them made at all nodes alike that it applies to, likeliest first."""
        place = {*self.place, *self.around} if self.place else set()
        for fault in _guessed():
            for made in fault.everywhere(self.graph):
                if not place or place.intersection(made.nodes):
                    yield Possible(fault, made)

    def _far(self, one: Possible) -> int:
        """How near the place its nodes are: 0 at it, as many as the place has where it is elsewhere."""
        return min(
            (at for at, name in enumerate(self.place) if name in one.made.nodes), default=len(self.place)
        )

    def _suspicion(self, one: Possible, *, look: bool) -> int:
        """The less, the more of what it changes the comparison of weights shows to be changed.

        ``look``: whether the candidate has the very values that it makes of an array that is altered or missing.
        """
        weights = self.weights
        if weights is None:
            return 0
        edits = {name: edit for name, edit in one.made.edit.arrays.items() if name in self.graph.constants}
        if not edits:
            reads = {name for node in one.made.nodes for name in self._reads.get(node, ())}
            return 2 if reads & self._suspect else 1
        if self._suspect.isdisjoint(edits):
            return 1 if self._moved & edits.keys() else 3
        if not look:
            return 1
        try:
            made = [self._made(edit) for name, edit in edits.items() if name in self._suspect]
        except (ValueError, IndexError, TypeError):
            return 3
        return 0 if all(map(weights.holds, made)) else 3

    def _made(self, edit: ArrayEdit) -> Array:
        array = self.graph.constants[edit.source] if isinstance(edit.source, str) else edit.source
        return np.asarray(edit.change(array))

    @cached_property
    def _suspect(self) -> frozenset[str]:
        return frozenset() if self.weights is None else self.weights.suspect

    @cached_property
    def _moved(self) -> frozenset[str]:
        return frozenset() if self.weights is None else self.weights.moved

    @cached_property
    def _reads(self) -> dict[str, tuple[str, ...]]:
        return {node.name: node.inputs for node in self.graph.nodes}


def _guessed() -> list[Fault]:
    """Faults that are found by trying, likeliest first."""
    return [fault for fault in faults() if fault.guessed]


def changed(one: Application) -> Graph | None:
    """The graph with the mistake; None where that is no graph."""
    try:
        return one.changed()
    except (GraphError, ValueError, IndexError):  # what excludes each other, or arrays that have no such axis
        return None
