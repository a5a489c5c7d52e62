"""A Graph as it is written down: nodes one after the other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from .array import Array
from .graph import Axis, Graph, Node, Source, TensorSpec


class GraphBuilder:
    """Inputs, constants and nodes of one Graph, in order; every method returns the name of a tensor.

    ``origin`` is where the nodes that come next stand in what the graph is of, such as the name of a module.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.origin = ""
        self._inputs: list[TensorSpec] = []
        self._constants: dict[str, Array] = {}
        self._nodes: list[Node] = []

    def given(self, name: str, *axes: str | tuple[str, int] | Axis, dtype: str = "float32") -> str:
        """An input: names of axes that the caller sizes (0 included), (name, size) of one that is fixed, axes."""
        made = (_axis(one) for one in axes)
        self._inputs.append(TensorSpec(name, tuple(made), dtype))
        return name

    def constant(self, name: str, value: ArrayLike) -> str:
        """An array that belongs to the graph, a number of Python as float32."""
        self._constants[name] = (
            np.asarray(value, np.float32) if isinstance(value, float) else np.asarray(value)
        )
        return name

    def node(self, op: str, inputs: str | Sequence[str], output: str | Sequence[str], **attrs: Any) -> str:
        """An operation, called as its (first) result, whose name it returns."""
        names = (inputs,) if isinstance(inputs, str) else tuple(inputs)
        made = (output,) if isinstance(output, str) else tuple(output)
        self._nodes.append(Node(made[0], op, names, made, attrs, self.origin))
        return made[0]

    def graph(
        self,
        *outputs: str,
        source: Source | None = None,
        defaults: Mapping[str, float | Array] | None = None,
    ) -> Graph:
        """What it computes, by the names of its outputs.

        Args:
            outputs: names of tensors.
            source: what it was read from.
            defaults: {input: what it is where it is left out}.
        """
        return Graph(
            self.name,
            tuple(self._inputs),
            outputs,
            tuple(self._nodes),
            self._constants,
            source=source,
            defaults=defaults or {},
        )


def _axis(given: str | tuple[str, int] | Axis) -> Axis:
    if isinstance(given, Axis):
        return given
    return Axis(given, None, 0) if isinstance(given, str) else Axis(*given)
