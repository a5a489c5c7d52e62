"""This package's engine as the one who says what models compute, where a stand-in takes Core ML's place."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from ...formats import load
from ...graph import Array, Graph
from ..engine import Engine
from .describing import described

#: Graphs kept read.
KEPT = 8


class Interpreter:
    """Files are read and run in ``arithmetic``; "native" is that of the types that a file declares.

    States of ML Programs live here, from zeros on, until they are forgotten.
    """

    def __init__(self, arithmetic: str = "native") -> None:
        self._engine = Engine(arithmetic=arithmetic)
        self._read: OrderedDict[tuple[str, str | None], tuple[Graph, dict[str, Any]]] = OrderedDict()
        self._states: dict[int, dict[str, Array]] = {}

    def describe(self, path: str, function: str | None) -> Mapping[str, Any]:
        """As the file describes itself, and the graph's operations in their order."""
        graph, told = self._model(path, function)
        steps = [{"operator": node.op, "outputs": list(node.outputs)} for node in graph.nodes]
        return {**told, "operations": steps}

    def predict(
        self, path: str, function: str | None, state: int, feeds: Mapping[str, Array]
    ) -> Mapping[str, Array]:
        """The described outputs."""
        graph, told = self._model(path, function)
        hidden = {one["name"] for one in told["states"]}
        held = self._states.get(state, {})
        results = self._engine.run(graph, {**feeds, **held})
        if state:
            kept = {name: results[graph.states[name]] for name in hidden if name in graph.states}
            self._states[state] = {name: np.array(array) for name, array in kept.items()}
        return {one["name"]: results[one["name"]] for one in told["outputs"]}

    def forget(self, state: int) -> None:
        """Nothing is carried in it any more."""
        self._states.pop(state, None)

    def _model(self, path: str, function: str | None) -> tuple[Graph, dict[str, Any]]:
        key = (path, function)
        if key not in self._read:
            while len(self._read) >= KEPT:
                self._read.popitem(last=False)
            told = described(Path(path), function)
            graph = load(path, function=function) if function else load(path)
            self._read[key] = (graph, told)
        self._read.move_to_end(key)
        return self._read[key]
