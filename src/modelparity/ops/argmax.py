"""Argmax: where the largest element along an axis stands."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.facts import Facts
from ..engine.operator import operator
from ..errors import GraphError
from ..graph import Array
from ._reduction import reduced, reduction


@operator(
    lambda times, ranks, attrs: reduction(times, ranks, {**attrs, "axes": attrs.get("axis", -1)}),
    facts=Facts(rank=lambda ranks, attrs: ranks["x"] - (not attrs["keepdims"])),
)
def argmax(ar: Arithmetic, x: Array, *, axis: int = -1, keepdims: bool = False, to: str = "int64") -> Any:
    """y = the first place along ``axis`` where x is largest

    x (...) -> y without ``axis``, or with a unit axis in its place (``keepdims``), of type ``to``. Exact; NaN
    counts as largest. Raises `GraphError` if there is nothing to choose from.
    Source: ONNX ArgMax; checked against torch.argmax.
    """
    (along,) = reduced(x, axis)
    if x.shape[along] == 0:
        raise GraphError("there is no maximum of nothing", found=x.shape[1:], expected="at least one element")
    return np.argmax(ar.leading(x, along), axis=along, keepdims=keepdims).astype(to)
