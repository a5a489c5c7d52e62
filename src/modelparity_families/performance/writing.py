"""Graphs as they are written down from a state dict: nodes one after the other, weights by their own names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from modelparity.graph import Array, Node

#: Added to variances by every normalisation that says nothing else.
EPSILON = 1e-5


class Writer:
    """Nodes and constants of one graph; every method returns the name of the tensor that it gives.

    ``origin`` is the module that nodes are of, while it is set.
    """

    def __init__(self, weights: Mapping[str, Array]) -> None:
        self.weights = weights
        self.constants: dict[str, Array] = {}
        self.nodes: list[Node] = []
        self.origin = ""

    def node(self, op: str, inputs: str | Sequence[str], gives: str, **attrs: Any) -> str:
        """An operation, called as its result."""
        names = (inputs,) if isinstance(inputs, str) else tuple(inputs)
        self.nodes.append(Node(gives, op, names, (gives,), attrs, self.origin))
        return gives

    def halves(self, x: str, first: str, second: str) -> tuple[str, str]:
        """The two halves of the last axis."""
        attrs = {"axis": -1, "count": 2}
        self.nodes.append(Node(first, "split", (x,), (first, second), attrs, self.origin))
        return first, second

    def constant(self, name: str, value: Any) -> str:
        """An array that belongs to the graph."""
        self.constants[name] = np.asarray(value)
        return name

    def weight(self, name: str) -> str:
        """A weight as it is."""
        return self.constant(name, self.weights[name])

    def dense(self, x: str, layer: str, gives: str) -> str:
        """x W^T + b of a layer (out, in) or of a convolution of one place (out, in, 1); b if there is one."""
        weight = self.weights[f"{layer}.weight"]
        self.constants[f"{layer}.weight"] = weight.reshape(weight.shape[:2]).T
        bias = (self.weight(f"{layer}.bias"),) if f"{layer}.bias" in self.weights else ()
        return self.node("dense", (x, f"{layer}.weight", *bias), gives)

    def norm(self, x: str, layer: str, gives: str, epsilon: float = EPSILON) -> str:
        """A layer normalisation over the last axis."""
        names = (self.weight(f"{layer}.weight"), self.weight(f"{layer}.bias"))
        return self.node("layer_norm", (x, *names), gives, epsilon=epsilon)

    def batch_norm(self, x: str, layer: str, gives: str) -> str:
        """A batch normalisation of the last axis with stored statistics."""
        parts = ("running_mean", "running_var", "weight", "bias")
        own = [self.weight(f"{layer}.{part}") for part in parts]
        return self.node("batch_norm", (x, *own), gives, epsilon=EPSILON)
