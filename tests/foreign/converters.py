"""Converters' real mistakes: right sources, and what released converters make of them."""

from __future__ import annotations

import copy
from typing import Any

import torch
from torch import nn

from .mistake import in_source, noise, scattered


class Inner(nn.Module):
    """A feed-forward net with the approximation that Gemma, SigLIP and others use."""

    def __init__(self) -> None:
        super().__init__()
        self.up, self.down = nn.Linear(6, 12), nn.Linear(12, 6)
        self.act = nn.GELU(approximate="tanh")

    def forward(self, x: Any) -> Any:
        return self.down(self.act(self.up(x)))


@in_source(
    "coremltools drops approximate= of a GELU in an exported program",
    "transformer",
    at="gelu",
    right="activation-approximated",
    to="program.mlpackage",
)
def _() -> Any:
    module = scattered(Inner())
    return module, module, 2 * noise(1, 5, 6)


class Dropped(nn.Module):
    """A network with dropout, exported by whoever forgot eval()."""

    def __init__(self) -> None:
        super().__init__()
        self.a, self.norm, self.b = nn.Linear(6, 16), nn.BatchNorm1d(16), nn.Linear(16, 3)

    def forward(self, x: Any) -> Any:
        return self.b(torch.relu(self.norm(self.a(x))))


@in_source(
    "exported in training mode, as export_params of a module in training",
    "dense",
    at="batch_norm",
    right="training-statistics",
    to=".onnx",
    training=torch.onnx.TrainingMode.TRAINING,
)
def _() -> Any:
    module = scattered(Dropped())
    return module, copy.deepcopy(module).train(), noise(7, 6)
