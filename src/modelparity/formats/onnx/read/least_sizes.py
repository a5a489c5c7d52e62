"""The least sizes of free axes at which a network runs, which ONNX files do not say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ....describe.shapes import free_axes, zeros
from ....engine.inner_graphs import every_node
from ....engine.limits import limited
from ....engine.operator import find
from ....engine.run import run
from ....errors import GraphError, ModelparityError
from ....graph import Graph

#: Sizes that are tried, and bytes of weights above which running the network is not worth the answer.
LARGEST, HEAVY = 512, 1 << 26


def measured(graph: Graph) -> Graph:
    """The graph with the least sizes at which it runs, if windows run over it; found by running it on zeros."""
    free = free_axes(graph)
    heavy = sum(array.nbytes for array in graph.constants.values()) > HEAVY
    if not free or heavy or not any(find(node.op).facts.windowed for node, _ in every_node(graph)):
        return graph
    with limited(elements=1 << 22, turns=100, steps=1 << 30):
        size = 1
        while not (runs := _runs(graph, dict.fromkeys(free, size))):
            size *= 2
            if runs is None or size > LARGEST:
                return graph
        if size == 1:
            return graph
        sizes = dict.fromkeys(free, size)
        for name in free:
            low, high = 0, size  # the least size that runs is above low and at most high
            while high - low > 1:
                middle = (low + high) // 2
                low, high = (low, middle) if _runs(graph, {**sizes, name: middle}) else (middle, high)
            sizes[name] = high
    inputs = [
        replace(
            spec, axes=tuple(a if a.size is not None else replace(a, least=sizes[a.name]) for a in spec.axes)
        )
        for spec in graph.inputs
    ]
    return graph.changed(inputs=tuple(inputs))


def _runs(graph: Graph, sizes: Mapping[str, int]) -> bool | None:
    """Whether it runs and anything comes of it; None if larger sizes will not help."""
    try:
        results = run(graph, zeros(graph, sizes), arithmetic="float32")
    except GraphError as error:
        return False if error.operator and find(error.operator).facts.windowed else None
    except (ModelparityError, MemoryError):
        return None
    return all(a.size for a in results.values())
