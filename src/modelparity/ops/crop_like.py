"""Crop to the size of another array."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..engine.arithmetic import Arithmetic
from ..engine.facts import Facts, rank_of
from ..engine.operator import operator
from ..errors import GraphError
from ..graph import Array


@operator(plain=True, facts=Facts(rank=rank_of("x"), moves=("x",)))
def crop_like(ar: Arithmetic, x: Array, other: Array, *, offset: Sequence[int]) -> Array:
    """y[..., i, j] = x[..., offset[0] + i, offset[1] + j], as many as ``other`` has

    x (..., in...), other (..., out...) with len(offset) last axes -> y (..., out...), a view. Exact.
    Raises `GraphError` if that is not all inside x.
    Source: Core ML NeuralNetwork, crop with two inputs (Caffe's Crop); checked against numpy slices.
    """
    n = len(offset)
    ends = [start + size for start, size in zip(offset, other.shape[-n:], strict=True)]
    if min(offset) < 0 or any(end > size for end, size in zip(ends, x.shape[-n:], strict=True)):
        raise GraphError(
            "the part is not all inside", found=f"{tuple(offset)} to {tuple(ends)}", expected=x.shape
        )
    inside: list[Any] = [slice(start, end) for start, end in zip(offset, ends, strict=True)]
    y: Array = x[(..., *inside)]
    return y
