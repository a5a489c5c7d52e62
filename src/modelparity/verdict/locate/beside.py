"""A run with somebody beside it, who sees what each node is given, and says what it gives."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from ...engine.arithmetic import Arithmetic
from ...engine.operator import Kernel
from ...engine.program import Program
from ...graph import Array, Graph, Node

#: (place of the node, its kernel, arrays with lanes) -> its results.
Meet = Callable[[int, Kernel, Sequence[Array | None]], Sequence[Array]]


class Beside(Program):
    """A program in which ``meet`` runs every node: (place of the node, its kernel, arrays) -> results."""

    def __init__(self, graph: Graph, ar: Arithmetic, meet: Meet) -> None:
        self._meet, self._at = meet, {id(node): at for at, node in enumerate(graph.nodes)}
        super().__init__([graph], ar)

    def kernel(self, node: Node, *, in_place: bool = False) -> Kernel:
        return partial(self._met, super().kernel(node), self._at[id(node)])

    def _met(self, kernel: Kernel, at: int, /, *arrays: Array | None) -> Any:
        results = self._meet(at, kernel, arrays)
        return tuple(results) if len(results) > 1 else results[0]
