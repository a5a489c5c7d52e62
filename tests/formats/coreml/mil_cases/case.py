"""A MIL operation and its twin in torch, and the arrays that cases share."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
import torch

ct = pytest.importorskip("coremltools")
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from coremltools.converters.mil import Builder as mb

F = torch.nn.functional
RNG = np.random.default_rng(0)
IMAGE = (2, 6, 7, 5)
VECTOR = RNG.uniform(0.5, 1.5, 6).astype(np.float32)
OTHER = RNG.uniform(0.5, 1.5, 6).astype(np.float32)
KERNEL = RNG.standard_normal((4, 6, 3, 2)).astype(np.float32)
GROUPED = RNG.standard_normal((4, 2, 3, 2)).astype(np.float32)
BACK = RNG.standard_normal((6, 4, 3, 2)).astype(np.float32)
BYTES = RNG.integers(0, 255, (4, 6, 3, 2)).astype(np.uint8)
SCALE, SHIFT = (RNG.uniform(low, low + 0.1, 4).astype(np.float32) for low in (0.1, -9))
BIAS = RNG.standard_normal(4).astype(np.float32)


@dataclass(frozen=True)
class Case:
    """One operation: how it is built from x (and y), and what it means for torch tensors in float64."""

    label: str
    build: Callable[..., Any]
    twin: Callable[..., Any]
    shapes: tuple[tuple[int, ...], ...] = (IMAGE,)
    opset: Any = field(default_factory=lambda: ct.target.iOS15)
    dtype: str = "float32"
    low: float = -2.0

    def __str__(self) -> str:
        return self.label


def channels(vector):
    return torch.from_numpy(vector.astype(np.float64))[:, None, None]


def weights(array):
    return torch.from_numpy(array.astype(np.float64))


def same(t, kernel, strides, lower=False, value=0.0):
    """Padding by TensorFlow's rule, before and after each of the last two axes."""
    widths = []
    for n, k, s in zip(t.shape[2:], kernel, strides, strict=True):
        total = max(0, (-(-n // s) - 1) * s + k - n)
        widths.append((total - total // 2, total // 2) if lower else (total // 2, total - total // 2))
    return F.pad(t, (*widths[1], *widths[0]), value=value)


def unary(name, twin=None, **more):
    return Case(name, lambda x: getattr(mb, name)(x=x), twin or getattr(torch, name), **more)


def binary(name, twin=None, **more):
    return Case(
        f"{name}-{more.get('dtype', 'float32')}",
        lambda x, y: getattr(mb, name)(x=x, y=y),
        twin or getattr(torch, name),
        shapes=((2, 3, 4), (3, 1)),
        **more,
    )


def reduced(name, twin):
    return Case(name, lambda x: getattr(mb, name)(x=x, axes=[1], keep_dims=True), lambda t: twin(t, 1, True))
