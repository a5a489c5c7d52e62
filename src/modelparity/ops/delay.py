"""Delay: a sequence a few frames later, with a number in front."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.facts import Facts, Range, Ranges, Shape, rank_of, union
from ..engine.operator import Step, first_only, operator
from ..errors import GraphError
from ..graph import Array


def _streaming(time: int, shape: Shape, attrs: Mapping[str, Any]) -> Step | str:
    if time != 0:
        return Step(time)
    by = attrs["by"]
    return Step(0, extent=by + 1, before=by, fill=attrs.get("fill", 0.0), attrs={"shortened": True})


def _range(given: Ranges, attrs: Mapping[str, Any]) -> Range | None:
    """Only 0 is the same number in every arithmetic; another one may be a little larger where it is stored."""
    return union([given["x"], Range(0, 0, quiet=True)]) if attrs["fill"] == 0 else None


@operator(first_only(_streaming), facts=Facts(rank=rank_of("x"), range=_range))
def delay(ar: Arithmetic, x: Array, *, by: int, fill: float = 0.0, shortened: bool = False) -> Array:
    """y[t] = x[t - by] for t >= by, and ``fill`` before

    x (time, ...) -> y (time, ...); with ``shortened`` what is delayed already stands in x, whose last ``by`` frames
    are left out: y (time - by, ...). Exact; ``fill`` is stored as the arithmetic stores a weight, and may be
    infinite. Raises `GraphError` for a negative number of frames.
    Source: definition; checked against numpy.
    """
    if by < 0 or x.ndim < 2:
        raise GraphError("no such delay", found=f"by {by} in {x.shape[1:]}", expected="0 or more frames")
    kept = x[:, : max(0, x.shape[1] - by)]
    if shortened:
        return kept
    y = np.empty_like(x)
    y[:, :by] = ar.cast(np.array(fill, np.float64)).astype(x.dtype)
    y[:, by:] = kept
    return y
