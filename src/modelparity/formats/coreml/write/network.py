"""The NeuralNetwork form (``.mlmodel``): for networks that its layer types express exactly."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ....engine.bound_node import call
from ....errors import ConversionError
from ....graph import Graph
from ..proto import module
from .builder import Builder
from .description import described
from .layers import Layers
from .lowering import layered
from .values import Value

#: Specification 4: iOS 13 and macOS 10.15, the first with layers for arrays of any number of axes.
VERSION = 4


def network(graph: Graph) -> Any:
    """``graph`` as a ``Model`` message. Raises `ConversionError` for what no layer expresses exactly."""
    model = described(graph, VERSION)
    builder = Builder(graph, "float32", Layers)
    for spec in graph.inputs:
        builder.adopt(spec.name, Value(spec.name, "float32", tuple(axis.size for axis in spec.axes)))
    for node in graph.nodes:
        builder.begin(bound := call(node))
        layered.of(node)(builder, bound)
    block = builder.block
    for name in graph.outputs:
        if (value := builder.get(name)).name != name:
            builder.writing.names.free(name)
            block.unary("identity", value, name=name)
    mapping = module("NeuralNetwork").NeuralNetworkMultiArrayShapeMapping
    model.neuralNetwork.arrayInputShapeMapping = mapping.EXACT_ARRAY_MAPPING
    model.neuralNetwork.layers.extend(block.operations)
    return model


def write(graph: Graph, path: Path, precision: str = "float32") -> None:
    """Write ``graph`` as an ``.mlmodel``: the same graph gives the same bytes."""
    if precision != "float32":
        raise ConversionError(
            "a NeuralNetwork says nothing of the precision that it is computed in",
            where=graph.name,
            found=precision,
            fix="write an .mlpackage, or round the weights alone with weights=",
        )
    path.write_bytes(network(graph).SerializeToString(deterministic=True))
