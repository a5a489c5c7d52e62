"""The five models as PyTorch modules: the stack alone, as it is trained, exported and compared with the reference."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor, nn

from modelparity.graph import Array

from .stack import Stack

ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "tanh": torch.tanh,
    "relu": torch.relu,
    "sigmoid": torch.sigmoid,
    "": lambda x: x,
}


class Network(nn.Module):
    """x ([batch,] time, feature) -> y ([batch,] time, feature). An LSTM starts from zeros with each call.

    Dense layers work along the last axis and LSTMs have ``batch_first``, so that both take either form.
    """

    output_names = ("y",)

    def __init__(self, stack: Stack, weights: Mapping[str, Array] | None = None) -> None:
        super().__init__()
        self.stack = stack
        self.layers = nn.ModuleList(
            nn.Linear(layer.source, layer.width)
            if layer.kind == "dense"
            else nn.LSTM(layer.source, layer.width, batch_first=True)
            for layer in stack.layers
        )
        if weights is not None:
            self.load_state_dict({name: torch.tensor(array) for name, array in weights.items()})

    def forward(self, x: Tensor) -> Tensor:
        """The whole sequence."""
        return self.advance(x, None)[0]

    def advance(
        self, x: Tensor, state: tuple[Tensor, Tensor] | None
    ) -> tuple[Tensor, tuple[Tensor, Tensor] | None]:
        """Some frames, and the state (h, c) that they leave; ``None`` begins anew."""
        for layer, module in zip(self.stack.layers, self.layers, strict=True):
            if layer.kind == "lstm":
                x, state = module(x, state)
            else:
                x = module(x)
            x = x.softmax(-1) if layer.activation == "softmax" else ACTIVATIONS[layer.activation](x)
        return x, state


class StepNetwork(nn.Module):
    """A `Network` with an LSTM whose state comes and goes with each call: x, h, c -> y, h_next, c_next."""

    output_names = ("y", "h_next", "c_next")

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.network = network

    def forward(self, x: Tensor, h: Tensor, c: Tensor) -> tuple[Any, ...]:
        """x (time, feature), h and c (1, hidden)."""
        y, state = self.network.advance(x, (h, c))
        assert state is not None
        return y, *state


def module_of(stack: Stack, weights: Mapping[str, Array], *, step: bool = False) -> nn.Module:
    """The module with these weights, in eval mode."""
    network = Network(stack, weights)
    return (StepNetwork(network) if step else network).eval()
