"""What a network is: named tensors, nodes in execution order, weights, and where each came from."""

from __future__ import annotations

from .array import Array as Array, digest as digest
from .graph import Axis as Axis, Graph as Graph, Node as Node, Source as Source, TensorSpec as TensorSpec
