"""Names of inputs and outputs that every format allows, so that none is a reason why a trial is not written."""

from __future__ import annotations

import re
from dataclasses import replace

from ..graph import Graph


def allowed(graph: Graph) -> Graph:
    """``graph`` with letters, digits and _ in the names of its outputs and inputs; itself where these are so."""
    ends = dict.fromkeys((*(spec.name for spec in graph.inputs), *graph.outputs))
    taken = {*graph.constants, *(name for node in graph.nodes for name in node.outputs), *ends}
    new: dict[str, str] = {}
    for name in ends:
        plain = re.sub(r"\W", "_", name, flags=re.ASCII)
        plain = f"_{plain}" if plain[:1].isdigit() or not plain else plain
        if plain != name:
            while plain in taken:
                plain += "_"
            taken.add(plain)
            new[name] = plain
    if not new or graph.states:
        return graph

    def names(given: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(new.get(name, name) for name in given)

    nodes = tuple(
        replace(node, inputs=names(node.inputs), outputs=names(node.outputs)) for node in graph.nodes
    )
    inputs = tuple(replace(spec, name=new.get(spec.name, spec.name)) for spec in graph.inputs)
    return graph.changed(inputs=inputs, outputs=names(graph.outputs), nodes=nodes, source=None)
