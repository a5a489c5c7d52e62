"""Expand dims: insert axes of size one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.facts import Facts, Shape
from ..engine.operator import Step, first_only, operator
from ..graph import Array
from ._reduction import within


def _streaming(time: int, shape: Shape, attrs: Mapping[str, Any]) -> Step | str:
    return Step(_kept(attrs["axes"], len(shape))[0][time])


def _kept(axes: Sequence[int] | int, rank: int) -> tuple[list[int], tuple[int, ...]]:
    """Where the old axes are in the result, and where the new ones."""
    new = (axes,) if isinstance(axes, int) else tuple(axes)
    new = within(new, rank + len(new))
    return [axis for axis in range(rank + len(new)) if axis not in new], new


@operator(
    first_only(_streaming),
    facts=Facts(rank=lambda ranks, attrs: ranks["x"] + np.size(attrs["axes"]), moves=("x",)),
)
def expand_dims(ar: Arithmetic, x: Array, *, axes: Sequence[int] | int) -> Array:
    """y = x with unit axes at ``axes``, counted in y

    x (...) -> y, a view. Exact. Raises `GraphError` if an axis does not fit or is named twice.
    Source: ONNX Unsqueeze; checked against numpy.expand_dims.
    """
    old, new = _kept(axes, x.ndim - 1)
    shape = [1] * (1 + len(old) + len(new))
    for axis, n in zip((0, *(axis + 1 for axis in old)), x.shape, strict=True):
        shape[axis] = n
    return x.reshape(shape)
