"""What the layers that normalise by their own statistics share."""

from __future__ import annotations

import math

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.operator import onto
from ..graph import Array


def mean(ar: Arithmetic, x: Array, axes: tuple[int, ...]) -> Array:
    """The mean over axes of the array, which stay with size one; one rounding."""
    count = math.prod(x.shape[axis] for axis in axes)
    return ar.summed(ar.operand(x, terms=count).sum(axis=axes, keepdims=True) / x.dtype.type(count), count)


def scaled(ar: Arithmetic, x: Array, axes: tuple[int, ...], epsilon: float) -> Array:
    """x / sqrt(mean of x^2 + epsilon) over axes of the array, each step rounded."""
    power = mean(ar, ar.rounded(x * x), axes)
    power += x.dtype.type(epsilon)
    root = ar.rounded(np.sqrt(ar.rounded(power)))
    return ar.rounded(x / root)


def standardised(ar: Arithmetic, x: Array, axes: tuple[int, ...], epsilon: float) -> Array:
    """(x - mean) / sqrt(variance + epsilon) over axes of the array; the variance divides by the number."""
    return scaled(ar, ar.rounded(x - mean(ar, x, axes)), axes, epsilon)


def stretched(ar: Arithmetic, y: Array, gamma: Array | None, beta: Array | None) -> Array:
    """y gamma + beta, broadcast from the right; y is a fresh result, and may be written into."""
    if gamma is not None:
        y = ar.rounded(onto(np.multiply, y, gamma))
    if beta is not None:
        y = ar.rounded(onto(np.add, y, beta))
    return y
