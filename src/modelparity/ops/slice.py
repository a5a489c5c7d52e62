"""Slice: a part of an array, axis by axis."""

from __future__ import annotations

import builtins
from collections.abc import Mapping, Sequence
from typing import Any

from ..engine.arithmetic import Arithmetic
from ..engine.facts import Facts, rank_of
from ..engine.operator import operator, untouched
from ..errors import GraphError
from ..graph import Array
from ._reduction import within


def _axes(attrs: Mapping[str, Any], rank: int) -> Sequence[int]:
    axes: Sequence[int] | None = attrs.get("axes")
    return range(len(attrs["starts"])) if axes is None else axes


@operator(untouched(_axes), facts=Facts(rank=rank_of("x"), moves=("x",)))
def slice(
    ar: Arithmetic,
    x: Array,
    *,
    starts: Sequence[int],
    ends: Sequence[int | None],
    axes: Sequence[int] | None = None,
    steps: Sequence[int] | None = None,
) -> Array:
    """y = x[start : end : step] along each of ``axes``

    x (...) -> y (...), a view. Negative positions count from the end, positions outside are moved to the edge,
    an end of ``None`` means up to the edge; axes default to the first ones, steps to 1 and may be negative.
    Exact. Raises `GraphError` if the lists differ in length, an axis is not there or named twice, or a step is 0.
    Source: ONNX Slice; checked against numpy.
    """
    rank, axes = x.ndim - 1, _axes({"starts": starts, "axes": axes}, x.ndim - 1)
    steps = (1,) * len(starts) if steps is None else steps
    if not len(starts) == len(ends) == len(axes) == len(steps):
        counts = (len(starts), len(ends), len(axes), len(steps))
        raise GraphError("starts, ends, axes and steps differ in length", found=counts)
    within(axes, rank)
    if 0 in steps:
        raise GraphError("a step is 0", found=tuple(steps), expected="steps forwards or backwards")
    index = [builtins.slice(None)] * x.ndim
    for start, end, axis, step in zip(starts, ends, axes, steps, strict=True):
        index[axis % rank + 1] = builtins.slice(start, end, step)
    return x[tuple(index)]
