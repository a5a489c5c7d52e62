"""Small modules that rounding treats worst: heads of many classes, saturated loops, spectra, ties, padding."""

from __future__ import annotations

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F


class Block(nn.Module):
    """What makes a hidden vector's error larger than that of one sum."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.norm, self.up, self.down = (
            nn.LayerNorm(width),
            nn.Linear(width, 2 * width),
            nn.Linear(2 * width, width),
        )

    def forward(self, x):
        return x + self.down(F.silu(self.up(self.norm(x))))


class Head(nn.Module):
    """Some blocks, then so many classes: the shape of recognisers of letters and of language models."""

    def __init__(self, classes: int, last: str, deep: int, gain: float, width: int = 64) -> None:
        super().__init__()
        self.deep = nn.Sequential(*(Block(width) for _ in range(deep)))
        self.out, self.last = nn.Linear(width, classes, bias=False), last
        with torch.no_grad():
            self.out.weight.normal_(0, gain / width**0.5)

    def forward(self, x):
        y = self.out(self.deep(x))
        if self.last == "exp":
            return torch.exp(y - 2)
        return torch.softmax(y, -1) if self.last == "softmax" else torch.log_softmax(y, -1)


class Loop(nn.Module):
    """A recurrent layer whose weights drive it into its stops."""

    def __init__(self, kind: str, gain: float, hidden: int) -> None:
        super().__init__()
        self.layer = getattr(nn, kind)(6, hidden, batch_first=True)
        with torch.no_grad():
            for weight in self.layer.parameters():
                weight.mul_(gain)

    def forward(self, x):
        return self.layer(x)[0]


class Transform(nn.Module):
    """A short-time transform, and what is made of it: its power, the logarithm, the angle or the sign."""

    def __init__(self, then: str, size: int = 512) -> None:
        super().__init__()
        self.then, self.size = then, size
        self.register_buffer("window", torch.hann_window(size))

    def spectrum(self, x):
        y = torch.stft(x, self.size, self.size // 4, window=self.window, center=False, return_complex=True)
        return y.real, y.imag

    def forward(self, x):
        re, im = self.spectrum(x)
        if self.then == "power":
            return re**2 + im**2
        if self.then == "log":
            return torch.log(re**2 + im**2 + 1e-6)
        if self.then == "magnitude":
            return torch.sqrt(re**2 + im**2)
        return torch.atan2(im, re) if self.then == "angle" else torch.sign(im)


class Products(Transform):
    """The same as products with cosines and sines, as it is written for runtimes without a transform."""

    def __init__(self, then: str, size: int = 512) -> None:
        super().__init__(then, size)
        turns = np.outer(np.arange(size // 2 + 1), np.arange(size)) % size * 2 * np.pi / size
        window = np.hanning(size + 1)[:size]
        for name, wave in (("re", np.cos(turns)), ("im", -np.sin(turns))):
            self.register_buffer(name, torch.tensor((wave * window)[:, None], dtype=torch.float32))

    def spectrum(self, x):
        return (F.conv1d(x[:, None], w, stride=self.size // 4) for w in (self.re, self.im))


class Whole(nn.Module):
    """Numbers made whole, where they stand between two, and a layer that reads them."""

    def __init__(self, how: str, step: float) -> None:
        super().__init__()
        self.how, self.step, self.read = how, step, nn.Linear(16, 8)

    def forward(self, x):
        y = {"round": torch.round, "floor": torch.floor}[self.how](x / self.step) * self.step
        return y if self.how == "floor" else self.read(y)


class Attention(nn.Module):
    """Causal attention of left-padded sequences: rows of padding see nothing, and their softmax is chaos."""

    def __init__(self, low: float, deep: int = 1, width: int = 16) -> None:
        super().__init__()
        self.q, self.k, self.v = (
            nn.ModuleList(nn.Linear(width, width) for _ in range(deep)) for _ in range(3)
        )
        self.norms = nn.ModuleList(nn.LayerNorm(width) for _ in range(deep))
        self.low = low

    def forward(self, x, mask):
        size = x.shape[1]
        keep = mask[:, None, :].bool() & torch.ones(size, size).tril().bool()
        for q, k, v, norm in zip(self.q, self.k, self.v, self.norms, strict=True):
            scores = q(x) @ k(x).transpose(-1, -2) / 4 + (~keep).float() * self.low
            y = torch.softmax(scores, -1) @ v(x)
            x = norm(x + y) if len(self.q) > 1 else y
        return x


class Steady(nn.Module):
    """A norm of rows, one of which may be constant: what is left of it is rounding."""

    def __init__(self, width: int = 24) -> None:
        super().__init__()
        self.before, self.norm, self.after = (
            nn.Linear(width, width),
            nn.LayerNorm(width, eps=1e-12),
            nn.Linear(width, width),
        )
        with torch.no_grad():
            self.before.bias.fill_(0.3)

    def forward(self, x):
        return self.after(self.norm(self.before(x)))
