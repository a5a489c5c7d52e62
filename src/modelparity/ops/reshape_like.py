"""Reshape to sizes of other arrays."""

from __future__ import annotations

import math
from collections.abc import Sequence

from ..engine.arithmetic import Arithmetic
from ..engine.facts import Facts
from ..engine.operator import operator
from ..errors import GraphError
from ..graph import Array


@operator(plain=True, facts=Facts(moves=("x",)))
def reshape_like(
    ar: Arithmetic, x: Array, *others: Array, begins: Sequence[int], ends: Sequence[int | None]
) -> Array:
    """y has the elements of x in C order

    x (...), others (...) -> y of the shape others[0].shape[begins[0] : ends[0]] + others[1].shape[...] + ...; an
    end of ``None`` means up to the last axis. Exact. Raises `GraphError` if elements differ in number.
    Source: Core ML MIL ``reshape_like``; checked against numpy.reshape.
    """
    sizes: list[int] = []
    for other, begin, end in zip(others, begins, ends, strict=True):
        sizes += other.shape[begin:end]
    if math.prod(sizes) != x.size:
        raise GraphError(
            "the number of elements differs", found=x.shape, expected=f"what fills {tuple(sizes)}"
        )
    return x.reshape(sizes)
