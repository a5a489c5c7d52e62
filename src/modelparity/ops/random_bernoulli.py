"""Random zeros and ones."""

from __future__ import annotations

from ..engine.arithmetic import Arithmetic
from ..engine.operator import operator
from ..errors import GraphError
from ..graph import Array
from ._random import generator
from ._sizes import sizes_of


@operator(plain=True)
def random_bernoulli(ar: Arithmetic, shape: Array, *, probability: float = 0.5, seed: int = 0) -> Array:
    """y[...] = 1 with that probability, else 0

    shape (rank) integers -> y of that shape. Every run draws the same numbers, so
    that runs can be compared; no runtime draws them too, so only shape and distribution can be.
    Raises `GraphError` if shape is none, or the probability.
    Source: definition; checked by its mean.
    """
    if not 0 <= probability <= 1:
        raise GraphError("this is no probability", found=probability, expected="0 to 1")
    return (generator(seed).random(sizes_of(shape)) < probability).astype(ar.dtype)
