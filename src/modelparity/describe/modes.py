"""Whole numbers that choose what a network does: scalars that it compares with constants, such as a sampling rate."""

from __future__ import annotations

import numpy as np

from ..engine.operator import find
from ..graph import Array, Graph, TensorSpec, numbered


def mode(graph: Graph, spec: TensorSpec) -> int | None:
    """The largest constant that a scalar of whole numbers is compared with; None if it is compared with none."""
    if spec.axes or np.dtype(spec.dtype).kind not in "iu":
        return None
    told = [
        int(np.max(graph.constants[other], initial=0))
        for node in graph.nodes
        if spec.name in node.inputs and find(node.op).facts.elementwise
        for other in node.inputs
        if other in graph.constants and graph.constants[other].dtype.kind in "iu"
    ]
    return max(told, default=None)


def blank(graph: Graph, spec: TensorSpec, shape: tuple[int, ...]) -> Array:
    """Zeros for an input, which take no memory of their own; what chooses chooses the largest that there is.

    Text is a word that the file knows.
    """
    if spec.words:
        return np.broadcast_to(numbered(spec.words[:1])[0], shape)
    return np.broadcast_to(np.array(mode(graph, spec) or 0, spec.dtype), shape)
