"""Transpose: axes in another order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..engine.arithmetic import Arithmetic
from ..engine.facts import Facts, Shape, rank_of
from ..engine.operator import Step, first_only, operator
from ..errors import GraphError
from ..graph import Array


def _streaming(time: int, shape: Shape, attrs: Mapping[str, Any]) -> Step | str:
    return Step(_order(attrs.get("axes"), len(shape)).index(time))


def _order(axes: Sequence[int] | None, rank: int) -> list[int]:
    order = [axis % rank for axis in axes] if axes is not None and rank else list(range(rank))[::-1]
    if sorted(order) != list(range(rank)) or (axes is not None and any(not -rank <= a < rank for a in axes)):
        raise GraphError(
            "axes are no order of the input's", found=axes, expected=f"each of 0 to {rank - 1} once"
        )
    return order


@operator(first_only(_streaming), facts=Facts(rank=rank_of("x"), moves=("x",)))
def transpose(ar: Arithmetic, x: Array, *, axes: Sequence[int] | None = None) -> Array:
    """y[i[axes[0]], i[axes[1]], ...] = x[i[0], i[1], ...]

    x (...) -> y, whose axis k is axis ``axes[k]`` of x; ``None`` reverses them. A view. Exact.
    Raises `GraphError` if ``axes`` is no order of the axes of x.
    Source: ONNX Transpose; checked against numpy.transpose.
    """
    return x.transpose(0, *(axis + 1 for axis in _order(axes, x.ndim - 1)))
