"""The words that an ONNX file holds: what it looks text up in, and the text that it gives."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

#: Attributes that hold words which text is compared with, or which are given; others are settings.
ATTRIBUTES = (
    "cats_strings",
    "classes_strings",
    "classlabels_strings",
    "default_string",
    "keys_strings",
    "keys_tensor",
    "pool_strings",
    "value",
    "value_string",
    "value_strings",
    "values_strings",
    "values_tensor",
)
STRING = 8  # TensorProto.DataType


def words_of(model: Any) -> tuple[str, ...]:
    """All words of an ``onnx.ModelProto``, sorted, each once."""
    found = {raw for graph in _graphs(model) for raw in _in_graph(graph)}
    return tuple(sorted(raw.decode("utf-8", "replace") for raw in found))


def _graphs(model: Any) -> Iterator[Any]:
    """The model's graph, its functions, and all graphs inside their nodes."""
    todo = [model.graph, *model.functions]
    while todo:
        graph = todo.pop()
        yield graph
        for node in graph.node:
            for attribute in node.attribute:
                todo += [attribute.g] if attribute.HasField("g") else attribute.graphs


def _in_graph(graph: Any) -> Iterator[bytes]:
    for tensor in getattr(graph, "initializer", ()):
        if tensor.data_type == STRING:
            yield from tensor.string_data
    for node in graph.node:
        for attribute in node.attribute:
            if attribute.name not in ATTRIBUTES:
                continue
            yield from attribute.strings
            if attribute.HasField("s"):
                yield attribute.s
            if attribute.HasField("t") and attribute.t.data_type == STRING:
                yield from attribute.t.string_data
