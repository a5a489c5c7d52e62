"""Weights made from a seed: no one trained them, so they find no whales, and every layer's values stay telling."""

from __future__ import annotations

import hashlib
import math

import numpy as np

from modelparity.graph import Array

from .layers import COUNTED, PREFIX, Layers

Weights = dict[str, Array]

#: The stream of seed 0: upstream's own code was run with its weights, and what it gave was recorded.
RECORDED = "dev"
#: How far values are expected to spread before these BatchNorms; before others by 1.
SPREAD = {f"{PREFIX}bn1": 30.0, f"{PREFIX}fc.1": 1.5, f"{PREFIX}fc.5": 1.5}


def uniform(stream: str, name: str, shape: tuple[int, ...]) -> Array:
    """Float64 numbers in [0, 1), the same on every machine: Philox-4x64-10, keyed by the names, 53 bits each."""
    key = int.from_bytes(hashlib.sha256(f"{stream}:{name}".encode()).digest()[:16], "little")
    raw = np.random.Philox(key=key).random_raw(math.prod(shape))
    drawn: Array = ((raw >> np.uint64(11)) * 2.0**-53).reshape(shape)
    return drawn


def stream_of(seed: int) -> str:
    """The name of a seed's stream."""
    return RECORDED if seed == 0 else str(seed)


def seeded(layers: Layers, seed: int = 0) -> Weights:
    """{name: array} of a state dict, float32 but for counts; about a second for ResNet-50.

    Kernels are even with variance 2 / fan in and sum up to 0 for each output, so that deep features stay apart.
    """
    stream = stream_of(seed)
    return {name: _array(stream, name, shape) for name, shape in layers.shapes.items()}


def _array(stream: str, name: str, shape: tuple[int, ...]) -> Array:
    parent, part = name.rsplit(".", 1)
    if part == COUNTED:
        return np.array(1000, np.int64)
    u, spread = uniform(stream, name, shape), SPREAD.get(parent, 1.0)
    if len(shape) > 1:
        values = (2 * u - 1) * np.sqrt(6.0 / math.prod(shape[1:]))
        if name != f"{PREFIX}conv1.weight":
            values -= values.mean(axis=tuple(range(1, values.ndim)), keepdims=True)
    elif part == "weight":
        values = (0.25 + 0.5 * u) if parent.endswith("bn3") else 0.5 + u
    elif part == "running_var":
        values = (0.5 + u) * spread**2
    elif part == "running_mean":
        values = (2 * u - 1) * 0.2 * spread
    else:
        values = (2 * u - 1) * 0.2
    rounded: Array = values.astype(np.float32)
    return rounded


def image(seed: int, count: int, frames: int) -> Array:
    """Images (image, channel 1, mel 256, time) float32: even in [-80, 20) dB, and 0 dB behind frame 157."""
    x = -80.0 + 100.0 * uniform(stream_of(seed), f"input:{count}x1x256x{frames}", (count, 1, 256, frames))
    x[..., 157:] = 0.0
    rounded: Array = x.astype(np.float32)
    return rounded
