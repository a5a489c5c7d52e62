"""Norms, rotary positions, embeddings and grouped heads of transformers, written two ways."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import nn
from torch.nn import functional as F

from .mistake import in_source, noise, retold, scattered, whole

KIND = "transformer"
WIDTH, TIME = 8, 6


class Annotated(nn.Module):
    """A layer normalisation written out, as a well-known tutorial has it: deviation by n - 1, epsilon outside."""

    def __init__(self) -> None:
        super().__init__()
        self.inner = nn.Linear(WIDTH, WIDTH)
        self.norm = nn.LayerNorm(WIDTH)
        self.head = nn.Linear(WIDTH, 3)

    def normed(self, y: Any) -> Any:
        return self.norm(y)

    def forward(self, x: Any) -> Any:
        return self.head(torch.relu(self.normed(self.inner(x))))


class ByTutorial(Annotated):
    def normed(self, y: Any) -> Any:
        return self.norm.weight * (y - y.mean(-1, keepdim=True)) / y.std(-1, keepdim=True) + self.norm.bias


class NotCentred(Annotated):
    """RMS norm."""

    def normed(self, y: Any) -> Any:
        return y * torch.rsqrt((y * y).mean(-1, keepdim=True) + 1e-5) * self.norm.weight + self.norm.bias


class OverTime(Annotated):
    """Mean and variance of all frames."""

    def normed(self, y: Any) -> Any:
        mean, var = y.mean((1, 2), keepdim=True), y.var((1, 2), keepdim=True, unbiased=False)
        return (y - mean) / torch.sqrt(var + 1e-5) * self.norm.weight + self.norm.bias


def annotated(other: type) -> Any:
    module = scattered(Annotated())
    return module, retold(module, other), noise(1, TIME, WIDTH)


@in_source(
    "layer normalisation with torch.std, which divides by n - 1",
    KIND,
    at="layer_norm",
    right="norm-unbiased",
    to=".onnx",
)
def _() -> Any:
    return annotated(ByTutorial)


@in_source("RMS norm for layer norm", KIND, at="layer_norm", right="norm-swapped", to=".onnx .pt2")
def _() -> Any:
    return annotated(NotCentred)


@in_source("layer normalisation over time as well", KIND, at="layer_norm", right="norm-axis", to=".onnx")
def _() -> Any:
    return annotated(OverTime)


class Rotary(nn.Module):
    """Scores of queries and keys with rotary positions, halves as Llama's."""

    def __init__(self) -> None:
        super().__init__()
        self.q, self.k, self.v = nn.Linear(8, 8), nn.Linear(8, 8), nn.Linear(8, 8)

    def base(self) -> float:
        return 10000.0

    def turned(self, x: Any) -> Any:
        angles = torch.outer(torch.arange(TIME).float(), self.base() ** (-torch.arange(4).float() / 4))
        cos, sin = torch.cat([angles.cos()] * 2, -1), torch.cat([angles.sin()] * 2, -1)
        a, b = x.chunk(2, -1)
        return x * cos + torch.cat([-b, a], -1) * sin

    def forward(self, x: Any) -> Any:
        q, k = self.turned(self.q(x)), self.turned(self.k(x))
        return torch.softmax(q @ k.transpose(-1, -2) / math.sqrt(8), -1) @ self.v(x)


class Pairs(Rotary):
    """Neighbours are turned, as in the paper."""

    def turned(self, x: Any) -> Any:
        angles = torch.outer(torch.arange(TIME).float(), self.base() ** (-torch.arange(4).float() / 4))
        cos, sin = angles.cos(), angles.sin()
        a, b = x[..., 0::2], x[..., 1::2]
        return torch.stack([a * cos - b * sin, a * sin + b * cos], -1).flatten(-2)


class Base(Rotary):
    def base(self) -> float:
        return 500000.0


class Sign(Rotary):
    def turned(self, x: Any) -> Any:
        angles = torch.outer(torch.arange(TIME).float(), self.base() ** (-torch.arange(4).float() / 4))
        cos, sin = torch.cat([angles.cos()] * 2, -1), torch.cat([angles.sin()] * 2, -1)
        a, b = x.chunk(2, -1)
        return x * cos + torch.cat([b, a], -1) * sin


def rotary(other: type) -> Any:
    module = scattered(Rotary())
    return module, retold(module, other), noise(1, TIME, 8)


@in_source(
    "rotary positions of neighbours for halves",
    KIND,
    at="mul concat add neg split",
    right="rotary-halves",
    to=".onnx",
)
def _() -> Any:
    return rotary(Pairs)


@in_source("another base of rotary positions", KIND, at="mul add", right="rotary-base", to=".onnx")
def _() -> Any:
    return rotary(Base)


class Tokens(nn.Module):
    """Token and position embeddings, scaled, a gated feed-forward net, logits of the same table."""

    def __init__(self) -> None:
        super().__init__()
        self.table, self.places = nn.Embedding(11, 8), nn.Embedding(9, 8)
        self.gate, self.up, self.down = nn.Linear(8, 12), nn.Linear(8, 12), nn.Linear(12, 8)

    def rows(self, x: Any) -> Any:
        return self.table(x) * math.sqrt(8) + self.places(torch.arange(x.shape[1]))

    def inner(self, y: Any) -> Any:
        return F.silu(self.gate(y)) * self.up(y)

    def forward(self, x: Any) -> Any:
        y = self.rows(x)
        return (y + self.down(self.inner(y))) @ self.table.weight.T


class NotScaled(Tokens):
    def rows(self, x: Any) -> Any:
        return self.table(x) + self.places(torch.arange(x.shape[1]))


class NextRow(Tokens):
    def rows(self, x: Any) -> Any:
        return self.table((x + 1) % 11) * math.sqrt(8) + self.places(torch.arange(x.shape[1]))


class OtherBranch(Tokens):
    def inner(self, y: Any) -> Any:
        return self.gate(y) * F.silu(self.up(y))


def tokens(other: type) -> Any:
    module = scattered(Tokens())
    return module, retold(module, other), whole(11, 1, 7)


@in_source(
    "embedding not scaled by the root of its width", KIND, at="mul", right="embedding-scale", to=".onnx .pt2"
)
def _() -> Any:
    return tokens(NotScaled)


@in_source("vocabulary off by one", KIND, at="embedding gather", right="embedding-off-by-one", to=".onnx")
def _() -> Any:
    return tokens(NextRow)


@in_source(
    "gate and up projection of SwiGLU exchanged",
    KIND,
    at="silu mul dense@gate dense@up sigmoid swish",
    right="layers-swapped operands-exchanged",
    to=".onnx",
)
def _() -> Any:
    return tokens(OtherBranch)


class Grouped(nn.Module):
    """Four query heads share two heads of keys and values."""

    def __init__(self) -> None:
        super().__init__()
        self.q, self.kv = nn.Linear(8, 8), nn.Linear(8, 8)

    def shared(self, y: Any) -> Any:
        return y.repeat_interleave(2, 1)

    def forward(self, x: Any) -> Any:
        q = self.q(x).reshape(1, TIME, 4, 2).transpose(1, 2)
        k, v = self.kv(x).reshape(1, TIME, 2, 2, 2).permute(2, 0, 3, 1, 4).unbind(0)
        k, v = self.shared(k), self.shared(v)
        y = torch.softmax(q @ k.transpose(-1, -2) / math.sqrt(2), -1) @ v
        return y.transpose(1, 2).reshape(1, TIME, 8)


class Tiled(Grouped):
    def shared(self, y: Any) -> Any:
        return y.repeat(1, 2, 1, 1)


@in_source(
    "heads of grouped queries tiled instead of repeated",
    KIND,
    at="repeat tile concat reshape broadcast_to expand_dims gather",
    right="grouped-heads-misassigned",
    to=".onnx",
)
def _() -> Any:
    module = scattered(Grouped())
    return module, retold(module, Tiled), noise(1, TIME, 8)
