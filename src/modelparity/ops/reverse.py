"""Reverse: axes run backwards."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.facts import Facts, rank_of
from ..engine.operator import operator, untouched
from ..graph import Array
from ._reduction import reduced, within


@operator(
    untouched(lambda attrs, rank: within(attrs.get("axes"), rank)),
    facts=Facts(rank=rank_of("x"), moves=("x",)),
)
def reverse(ar: Arithmetic, x: Array, *, axes: Sequence[int] | int | None = None) -> Array:
    """y[..., i, ...] = x[..., n - 1 - i, ...] along each of ``axes``; ``None`` means all

    x (...) -> y (...), a view. Exact. Raises `GraphError` if an axis is not there or named twice.
    Source: definition; checked against numpy.flip.
    """
    return np.flip(x, reduced(x, axes))
