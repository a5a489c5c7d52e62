"""Audio front ends as parts of exported networks, and dense networks behind them, written two ways."""

from __future__ import annotations

import copy
import math
from typing import Any

import torch
from torch import nn
from torch.nn import functional as F

from .mistake import in_source, noise, retold

KIND = "audio"
SIZE, HOP, BANDS = 16, 8, 6


def triangles(peak: bool = True) -> Any:
    """Overlapping triangles over the bins of a spectrum, of height one or of area one: (bins, bands)."""
    edges = torch.tensor([0.0, 1, 2, 3, 4, 5.5, 7, 8])
    bins = torch.arange(SIZE // 2 + 1).float()[:, None]
    low, mid, high = edges[:-2], edges[1:-1], edges[2:]
    bank = torch.clamp(torch.minimum((bins - low) / (mid - low), (high - bins) / (high - mid)), min=0)
    return bank if peak else bank * 2 / (high - low)


class FrontEnd(nn.Module):
    """Frames, a window, the spectrum's power, bands, logarithm, mean and deviation, a dense layer."""

    def __init__(self) -> None:
        super().__init__()
        bins = torch.outer(torch.arange(SIZE).float(), torch.arange(SIZE // 2 + 1).float())
        self.register_buffer("cos", torch.cos(2 * math.pi * bins / SIZE))
        self.register_buffer("sin", -torch.sin(2 * math.pi * bins / SIZE))
        self.register_buffer("bank", self.bands())
        self.register_buffer("window", torch.hann_window(SIZE, periodic=True))
        self.register_buffer("mean", torch.linspace(-1, 1, BANDS))
        self.register_buffer("var", torch.linspace(0.5, 2, BANDS))
        self.head = nn.Linear(BANDS, 3)

    def bands(self) -> Any:
        return triangles()

    def emphasised(self, x: Any) -> Any:
        return x

    def framed(self, x: Any) -> Any:
        y = F.pad(x, (SIZE // 2, SIZE // 2), mode="reflect")
        return torch.stack([y[:, at : at + SIZE] for at in range(0, y.shape[1] - SIZE + 1, HOP)], 1)

    def power(self, re: Any, im: Any) -> Any:
        return re * re + im * im

    def log(self, y: Any) -> Any:
        return torch.log(y + 1e-6)

    def normed(self, y: Any) -> Any:
        return (y - self.mean) / torch.sqrt(self.var)

    def forward(self, x: Any) -> Any:
        frames = self.framed(self.emphasised(x)) * self.window
        y = self.power(frames @ self.cos, frames @ self.sin) @ self.bank
        return torch.sigmoid(self.head(self.normed(self.log(y))))


def front() -> Any:
    module = FrontEnd().eval()
    return module, noise(1, 48)


def told(other: type) -> Any:
    module, x = front()
    return module, retold(module, other), x


class Magnitude(FrontEnd):
    def power(self, re: Any, im: Any) -> Any:
        return torch.sqrt(re * re + im * im)


class Log10(FrontEnd):
    def log(self, y: Any) -> Any:
        return torch.log10(y + 1e-6)


class Decibels(FrontEnd):
    def log(self, y: Any) -> Any:
        return 10 * torch.log10(y + 1e-6)


class Log1p(FrontEnd):
    def log(self, y: Any) -> Any:
        return torch.log(y + 1)


class Offset(FrontEnd):
    def log(self, y: Any) -> Any:
        return torch.log(y + 1e-2)


class Variance(FrontEnd):
    def normed(self, y: Any) -> Any:
        return (y - self.mean) / self.var


class NotNormed(FrontEnd):
    def normed(self, y: Any) -> Any:
        return y


class OnlyMean(FrontEnd):
    def normed(self, y: Any) -> Any:
        return y - self.mean


class ZeroPadded(FrontEnd):
    def framed(self, x: Any) -> Any:
        y = F.pad(x, (SIZE // 2, SIZE // 2))
        return torch.stack([y[:, at : at + SIZE] for at in range(0, y.shape[1] - SIZE + 1, HOP)], 1)


class NotCentred(FrontEnd):
    """All padding behind: frames begin where they should be centred."""

    def framed(self, x: Any) -> Any:
        y = F.pad(x, (0, SIZE))
        return torch.stack([y[:, at : at + SIZE] for at in range(0, y.shape[1] - SIZE + 1, HOP)], 1)


class Emphasised(FrontEnd):
    def emphasised(self, x: Any) -> Any:
        return x - 0.97 * F.pad(x, (1, 0))[:, :-1]


class LessEmphasised(FrontEnd):
    def emphasised(self, x: Any) -> Any:
        return x - 0.95 * F.pad(x, (1, 0))[:, :-1]


for _name, _other, _at, _right, _to in (
    (
        "magnitude for power",
        Magnitude,
        "add matmul dense sqrt reshape@matmul",
        "magnitude-for-power",
        ".onnx",
    ),
    ("log10 for ln", Log10, "log", "log-base", ".onnx .mlpackage"),
    ("decibels for ln", Decibels, "log", "log-base", ".onnx"),
    ("log1p for a logarithm with a small offset", Log1p, "log add", "log-offset constant-wrong", ".onnx"),
    ("another floor below the logarithm", Offset, "log add", "log-offset constant-wrong", ".onnx"),
    (
        "divided by the variance instead of the deviation",
        Variance,
        "div sqrt mul",
        "variance-for-deviation input-normalization function-dropped",
        ".onnx",
    ),
    (
        "mean and deviation of the features not applied",
        NotNormed,
        "sub div",
        "input-normalization norm-dropped",
        ".onnx",
    ),
    (
        "deviation of the features not divided by",
        OnlyMean,
        "div",
        "input-normalization layer-dropped function-dropped constant-wrong",
        ".onnx",
    ),
    ("zeros for reflected ends of the signal", ZeroPadded, "pad", "padding-mode", ".onnx"),
    (
        "frames not centred",
        NotCentred,
        "pad slice split",
        "frames-shifted padding-mode padding-on-other-side",
        ".onnx",
    ),
):

    def _make(other: type = _other) -> Any:
        return told(other)

    in_source(_name, KIND, at=_at, right=_right, to=_to)(_make)


@in_source(
    "another coefficient of pre-emphasis",
    KIND,
    at="mul",
    right="constant-wrong array-scaled constant-factor",
    to=".onnx",
)
def _() -> Any:
    module = Emphasised().eval()
    return module, retold(module, LessEmphasised), noise(1, 48)


@in_source(
    "pre-emphasis forgotten", KIND, at="sub mul", right="tensor-added-or-left-out residual-wrong", to=".onnx"
)
def _() -> Any:
    module = Emphasised().eval()
    return module, retold(module, FrontEnd), noise(1, 48)


def edited(change: Any) -> Any:
    module, x = front()
    made = copy.deepcopy(module)
    with torch.no_grad():
        change(made)
    return module, made, x


@in_source(
    "symmetric window for a periodic one",
    KIND,
    at="mul",
    right="window-wrong another-scale",
    to=".onnx",
)
def _() -> Any:
    return edited(lambda m: m.window.copy_(torch.hann_window(SIZE, periodic=False)))


@in_source("Hamming for Hann", KIND, at="mul", right="window-wrong another-scale", to=".onnx")
def _() -> Any:
    return edited(lambda m: m.window.copy_(torch.hamming_window(SIZE)))


@in_source(
    "bands of area one for bands of height one, as librosa's default",
    KIND,
    at="dense matmul reshape@matmul",
    right="another-scale",
    to=".onnx",
)
def _() -> Any:
    return edited(lambda m: m.bank.copy_(triangles(peak=False)))


@in_source("spectrum divided by its length", KIND, at="dense matmul", right="array-scaled", to=".onnx")
def _() -> Any:
    return edited(lambda m: (m.cos.div_(SIZE), m.sin.div_(SIZE)))
