"""Graphs as they are written down from a state dict: nodes one after the other, weights by their own names."""

from __future__ import annotations

from collections.abc import Mapping

from modelparity.graph import Array, GraphBuilder

#: Added to variances by every normalisation that says nothing else: PyTorch's default.
EPSILON = 1e-5


class StateDictBuilder(GraphBuilder):
    """A Graph with the weights of a state dict; every method returns the name of the tensor that it gives.

    ``weights`` are {name in the state dict: array}.
    """

    def __init__(self, name: str, weights: Mapping[str, Array]) -> None:
        super().__init__(name)
        self.weights = weights

    def halves(self, x: str, first: str, second: str) -> tuple[str, str]:
        """The two halves of the last axis."""
        self.node("split", x, (first, second), axis=-1, count=2)
        return first, second

    def weight(self, name: str) -> str:
        """A weight as it is."""
        return self.constant(name, self.weights[name])

    def dense(self, x: str, layer: str, gives: str) -> str:
        """x W^T + b of a layer (out, in) or of a convolution of one place (out, in, 1); b if there is one."""
        return self.affine(x, f"{layer}.weight", f"{layer}.bias", gives)

    def affine(self, x: str, weight: str, bias: str, gives: str) -> str:
        """The same by the names of both, where they are no layer's own."""
        kernel = self.weights[weight]
        names = (x, self.constant(weight, kernel.reshape(kernel.shape[:2]).T))
        return self.node("dense", (*names, self.weight(bias)) if bias in self.weights else names, gives)

    def norm(self, x: str, layer: str, gives: str, epsilon: float = EPSILON) -> str:
        """A layer normalisation over the last axis."""
        names = (self.weight(f"{layer}.weight"), self.weight(f"{layer}.bias"))
        return self.node("layer_norm", (x, *names), gives, epsilon=epsilon)

    def batch_norm(self, x: str, layer: str, gives: str) -> str:
        """A batch normalisation of the last axis with stored statistics."""
        parts = ("running_mean", "running_var", "weight", "bias")
        own = [self.weight(f"{layer}.{part}") for part in parts]
        return self.node("batch_norm", (x, *own), gives, epsilon=EPSILON)
