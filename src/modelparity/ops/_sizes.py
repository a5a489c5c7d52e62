"""Shapes and amounts of work that arrays and attributes ask for, bounded before anything is allocated."""

from __future__ import annotations

import math

from ..engine.limits import TooMuch, limits
from ..errors import GraphError
from ..graph import Array

#: Axes that a numpy array can have on every version of it, less one for lanes.
AXES = 31


def sizes_of(shape: Array) -> tuple[int, ...]:
    """The sizes in an array of integers. Raises `GraphError` for a negative or absurd one."""
    if shape.dtype.kind not in "iu":
        raise GraphError("sizes are not integers", found=shape.dtype, expected="an integer type")
    if shape.size > AXES:
        raise GraphError("this is no shape", found=f"{shape.size} sizes", expected=f"at most {AXES}")
    return bounded(*(int(n) for n in shape.reshape(-1)))


def bounded(*sizes: int) -> tuple[int, ...]:
    """The sizes as they are. Raises `GraphError` for a negative one, `TooMuch` for an absurd one."""
    most = limits().elements
    if min(sizes, default=0) < 0 or len(sizes) > AXES:
        found = sizes if len(sizes) <= AXES else f"{len(sizes)} sizes"
        raise GraphError("this is no shape", found=found, expected=f"at most {AXES} sizes, none negative")
    if math.prod(sizes) > most:
        raise TooMuch("an array of absurd size", found=sizes, expected=f"at most {most:,} elements")
    return sizes


def feasible(steps: int) -> None:
    """Raises `TooMuch` for more steps than anybody waits for."""
    if steps > limits().steps:
        raise TooMuch(
            "this would take too long", found=f"{steps:,} steps", expected=f"at most {limits().steps:,}"
        )
