"""Dense: an affine map of the last axis."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from ..engine.arithmetic import Arithmetic
from ..engine.facts import Facts, Shape, rank_of
from ..engine.operator import affine, operator, untouched
from ..graph import Array


def _cost(shapes: Mapping[str, Shape], attrs: Mapping[str, Any], results: Sequence[Shape]) -> int:
    return math.prod(results[0]) * shapes["weight"][-2]


@operator(untouched(lambda attrs, rank: (-1,)), facts=Facts(rank=rank_of("x"), cost=_cost))
def dense(ar: Arithmetic, x: Array, weight: Array, bias: Array | None = None) -> Array:
    """y = x W + b

    x (..., in), weight (in, out), bias (out) -> y (..., out).
    Raises `GraphError` if the last axis of x is not as long as W has rows.
    Source: Goodfellow, Bengio, Courville, "Deep Learning", eq. 6.3; checked against torch.nn.functional.linear.
    """
    return affine(ar, x, weight, bias)
