"""Random numbers, normally distributed."""

from __future__ import annotations

from ..engine.arithmetic import Arithmetic
from ..engine.operator import operator
from ..graph import Array
from ._random import generator
from ._sizes import sizes_of


@operator(plain=True)
def random_normal(
    ar: Arithmetic, shape: Array, *, mean: float = 0.0, deviation: float = 1.0, seed: int = 0
) -> Array:
    """y[...] ~ normal with that mean and standard deviation

    shape (rank) integers -> y of that shape. Every run draws the same numbers, so
    that runs can be compared; no runtime draws them too, so only shape and distribution can be.
    Raises `GraphError` if shape is none.
    Source: definition; checked by its moments.
    """
    draws = generator(seed).standard_normal(sizes_of(shape))
    return ar.rounded((mean + deviation * draws).astype(ar.dtype))
