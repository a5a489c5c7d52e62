"""In which order mistakes are tried: at the place first, where weights are others first, likeliest first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from ...errors import GraphError
from ...graph import Graph
from ..faults import Application, Fault, faults
from .weights import Weights


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
        found = [
            Possible(fault, made)
            for fault in faults()
            if fault.guessed
            for made in fault.applications(self.graph)
        ]
        ranks = {id(one): (self._far(one), self._suspicion(one)) for one in found}
        return sorted(found, key=lambda one: ranks[id(one)])

    @cached_property
    def near(self) -> list[Possible]:
        """Those at the place alone; none where it is not known."""
        return [one for one in self.singles if self._far(one) < len(self.place)]

    def everywhere(self) -> Iterator[Possible]:
        """Each of them made at all nodes alike that it applies to, likeliest first."""
        place = set(self.place)
        for fault in faults():
            if not fault.guessed:
                continue
            for made in fault.everywhere(self.graph):
                if not place or place.intersection(made.nodes):
                    yield Possible(fault, made)

    def _far(self, one: Possible) -> int:
        """How near the place its nodes are: 0 at it, as many as the place has where it is elsewhere."""
        return min(
            (at for at, name in enumerate(self.place) if name in one.made.nodes), default=len(self.place)
        )

    def _suspicion(self, one: Possible) -> int:
        """0 if what it changes is what the comparison of weights shows to be changed; more if it is not."""
        if self.weights is None:
            return 0
        arrays = {edit for edit in one.made.edit.arrays if edit in self.graph.constants}
        odd = self.weights.suspect | self.weights.moved
        if arrays:
            return 0 if arrays & odd else 2
        reads = {name for node in one.made.nodes for name in self._reads.get(node, ())}
        return 1 if reads & self.weights.suspect or not self.weights.suspect else 2

    @cached_property
    def _reads(self) -> dict[str, tuple[str, ...]]:
        return {node.name: node.inputs for node in self.graph.nodes}


def changed(one: Application) -> Graph | None:
    """The graph with the mistake; None where that is no graph."""
    try:
        return one.changed()
    except (GraphError, ValueError, IndexError):  # what excludes each other, or arrays that have no such axis
        return None
