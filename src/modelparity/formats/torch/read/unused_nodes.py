"""What nobody asked for taken out of a graph."""

from __future__ import annotations

from dataclasses import replace

from ....graph import Graph


def trimmed(graph: Graph, declared: bool) -> Graph:
    """Without nodes that no output depends on, and without copies made only to name an output."""
    wanted, kept = set(graph.outputs), []
    for node in reversed(graph.nodes):
        if wanted & set(node.outputs):
            wanted.update(node.inputs)
            kept.append(node if declared else replace(node, dtype=None))
    kept.reverse()
    makers = {output: at for at, node in enumerate(kept) for output in node.outputs}
    renamed: dict[str, str] = {}
    for node in kept:
        source = node.inputs[0] if node.inputs else ""
        naming = node.op == "identity" and node.outputs[0] in graph.outputs and source in makers
        naming = naming and node.dtype in (None, kept[makers[source]].dtype)  # else it says another type
        if naming and source not in graph.outputs and source not in renamed:
            renamed[source] = node.outputs[0]
    dropped = set(renamed.values())
    nodes = []
    for node in kept:
        if (
            node.op == "identity"
            and node.outputs[0] in dropped
            and renamed.get(node.inputs[0]) == node.outputs[0]
        ):
            continue
        outputs = tuple(renamed.get(one, one) for one in node.outputs)
        nodes.append(
            replace(
                node,
                name=renamed.get(node.name, node.name),
                outputs=outputs,
                inputs=tuple(renamed.get(one, one) for one in node.inputs),
            )
        )
    read = {name for node in nodes for name in node.inputs} | set(graph.outputs)
    constants = {name: array for name, array in graph.constants.items() if name in read}
    return graph.changed(nodes=tuple(nodes), constants=constants)
