"""Maximum over axes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..engine.arithmetic import Arithmetic
from ..engine.facts import Facts, Range, Ranges
from ..engine.operator import operator
from ..errors import GraphError
from ..graph import Array
from ._reduction import lowest, reduced, reduced_rank, reduction


def _range(given: Ranges, attrs: Mapping[str, Any]) -> Range | None:
    return given["x"] if attrs["empty"] == "refused" else None


@operator(reduction, facts=Facts(rank=reduced_rank, range=_range))
def reduce_max(
    ar: Arithmetic,
    x: Array,
    *,
    axes: Sequence[int] | int | None = None,
    keepdims: bool = False,
    empty: str = "refused",
) -> Array:
    """y = max of x over ``axes``

    x (...) -> y without ``axes``, or with unit axes in their place (``keepdims``); ``None`` reduces all.
    Exact; NaN in gives NaN. Raises `GraphError` if there is nothing to choose from, unless ``empty`` is "limit":
    that gives the lowest value of the type.
    Source: ONNX ReduceMax; checked against torch.amax.
    """
    over = reduced(x, axes)
    if empty == "limit" and 0 in x.shape:
        limit: Array = x.max(axis=over, keepdims=keepdims, initial=lowest(x.dtype))
        return limit
    if any(x.shape[axis] == 0 for axis in over):
        raise GraphError("there is no maximum of nothing", found=x.shape[1:], expected="at least one element")
    y: Array = x.max(axis=over, keepdims=keepdims)
    return y
