"""Squeeze units: every axis of size one dropped."""

from __future__ import annotations

from ..engine.arithmetic import Arithmetic
from ..engine.facts import Facts
from ..engine.operator import operator
from ..graph import Array


@operator(plain=True, facts=Facts(moves=("x",)))
def squeeze_units(ar: Arithmetic, x: Array, *, least: int = 0) -> Array:
    """y = x without its axes of size one, but with unit axes in front if fewer than ``least`` are left

    x (...) -> y, a view, whose rank depends on the sizes of x. Exact.
    Source: Core ML NeuralNetwork, squeeze layer; checked against numpy.squeeze.
    """
    sizes = [n for n in x.shape if n != 1]
    return x.reshape([1] * (least - len(sizes)) + sizes)
