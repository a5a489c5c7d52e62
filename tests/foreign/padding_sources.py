"""Padding, dilation and gates of convolutions, written two ways."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn
from torch.nn import functional as F

from .mistake import in_source, noise, retold, scattered

KIND = "convolutional"


class Same(nn.Module):
    """A strided convolution with TensorFlow's SAME padding, one more on the right."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 5, 3, 2)
        self.norm = nn.BatchNorm2d(5)

    def pads(self) -> tuple[int, ...]:
        return (0, 1, 0, 1)

    def mode(self) -> str:
        return "constant"

    def forward(self, x: Any) -> Any:
        return torch.relu(self.norm(self.conv(F.pad(x, self.pads(), self.mode()))))


class Symmetric(Same):
    def pads(self) -> tuple[int, ...]:
        return (1, 0, 1, 0)


class Both(Same):
    def pads(self) -> tuple[int, ...]:
        return (1, 1, 1, 1)


class Edge(Same):
    def mode(self) -> str:
        return "replicate"


@in_source(
    "SAME_LOWER for SAME_UPPER", KIND, at="pad conv", right="padding-on-other-side pad-wrong", to=".onnx"
)
def _() -> Any:
    module = scattered(Same())
    return module, retold(module, Symmetric), noise(1, 3, 8, 8)


@in_source(
    "symmetric padding for TensorFlow's SAME at a stride of two",
    KIND,
    at="pad conv",
    right="padding-on-other-side pad-wrong",
    to=".onnx",
)
def _() -> Any:
    module = scattered(Same())
    return module, retold(module, Both), noise(1, 3, 8, 8)


@in_source("zeros for repeated edges", KIND, at="pad", right="padding-mode", to=".onnx .mlpackage")
def _() -> Any:
    module = scattered(Edge())
    return module, retold(module, Same), noise(1, 3, 8, 8)


class Wave(nn.Module):
    """A temporal network: causal dilated convolutions, gated, with skips."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Conv1d(4, 6, 1)
        self.gated = nn.ModuleList(nn.Conv1d(6, 12, 3, dilation=d) for d in (1, 2, 4))
        self.out = nn.Conv1d(6, 2, 1)

    def pad(self, y: Any, d: int) -> Any:
        return F.pad(y, (2 * d, 0))

    def gate(self, y: Any) -> Any:
        a, b = y.chunk(2, 1)
        return torch.tanh(a) * torch.sigmoid(b)

    def forward(self, x: Any) -> Any:
        y = self.first(x)
        for conv in self.gated:
            y = y + self.gate(conv(self.pad(y, conv.dilation[0])))
        return self.out(y)


class Centred(Wave):
    def pad(self, y: Any, d: int) -> Any:
        return F.pad(y, (d, d))


class OtherGate(Wave):
    def gate(self, y: Any) -> Any:
        b, a = y.chunk(2, 1)
        return torch.tanh(a) * torch.sigmoid(b)


@in_source(
    "centred padding where the network is causal",
    KIND,
    at="pad conv",
    right="padding-on-other-side pad-wrong",
    to=".onnx",
)
def _() -> Any:
    module = scattered(Wave())
    return module, retold(module, Centred), noise(1, 4, 16)


@in_source(
    "halves of a gated convolution exchanged",
    KIND,
    at="split tanh sigmoid conv@gated slice",
    right="parts-permuted",
    to=".onnx .pt2",
)
def _() -> Any:
    module = scattered(Wave())
    return module, retold(module, OtherGate), noise(1, 4, 16)


class Undilated(Wave):
    """The last dilation is that of the layer before."""

    def forward(self, x: Any) -> Any:
        y = self.first(x)
        for conv, d in zip(self.gated, (1, 2, 2), strict=True):
            y = y + self.gate(F.conv1d(self.pad(y, d), conv.weight, conv.bias, dilation=d))
        return self.out(y)


@in_source("dilation of one layer too small", KIND, at="conv@gated.2 pad", right="dilation-wrong", to=".onnx")
def _() -> Any:
    module = scattered(Wave())
    return module, retold(module, Undilated), noise(1, 4, 16)
