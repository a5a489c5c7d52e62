"""Local response normalisation across neighbouring channels."""

from __future__ import annotations

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.facts import Facts, rank_of
from ..engine.operator import operator, untouched
from ..errors import GraphError
from ..graph import Array
from ._reduction import reduced


@operator(untouched(lambda attrs, rank: (attrs.get("axis", -1),)), facts=Facts(rank=rank_of("x")))
def local_response_norm(
    ar: Arithmetic,
    x: Array,
    *,
    size: int,
    alpha: float = 1e-4,
    beta: float = 0.75,
    k: float = 1.0,
    axis: int = -1,
    lower: int | None = None,
) -> Array:
    """y[c] = x[c] / (k + alpha / size * sum of x[j]^2) ^ beta, the sum over the channels j around c

    The window has ``size`` channels, as far as they are there: ``lower`` below c (floor(size / 2) if it is left
    out), c itself and the rest above it.
    x (..., channel) or with the channels on ``axis`` -> y (...). Squares and sum accumulate in the carrier; the
    divisor and the quotient round. Raises `GraphError` for a size below 1.
    Source: Krizhevsky, Sutskever, Hinton, "ImageNet classification", 2012, 3.3; checked against
    torch.nn.functional.local_response_norm.
    """
    if size < 1:
        raise GraphError("the window has no channels", found=size, expected="a size of at least 1")
    (along,) = reduced(x, axis)
    squares = np.moveaxis(np.square(ar.operand(x, terms=size)), along, -1)
    channels, kind = squares.shape[-1], x.dtype.type
    total = np.zeros_like(squares)
    below = size // 2 if lower is None else lower
    for shift in range(max(-below, 1 - channels), min(size - below, channels)):
        low, high = max(0, -shift), min(channels, channels - shift)
        if low < high:
            total[..., low:high] += squares[..., low + shift : high + shift]
    divisor = ar.rounded((total * kind(alpha / size) + kind(k)) ** kind(beta))
    return ar.rounded(x / np.moveaxis(divisor, -1, along))
