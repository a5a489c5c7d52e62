"""What of a graph its outputs are computed from: states that nobody reads, and nodes without effect, are left out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from ...graph import Graph, Node


@dataclass(frozen=True)
class Live:
    """A graph as far as ``outputs`` depend on it. Tensors are known by name, nodes by their place in the graph."""

    graph: Graph
    outputs: tuple[str, ...]

    @cached_property
    def made(self) -> dict[str, int]:
        """{tensor: place of the node that makes it}."""
        return {name: at for at, node in enumerate(self.graph.nodes) for name in node.outputs if name}

    @cached_property
    def tensors(self) -> frozenset[str]:
        """Every tensor that an output is computed from, outputs and inputs included."""
        found: set[str] = set()
        left = list(self.outputs)
        while left:
            name = left.pop()
            if name and name not in found:
                found.add(name)
                if name in self.made:
                    left += self.graph.nodes[self.made[name]].inputs
        return frozenset(found)

    @cached_property
    def nodes(self) -> tuple[int, ...]:
        """Places of the nodes that are left, in order."""
        return tuple(
            at for at, node in enumerate(self.graph.nodes) if self.tensors.intersection(node.outputs)
        )

    @cached_property
    def fixed(self) -> frozenset[str]:
        """Constants, and what is computed from constants alone."""
        found = set(self.graph.constants)
        for node in self.graph.nodes:
            if all(not name or name in found for name in node.inputs):
                found.update(filter(None, node.outputs))
        return frozenset(found)

    def results(self, at: int) -> list[str]:
        """The results of a node that somebody reads."""
        return [name for name in self.graph.nodes[at].outputs if name in self.tensors]

    def given(self, at: int) -> list[str]:
        """What a node is given that depends on inputs of the graph."""
        return [name for name in self.graph.nodes[at].inputs if name and name not in self.fixed]

    @cached_property
    def readers(self) -> dict[str, list[int]]:
        """{tensor: places of the nodes that read it}."""
        found: dict[str, list[int]] = {}
        for at in self.nodes:
            for name in dict.fromkeys(self.graph.nodes[at].inputs):
                found.setdefault(name, []).append(at)
        return found

    def back(self, starts: Iterable[str], stop: Iterable[str]) -> list[int]:
        """Places of the nodes, in order, that ``starts`` are computed by, no further than the tensors ``stop``."""
        ends, found, left = set(stop), set(), list(starts)
        while left:
            name = left.pop()
            if name in ends or name not in self.made or self.made[name] in found:
                continue
            found.add(self.made[name])
            left += self.given(self.made[name])
        return sorted(found)

    def forth(self, starts: Sequence[int]) -> set[int]:
        """Places of the nodes that are computed from results of these, themselves not included."""
        touched = {name for at in starts for name in self.graph.nodes[at].outputs}
        found: set[int] = set()
        for at in self.nodes:
            node = self.graph.nodes[at]
            if at not in starts and touched.intersection(node.inputs):
                found.add(at)
                touched.update(node.outputs)
        return found

    def node(self, at: int) -> Node:
        """The node at a place."""
        return self.graph.nodes[at]
