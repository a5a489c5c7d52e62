"""Weights and inputs made from a seed: a value depends on the seed, a name and a shape, and on no machine.

With seed 1 the original's own code was run, and what it gave was recorded (tests/anchors/performance).
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping

import numpy as np

from modelparity.graph import Array

#: What counts steps of training in a batch normalisation.
COUNTED = "num_batches_tracked"


def uniform(seed: int, name: str, shape: tuple[int, ...]) -> Array:
    """Float64 numbers in [-1, 1): words of Philox-4x64-10, keyed by seed and name, 53 bits of each."""
    key = np.frombuffer(hashlib.sha256(f"{seed}/{name}".encode()).digest()[:16], "<u8")
    words = np.random.Philox(key=key).random_raw(max(math.prod(shape), 1))[: math.prod(shape)]
    drawn: Array = ((words >> np.uint64(11)).astype(np.float64) * 2.0**-52 - 1.0).reshape(shape)
    return drawn


def inputs(seed: int, name: str, shape: tuple[int, ...]) -> Array:
    """Float32 numbers, even, of mean 0 and variance 1."""
    found: Array = (uniform(seed, name, shape) * math.sqrt(3.0)).astype(np.float32)
    return found


def weights(shapes: Mapping[str, tuple[int, ...]], seed: int) -> dict[str, Array]:
    """{name: array} of a state dict, float32 but for counts.

    Matrices and kernels are even with variance 1 / fan in; biases and means in +-0.2, gains in 1 +- 0.3, variances in
    1 +- 0.5. The row of an embedding that stands for padding is 0.
    """
    return {name: weight(seed, name, shape) for name, shape in shapes.items()}


def weight(seed: int, name: str, shape: tuple[int, ...]) -> Array:
    """One of them."""
    part, u = name.rsplit(".", 1)[-1], uniform(seed, name, shape)
    if part == COUNTED:
        return np.zeros(shape, np.int64)
    if part == "running_var":
        values = 1.0 + 0.5 * u
    elif part == "running_mean" or part.endswith("bias"):
        values = 0.2 * u
    elif len(shape) < 2:
        values = 1.0 + 0.3 * u
    else:
        values = u * math.sqrt(3.0 / math.prod(shape[1:]))
    if name == "token_embed.weight":
        values[0] = 0.0
    made: Array = values.astype(np.float32)
    return made
