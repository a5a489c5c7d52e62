"""Argmin: where the smallest element along an axis stands."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.operator import operator
from ..errors import GraphError
from ..graph import Array
from ._reduction import reduced, reduction


@operator(lambda times, ranks, attrs: reduction(times, ranks, {**attrs, "axes": attrs.get("axis", -1)}))
def argmin(ar: Arithmetic, x: Array, *, axis: int = -1, keepdims: bool = False, to: str = "int64") -> Any:
    """y = the first place along ``axis`` where x is smallest

    x (...) -> y without ``axis``, or with a unit axis in its place (``keepdims``), of type ``to``. Exact; NaN
    counts as smallest. Raises `GraphError` if there is nothing to choose from.
    Source: ONNX ArgMin; checked against torch.argmin.
    """
    (along,) = reduced(x, axis)
    if x.shape[along] == 0:
        raise GraphError("there is no minimum of nothing", found=x.shape[1:], expected="at least one element")
    seen = -ar.leading(-x, along) if x.dtype.kind == "f" else x
    return np.argmin(seen, axis=along, keepdims=keepdims).astype(to)
