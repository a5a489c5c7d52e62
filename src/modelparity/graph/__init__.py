"""What a network is: named tensors, nodes in execution order, weights, and where each came from."""

from __future__ import annotations

from .array import Array, digest
from .building import GraphBuilder
from .graph import Axis, Graph, Node, Source, TensorSpec
from .joining import joined
from .text import numbered

__all__ = [
    "Array",
    "Axis",
    "Graph",
    "GraphBuilder",
    "Node",
    "Source",
    "TensorSpec",
    "digest",
    "joined",
    "numbered",
]
