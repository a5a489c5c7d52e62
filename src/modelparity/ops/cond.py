"""Cond: one of two graphs, chosen by a boolean."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.facts import Facts
from ..engine.operator import not_causal, operator
from ..errors import GraphError
from ..graph import Array, Graph

Call = Callable[..., list[Array]]


@operator(
    not_causal("which branch is taken may change from block to block"),
    control=True,
    facts=Facts(graphs=("then", "otherwise"), given=1, chooses=True),
)
def cond(
    ar: Arithmetic, predicate: Array, *captured: Array, call: Call, then: Graph, otherwise: Graph
) -> tuple[Array, ...]:
    """results = then(captured) if predicate else otherwise(captured)

    predicate () boolean; captured arrays of any shape go to either graph -> that graph's outputs.
    Only the chosen graph runs. Raises `GraphError` if predicate has more than one element.
    Source: Core ML MIL ``cond``, ONNX If; checked by hand-derived cases.
    """
    chosen = predicate.reshape(len(predicate), -1)
    if chosen.shape[1] != 1:
        raise GraphError("predicate is not one boolean", found=predicate.shape[1:], expected=())
    taken = [bool(value) for value in chosen[:, 0]]
    if len(set(taken)) == 1:
        return tuple(call(then if taken[0] else otherwise, captured))
    lanes = [
        call(then if value else otherwise, [lane_of(a, lane) for a in captured])
        for lane, value in enumerate(taken)
    ]
    return tuple(np.concatenate(parts) for parts in zip(*lanes, strict=True))


def lane_of(a: Array, lane: int) -> Array:
    """One lane of an array, its lane axis kept."""
    return a if len(a) == 1 else a[lane : lane + 1]
