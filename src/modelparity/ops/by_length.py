"""By length: a recurrent operator over sequences that end at different places."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.facts import Facts
from ..engine.operator import find, not_causal, operator
from ..errors import GraphError
from ..graph import Array, Node


def _inner(node: Node) -> Node | None:
    """The recurrent node, without the lengths."""
    if not {"of", "given"} <= set(node.attrs):
        return None
    return replace(
        node, op=node.attrs["of"], inputs=(*node.inputs[:1], *node.inputs[2:]), attrs=node.attrs["given"]
    )


@operator(not_causal("sequences end at different places"), facts=Facts(runs=_inner))
def by_length(
    ar: Arithmetic,
    x: Array,
    lengths: Array,
    *others: Array | None,
    of: str,
    rows: Sequence[int],
    given: Mapping[str, Any],
) -> tuple[Array, ...]:
    """y, states... = of(x, others; given), where sequence b is the first lengths[b] steps of x[:, b]

    x (time, batch, in), lengths (batch) integers; ``others`` are the operator's further inputs, of which those at
    ``rows`` (counted without x and lengths) have the batch as second axis -> y (time, batch, direction * hidden),
    zeros behind the end of each sequence, and states (direction, batch, hidden) as each sequence leaves them; zeros
    if it has no steps. The backward direction begins at each sequence's own end.
    Raises `GraphError` if lengths do not fit.
    Source: ONNX LSTM (``sequence_lens``); checked against onnxruntime and each sequence run alone.
    """
    steps, batch = x.shape[1], x.shape[2]
    ends = lengths.reshape(len(lengths), -1)
    if (
        ends.shape[1] != batch
        or (ends != ends[:1]).any()
        or ends.min(initial=0) < 0
        or ends.max(initial=0) > steps
    ):
        raise GraphError("lengths do not fit", found=ends[0].tolist(), expected=f"{batch} from 0 to {steps}")
    kernel = find(of).kernel
    results: list[Array] | None = None
    for length in sorted({int(n) for n in ends[0]} - {0}) or [steps]:
        at = np.flatnonzero(ends[0] == length)
        part = [a if a is None or k not in rows else a[:, :, at] for k, a in enumerate(others)]
        y, *states = kernel(ar, x[:, :length, at], *part, **given)
        if results is None:
            results = [np.zeros((y.shape[0], steps, batch, y.shape[-1]), y.dtype)]
            results += [np.zeros((*s.shape[:2], batch, s.shape[-1]), s.dtype) for s in states]
        results[0][:, :length, at] = y
        for whole, state in zip(results[1:], states, strict=True):
            whole[:, :, at] = state
    assert results is not None
    return tuple(results)
