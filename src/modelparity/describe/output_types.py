"""The element types that an artefact declares for its outputs."""

from __future__ import annotations

from ..graph import Graph

FLOATS = ("float64", "float32", "float16", "bfloat16")


def output_types(graph: Graph) -> dict[str, str]:
    """{output: declared type} of the outputs with floating-point elements; float32 where nothing declares another.

    Whole numbers and booleans are not among them: what computes them knows their type.
    """
    if graph.native != "declared":
        return dict.fromkeys(graph.outputs, graph.native)
    made = {name: node.dtype or "float32" for node in graph.nodes for name in node.outputs}
    made.update({spec.name: spec.dtype for spec in graph.inputs})
    made.update({name: str(array.dtype) for name, array in graph.constants.items()})
    return {name: made[name] for name in graph.outputs if made[name] in FLOATS}
