"""What the reductions share: which axes, and where time is afterwards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..engine.facts import Shape
from ..engine.operator import Step, first_only
from ..errors import GraphError
from ..graph import Array


def reduced(x: Array, axes: Sequence[int] | int | None) -> tuple[int, ...]:
    """The axes of the formula (``None``: all) as axes of the array; `GraphError` if one is not there."""
    return tuple(axis + 1 for axis in within(axes, x.ndim - 1))


def reduced_rank(ranks: Mapping[str, int], attrs: Mapping[str, Any]) -> int:
    """The rank of what a reduction leaves."""
    rank = ranks["x"]
    return rank if attrs["keepdims"] else rank - len(within(attrs["axes"], rank))


def within(axes: Sequence[int] | int | None, rank: int) -> tuple[int, ...]:
    """Axes counted from the left, sorted; ``None`` means all. `GraphError` if one is missing or named twice."""
    if axes is None:
        return tuple(range(rank))
    given = (axes,) if isinstance(axes, int) else tuple(axes)
    if any(not -rank <= axis < rank for axis in given) or len({axis % rank for axis in given}) < len(given):
        raise GraphError("axes do not fit", found=given, expected=f"distinct, from {-rank} to {rank - 1}")
    return tuple(sorted(axis % rank for axis in given))


def within_order(axes: Sequence[int], rank: int) -> list[int]:
    """As `within`, in the order that they are given in."""
    within(axes, rank)
    return [axis % rank for axis in axes]


def place(axis: int, rank: int) -> int:
    """One axis counted from the left; `GraphError` if it is not there. Cheap, for operators inside loops."""
    if not -rank <= axis < rank:
        within(axis, rank)  # says what is wrong
    return axis % rank


def lowest(dtype: np.dtype[Any]) -> Any:
    """The least value of a type: -inf of floats."""
    return -np.inf if dtype.kind == "f" else False if dtype.kind == "b" else np.iinfo(dtype).min


def highest(dtype: np.dtype[Any]) -> Any:
    """The largest value of a type: inf of floats."""
    return np.inf if dtype.kind == "f" else True if dtype.kind == "b" else np.iinfo(dtype).max


@first_only
def reduction(time: int, shape: Shape, attrs: Mapping[str, Any]) -> Step | str:
    """Streaming of a reduction: framewise if time is not reduced; time moves up where axes before it vanish."""
    axes = within(attrs.get("axes"), len(shape))
    if time in axes:
        return "it reduces the time axis and needs all frames"
    return Step(time if attrs.get("keepdims", False) else time - sum(axis < time for axis in axes))
