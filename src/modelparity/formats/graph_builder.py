"""Nodes and constants as they are collected while an artefact is read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from ..graph import Array, Graph, Node, Source, TensorSpec


class Builder:
    """Collects what one graph will consist of; names are kept as the file has them and made unique if they clash.

    ``origin`` is where the nodes that are emitted next stand in the file.
    """

    def __init__(self, taken: Sequence[str] = ()) -> None:
        self.nodes: list[Node] = []
        self.constants: dict[str, Array] = {}
        self.origin = ""
        self._taken = set(taken)
        self._counts: dict[str, int] = {}  # where to go on counting, so that many of one name are not slow

    def fresh(self, hint: str) -> str:
        """A name that no tensor has yet, as near to ``hint`` as can be."""
        name, count = hint, self._counts.get(hint, 1)
        while name in self._taken or not name:
            name, count = f"{hint or 'tensor'}_{count}", count + 1
        if count > 1:
            self._counts[hint] = count
        self._taken.add(name)
        return name

    def constant(self, value: Any, hint: str = "constant") -> str:
        """A constant tensor's name."""
        name = self.fresh(hint)
        self.constants[name] = np.asarray(value)
        return name

    def emit(
        self,
        op: str,
        inputs: Sequence[str],
        outputs: Sequence[str] | int = 1,
        *,
        hint: str = "",
        dtype: str | None = None,
        **attrs: Any,
    ) -> tuple[str, ...]:
        """Add a node. ``outputs`` are names to be used as they are (not taken before), or how many to invent."""
        if isinstance(outputs, int):
            outputs = [self.fresh(hint or op) for _ in range(outputs)]
        else:
            self._taken.update(outputs)
        name = outputs[0] if outputs else self.fresh(op)
        self.nodes.append(Node(name, op, tuple(inputs), tuple(outputs), attrs, self.origin, dtype))
        return tuple(outputs)

    def vacate(self, name: str) -> str:
        """Free a name: whatever node result or constant bears it gets a fresh one, which is returned."""
        if name not in self._taken:
            return name
        other = self.fresh(name)
        self.nodes = [
            replace(
                node,
                name=other if node.name == name else node.name,
                inputs=tuple(other if one == name else one for one in node.inputs),
                outputs=tuple(other if one == name else one for one in node.outputs),
            )
            if name in node.inputs or name in node.outputs
            else node
            for node in self.nodes
        ]
        if name in self.constants:
            self.constants[other] = self.constants.pop(name)
        return other

    def graph(
        self,
        name: str,
        inputs: Sequence[TensorSpec],
        outputs: Sequence[str],
        *,
        source: Source | None = None,
        native: str = "declared",
        unused: Mapping[str, str] | None = None,
        states: Mapping[str, str] | None = None,
        defaults: Mapping[str, float | Array] | None = None,
    ) -> Graph:
        """The graph that was collected."""
        return Graph(
            name,
            tuple(inputs),
            tuple(outputs),
            tuple(self.nodes),
            self.constants,
            source=source,
            native=native,
            unused=unused or {},
            states=states or {},
            defaults=defaults or {},
        )
