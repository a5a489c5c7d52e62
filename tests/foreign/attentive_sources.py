"""Transformers written two ways: mistakes of whoever ports attention, positions and norms."""

from __future__ import annotations

import copy
import math
from typing import Any

import torch
from torch import nn
from torch.nn import functional as F

from .mistake import in_source, noise, retold, scattered

KIND = "transformer"
WIDTH, HEADS, TIME = 8, 2, 6


class Block(nn.Module):
    """Packed projections, attention written out, a feed-forward net; norms first."""

    def __init__(self) -> None:
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(WIDTH), nn.LayerNorm(WIDTH)
        self.qkv, self.proj = nn.Linear(WIDTH, 3 * WIDTH), nn.Linear(WIDTH, WIDTH)
        self.up, self.down = nn.Linear(WIDTH, 16), nn.Linear(16, WIDTH)
        self.final = nn.LayerNorm(WIDTH)
        self.places = nn.Parameter(torch.randn(TIME + 4, WIDTH))

    def start(self, x: Any) -> Any:
        return x + self.places[:TIME]

    def split(self, y: Any) -> Any:
        return y.reshape(1, TIME, HEADS, WIDTH // HEADS).transpose(1, 2)

    def parts(self, x: Any) -> Any:
        q, k, v = self.qkv(x).chunk(3, -1)
        return self.split(q), self.split(k), self.split(v)

    def scores(self, q: Any, k: Any) -> Any:
        return q @ k.transpose(-1, -2) / math.sqrt(WIDTH // HEADS)

    def masked(self, s: Any) -> Any:
        return s.masked_fill(torch.ones(TIME, TIME, dtype=torch.bool).triu(1), float("-inf"))

    def weights(self, s: Any) -> Any:
        return torch.softmax(s, -1)

    def merged(self, y: Any) -> Any:
        return y.transpose(1, 2).reshape(1, TIME, WIDTH)

    def attend(self, x: Any) -> Any:
        q, k, v = self.parts(x)
        return self.proj(self.merged(self.weights(self.masked(self.scores(q, k))) @ v))

    def act(self, y: Any) -> Any:
        return F.gelu(y)

    def forward(self, x: Any) -> Any:
        x = self.start(x)
        x = x + self.attend(self.norm1(x))
        x = x + self.down(self.act(self.up(self.norm2(x))))
        return self.final(x)


def block() -> Any:
    return scattered(Block()), noise(1, TIME, WIDTH)


def told(other: type) -> Any:
    module, x = block()
    return module, retold(module, other), x


class Unscaled(Block):
    def scores(self, q: Any, k: Any) -> Any:
        return q @ k.transpose(-1, -2)


class ByWidth(Block):
    def scores(self, q: Any, k: Any) -> Any:
        return q @ k.transpose(-1, -2) / math.sqrt(WIDTH)


class Tanh(Block):
    def act(self, y: Any) -> Any:
        return F.gelu(y, approximate="tanh")


class Quick(Block):
    def act(self, y: Any) -> Any:
        return y * torch.sigmoid(1.702 * y)


class NoMask(Block):
    def masked(self, s: Any) -> Any:
        return s


class Inverted(Block):
    def masked(self, s: Any) -> Any:
        return s.masked_fill(~torch.ones(TIME, TIME, dtype=torch.bool).triu(1), float("-inf"))


class SeesOneMore(Block):
    """Each place sees the next one too."""

    def masked(self, s: Any) -> Any:
        shut = torch.ones(TIME, TIME, dtype=torch.bool).triu(2)
        return s.masked_fill(shut, float("-inf"))


class Behind(Block):
    """Weights of what is masked are zeroed behind the softmax."""

    def masked(self, s: Any) -> Any:
        return s

    def weights(self, s: Any) -> Any:
        return torch.softmax(s, -1).masked_fill(torch.ones(TIME, TIME, dtype=torch.bool).triu(1), 0.0)


class Interleaved(Block):
    def split(self, y: Any) -> Any:
        return y.reshape(1, TIME, WIDTH // HEADS, HEADS).permute(0, 3, 1, 2)


class NotMerged(Block):
    """Heads put together without the transposition."""

    def merged(self, y: Any) -> Any:
        return y.reshape(1, TIME, WIDTH)


class OtherOrder(Block):
    """Packed as k, q, v."""

    def parts(self, x: Any) -> Any:
        k, q, v = self.qkv(x).chunk(3, -1)
        return self.split(q), self.split(k), self.split(v)


class OverQueries(Block):
    def weights(self, s: Any) -> Any:
        return torch.softmax(s, -2)


class PostNorm(Block):
    def forward(self, x: Any) -> Any:
        x = self.start(x)
        x = self.norm1(x + self.attend(x))
        x = self.norm2(x + self.down(self.act(self.up(x))))
        return self.final(x)


class NoFinal(Block):
    def forward(self, x: Any) -> Any:
        x = self.start(x)
        x = x + self.attend(self.norm1(x))
        return x + self.down(self.act(self.up(self.norm2(x))))


class OffByTwo(Block):
    def start(self, x: Any) -> Any:
        return x + self.places[2 : TIME + 2]


class NoPlaces(Block):
    def start(self, x: Any) -> Any:
        return x


for _name, _other, _at, _right, _to in (
    (
        "scores not divided by the root of the head's width",
        Unscaled,
        "div mul",
        "attention-scale",
        ".onnx .pt2",
    ),
    (
        "scores divided by the root of the model's width",
        ByWidth,
        "div mul",
        "attention-scale",
        ".onnx .mlpackage",
    ),
    ("tanh approximation of GELU", Tanh, "gelu", "activation-approximated", ".onnx dynamo.onnx"),
    (
        "quick GELU of CLIP for GELU",
        Quick,
        "gelu",
        "activation-approximated activation-swapped",
        ".onnx",
    ),
    ("causal mask forgotten", NoMask, "where select masked_fill", "mask-dropped causal-wrong", ".onnx"),
    ("mask inverted", Inverted, "where select masked_fill", "mask-inverted causal-wrong", ".onnx"),
    ("causal mask off by one", SeesOneMore, "where select masked_fill", "causal-wrong", ".onnx"),
    (
        "mask applied behind the softmax",
        Behind,
        "select where softmax",
        "mask-behind-softmax",
        ".onnx",
    ),
    (
        "heads split with the head's axis last",
        Interleaved,
        "reshape transpose",
        "heads-interleaved",
        ".onnx",
    ),
    (
        "heads put together without a transposition",
        NotMerged,
        "reshape transpose dense@proj",
        "reshape-without-transpose transpose-wrong heads-interleaved",
        ".onnx",
    ),
    (
        "queries and keys of a packed projection exchanged",
        OtherOrder,
        "split dense@qkv slice matmul",
        "query-key-value-permuted parts-permuted",
        ".onnx .mlpackage",
    ),
    (
        "softmax over queries",
        OverQueries,
        "softmax",
        "attention-over-queries axis-wrong",
        ".onnx",
    ),
    (
        "norms behind the residual instead of before",
        PostNorm,
        "layer_norm@norm1 layer_norm@norm2 add",
        "pre-or-post-norm",
        ".onnx",
    ),
    ("last norm left out", NoFinal, "layer_norm@final", "norm-dropped", ".onnx"),
    (
        "positions off by two, as BART's are",
        OffByTwo,
        "add",
        "positions-shifted slice-bounds",
        ".onnx",
    ),
    ("positions not added", NoPlaces, "add", "positions-dropped", ".onnx .mlpackage"),
):

    def _make(other: type = _other) -> Any:
        return told(other)

    in_source(_name, KIND, at=_at, right=_right, to=_to)(_make)


def changed(change: Any) -> Any:
    module, x = block()
    made = copy.deepcopy(module)
    with torch.no_grad():
        change(made)
    return module, made, x


@in_source(
    "epsilon of BERT in a layer normalisation",
    KIND,
    at="layer_norm@norm2",
    right="epsilon-wrong",
    to=".onnx .mlpackage",
)
def _() -> Any:
    module, made, x = changed(lambda m: setattr(m.norm2, "eps", 1e-3))
    return module, made, x


@in_source(
    "gamma and beta of a layer normalisation not loaded",
    KIND,
    at="layer_norm@norm1",
    right="norm-scale-or-shift-lost",
    to=".onnx",
)
def _() -> Any:
    return changed(lambda m: m.norm1.bias.zero_())


@in_source(
    "dense kernel of TensorFlow not transposed",
    KIND,
    at="dense@proj",
    right="weights-transposed",
    to=".onnx",
)
def _() -> Any:
    return changed(lambda m: m.proj.weight.copy_(m.proj.weight.T.clone()))
