"""Concat: arrays joined along an axis."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..arithmetic import Arithmetic
from ..errors import GraphError
from ..graph import Array
from ..operator import Shape, Step, operator
from ._reduction import within


def _streaming(
    times: Sequence[int | None], shapes: Sequence[Shape | None], attrs: Mapping[str, Any]
) -> Step | str:
    known = {(time, shape and len(shape)) for time, shape in zip(times, shapes, strict=True)}
    time, rank = known.pop()
    if known or time is None or rank is None:
        return "its inputs carry time on different axes, or one does not change with time"
    if time == attrs["axis"] % rank:
        return "it joins sequences one after the other"
    return Step(time)


@operator(_streaming)
def concat(ar: Arithmetic, *xs: Array, axis: int) -> Array:
    """y = x_1, x_2, ... one after the other along ``axis``

    x_i (...), alike but for the size along ``axis`` -> y (...). Exact.
    Raises `GraphError` if there is nothing to join or other axes differ.
    Source: ONNX Concat; checked against numpy.concatenate.
    """
    if not xs:
        raise GraphError("there is nothing to join", found="no inputs", expected="at least one")
    (along,) = within(axis, xs[0].ndim - 1)
    kept = {x.shape[1 : along + 1] + x.shape[along + 2 :] for x in xs}
    if len(kept) > 1 or len({x.ndim for x in xs}) > 1:
        raise GraphError(
            f"inputs differ along other axes than {axis}",
            found=", ".join(str(x.shape[1:]) for x in xs),
            expected="the same sizes but for the joined axis",
        )
    lanes = max(x.shape[0] for x in xs)
    return np.concatenate([np.broadcast_to(x, (lanes, *x.shape[1:])) for x in xs], axis=along + 1)
