"""Random classes, drawn with given probabilities."""

from __future__ import annotations

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.facts import Facts, rank_of
from ..engine.operator import operator
from ..errors import GraphError
from ..graph import Array
from ._random import generator
from ._sizes import bounded


@operator(plain=True, facts=Facts(rank=rank_of("x")))
def random_categorical(
    ar: Arithmetic, x: Array, *, count: int = 1, logits: bool = True, seed: int = 0
) -> Array:
    """P(y[..., n] = k) = softmax(x)[..., k], or x[..., k] / sum of x over k without ``logits``

    x (..., class) -> y (..., count) whole numbers as floats. Every run draws the same numbers, so
    that runs can be compared; no runtime draws them too, so only shape and distribution can be.
    Raises `GraphError` if there are no classes or probabilities are negative.
    Source: definition, by the inverse of the distribution function; checked by its frequencies.
    """
    if not x.ndim or not x.shape[-1] or count < 0:
        raise GraphError("there is nothing to draw from", found=x.shape, expected="(..., class)")
    weights = x.astype(np.float64)
    if logits:
        weights = np.exp(weights - weights.max(axis=-1, keepdims=True))
    if (weights < 0).any() or not (weights.sum(axis=-1) > 0).all():
        raise GraphError(
            "these are no probabilities", expected="numbers that are not negative, and not all 0"
        )
    bounded(*x.shape, count)
    steps = np.cumsum(weights, axis=-1)
    draws = generator(seed).random((*x.shape[:-1], count)) * steps[..., -1:]
    # Below the last step always; rounding must not draw a class beyond it.
    classes = (draws[..., None] >= steps[..., None, :]).sum(axis=-1)
    y: Array = np.minimum(classes, x.shape[-1] - 1).astype(ar.dtype)
    return y
