"""Reshape: the same elements in another shape."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from ..engine.arithmetic import Arithmetic
from ..engine.facts import Facts, Shape
from ..engine.operator import Step, first_only, operator
from ..errors import GraphError
from ..graph import Array


def _streaming(time: int, shape: Shape, attrs: Mapping[str, Any]) -> Step | str:
    new = attrs["shape"]
    # Whether -1 stands for as many frames as came depends on sizes, which the stream checks by a run.
    if len(new) <= time or any(new[:time]) or new[time] not in (0, -1):
        return "its shape does not copy the axes up to time (say 0 for each of them)"
    return Step(time)


@operator(first_only(_streaming), facts=Facts(rank=lambda ranks, attrs: len(attrs["shape"]), moves=("x",)))
def reshape(ar: Arithmetic, x: Array, *, shape: Sequence[int]) -> Array:
    """y has the elements of x in C order

    x (...) -> y of ``shape``, where 0 copies the size of x at the same place and one -1 stands for what is
    left. A view where memory allows. Exact. Raises `GraphError` if the number of elements differs.
    Source: ONNX Reshape; checked against numpy.reshape.
    """
    old = x.shape[1:]
    if any(n < -1 for n in shape) or list(shape).count(-1) > 1 or 0 in shape[len(old) :]:
        raise GraphError(
            "shape is not valid",
            found=tuple(shape),
            expected=f"sizes, at most one -1, and 0 only to copy one of the {len(old)} axes of {old}",
        )
    sizes = [old[i] if n == 0 else n for i, n in enumerate(shape)]
    known = math.prod(n for n in sizes if n != -1)
    if -1 in sizes and known:
        sizes[sizes.index(-1)] = math.prod(old) // known
    if math.prod(sizes) != math.prod(old) or -1 in sizes:
        raise GraphError(
            "the number of elements differs",
            found=f"{math.prod(old)} in {old}",
            expected=f"what fills {tuple(shape)}",
        )
    return x.reshape(x.shape[0], *sizes)
