"""A Graph as it is written down: nodes one after the other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from .array import Array
from .graph import Axis, Graph, Node, TensorSpec


class GraphBuilder:
    """Inputs, constants and nodes of one Graph, in order; every method returns the name of a tensor."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._inputs: list[TensorSpec] = []
        self._constants: dict[str, Array] = {}
        self._nodes: list[Node] = []

    def given(self, name: str, *axes: str | tuple[str, int], dtype: str = "float32") -> str:
        """An input: names of axes that the caller sizes (0 included), or (name, size) of one that is fixed."""
        made = (Axis(a, None, 0) if isinstance(a, str) else Axis(*a) for a in axes)
        self._inputs.append(TensorSpec(name, tuple(made), dtype))
        return name

    def constant(self, name: str, value: Array | float) -> str:
        """An array that belongs to the graph."""
        self._constants[name] = np.asarray(value, np.float32) if isinstance(value, float) else value
        return name

    def node(self, op: str, inputs: str | Sequence[str], output: str | Sequence[str], **attrs: Any) -> str:
        """An operation, called as its (first) result, whose name it returns."""
        names = (inputs,) if isinstance(inputs, str) else tuple(inputs)
        made = (output,) if isinstance(output, str) else tuple(output)
        self._nodes.append(Node(made[0], op, names, made, attrs))
        return made[0]

    def graph(self, *outputs: str) -> Graph:
        """What it computes, by the names of its outputs."""
        return Graph(self.name, tuple(self._inputs), outputs, tuple(self._nodes), self._constants)
