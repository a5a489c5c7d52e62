"""Shapes that arrays give, bounded before anything is allocated."""

from __future__ import annotations

import math

from ..errors import GraphError
from ..graph import Array

#: Elements beyond which a shape is taken for a mistake.
MOST = 1 << 30


def sizes_of(shape: Array) -> tuple[int, ...]:
    """The sizes in an array of integers. Raises `GraphError` for a negative or absurd one."""
    if shape.dtype.kind not in "iu":
        raise GraphError("sizes are not integers", found=shape.dtype, expected="an integer type")
    return bounded(*(int(n) for n in shape.reshape(-1)))


def bounded(*sizes: int) -> tuple[int, ...]:
    """The sizes as they are. Raises `GraphError` for a negative or absurd one."""
    if min(sizes, default=0) < 0 or len(sizes) > 32 or math.prod(sizes) > MOST:
        raise GraphError("this is no shape", found=sizes, expected=f"sizes, at most {MOST:,} elements")
    return sizes
