"""Squeeze: drop axes of size one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.facts import Facts, Shape
from ..engine.operator import Step, first_only, operator
from ..errors import GraphError
from ..graph import Array
from ._reduction import within


def _streaming(time: int, shape: Shape, attrs: Mapping[str, Any]) -> Step | str:
    axes = within(attrs["axes"], len(shape))
    if time in axes:
        return "it drops the time axis"
    return Step(time - sum(axis < time for axis in axes))


@operator(
    first_only(_streaming),
    facts=Facts(rank=lambda ranks, attrs: ranks["x"] - np.size(attrs["axes"]), moves=("x",)),
)
def squeeze(ar: Arithmetic, x: Array, *, axes: Sequence[int] | int) -> Array:
    """y = x without ``axes``, each of which has size one

    x (...) -> y, a view. Exact. Raises `GraphError` if an axis is not there or is longer than one.
    Source: ONNX Squeeze; checked against numpy.squeeze.
    """
    dropped = within(axes, x.ndim - 1)
    if any(x.shape[axis + 1] != 1 for axis in dropped):
        raise GraphError(
            "only axes of size 1 can be dropped", found=x.shape[1:], expected=f"1 at axes {dropped}"
        )
    return x.reshape([n for axis, n in enumerate(x.shape) if axis - 1 not in dropped])
