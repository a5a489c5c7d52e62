"""Reverse sequence: the first so many steps of each sequence run backwards."""

from __future__ import annotations

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.facts import Facts, rank_of
from ..engine.operator import not_causal, operator
from ..errors import GraphError
from ..graph import Array
from ._reduction import within


@operator(
    not_causal("it starts from the last frame"), plain=True, facts=Facts(rank=rank_of("x"), moves=("x",))
)
def reverse_sequence(
    ar: Arithmetic, x: Array, lengths: Array, *, batch_axis: int = 0, time_axis: int = 1
) -> Array:
    """y[b, t] = x[b, lengths[b] - 1 - t] for t < lengths[b], x[b, t] behind

    x (..., batch, ..., time, ...) with these axes at ``batch_axis`` and ``time_axis``, in any order,
    lengths (batch) integers -> y like x. Exact.
    Raises `GraphError` for lengths that do not fit, and if both are one axis.
    Source: ONNX ReverseSequence; checked against a loop over sequences.
    """
    batch, time = within(batch_axis, x.ndim)[0], within(time_axis, x.ndim)[0]
    if batch == time:
        raise GraphError("batch and time are one axis", found=(batch_axis, time_axis), expected="two axes")
    steps = x.shape[time]
    if lengths.shape != (x.shape[batch],) or ((lengths < 0) | (lengths > steps)).any():
        raise GraphError(
            "lengths do not fit",
            found=lengths.tolist(),
            expected=f"{x.shape[batch]} numbers from 0 to {steps}",
        )
    at = np.arange(steps)
    ends = lengths.astype(np.int64)[:, None]
    index = np.where(at < ends, ends - 1 - at, at)
    rows = np.moveaxis(x, (batch, time), (0, 1))
    y = rows[np.arange(x.shape[batch])[:, None], index]
    return np.moveaxis(y, (0, 1), (batch, time))
