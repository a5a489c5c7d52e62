"""Concat: arrays joined along an axis."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.facts import Facts, Shape, rank_of
from ..engine.operator import Step, operator
from ..errors import GraphError
from ..graph import Array
from ._reduction import place
from ._sizes import bounded


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


@operator(_streaming, facts=Facts(rank=rank_of("xs"), moves=("xs",)))
def concat(ar: Arithmetic, *xs: Array, axis: int) -> Array:
    """y = x_1, x_2, ... one after the other along ``axis``

    x_i (...), alike but for the size along ``axis`` -> y (...). Exact.
    Raises `GraphError` if there is nothing to join or other axes differ.
    Source: ONNX Concat; checked against numpy.concatenate.
    """
    if not xs:
        raise GraphError("there is nothing to join", found="no inputs", expected="at least one")
    along = place(axis, xs[0].ndim - 1)
    shapes = {x.shape[1:] for x in xs}
    kept = {(*shape[:along], *shape[along + 1 :]) for shape in shapes}
    if len(kept) > 1 or len({len(shape) for shape in shapes}) > 1:
        raise GraphError(
            f"inputs differ along other axes than {axis}",
            found=", ".join(str(x.shape[1:]) for x in xs),
            expected="the same sizes but for the joined axis",
        )
    bounded(sum(x.size for x in xs))
    lanes = max([len(x) for x in xs])
    if lanes == 1:
        return np.concatenate(xs, axis=along + 1)
    return np.concatenate([np.broadcast_to(x, (lanes, *x.shape[1:])) for x in xs], axis=along + 1)
