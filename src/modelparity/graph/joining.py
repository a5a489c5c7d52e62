"""Several graphs as one: what an earlier one gives under a name, a later one takes under the same name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from ..errors import GraphError, near
from .array import Array
from .graph import Graph, Node, TensorSpec


def joined(
    graphs: Sequence[Graph], *, name: str | None = None, outputs: Sequence[str] | None = None
) -> Graph:
    """One graph that computes what ``graphs`` compute one after the other.

    An input that an earlier graph gives as an output of that name is fed by it; the others are inputs of the whole,
    and graphs that name the same one share it. Tensors and nodes inside are called ``graph/name``; inputs and outputs
    keep their names. A state whose next value is not asked for starts from zeros and is forgotten.

    Args:
        graphs: in the order in which they run.
        name: of the whole; that of the last graph if left out.
        outputs: which of the outputs of all graphs the whole gives; those of the last one if left out. What leads to
            none of them is left out.

    Raises:
        GraphError: there is no graph, two give an output of one name, or one that is asked for is not there.
    """
    if not graphs:
        raise GraphError("there is no graph to join", expected="at least one")
    specs: dict[str, TensorSpec] = {}
    made: set[str] = set()
    nodes: list[Node] = []
    constants: dict[str, Array] = {}
    prefixes = _prefixes([graph.name for graph in graphs])
    for prefix, graph in zip(prefixes, graphs, strict=True):
        for spec in graph.inputs:
            if spec.name not in made:
                known = specs.setdefault(spec.name, spec)
                if len(known.axes) != len(spec.axes):
                    raise GraphError(
                        f"two graphs take {spec.name!r} in different shapes", found=f"{known}; {spec}"
                    )
        outer = {spec.name for spec in graph.inputs} | set(graph.outputs)
        if twice := made.intersection(graph.outputs):
            raise GraphError(f"two graphs give {min(twice)!r}", where=graph.name, fix="rename one of them")
        made.update(graph.outputs)

        def called(tensor: str, outer: set[str] = outer, prefix: str = prefix) -> str:
            return tensor if not tensor or tensor in outer else f"{prefix}/{tensor}"

        constants |= {called(key): array for key, array in graph.constants.items()}
        nodes += [
            replace(
                node,
                name=f"{prefix}/{node.name}",
                inputs=tuple(map(called, node.inputs)),
                outputs=tuple(map(called, node.outputs)),
            )
            for node in graph.nodes
        ]
    wanted = tuple(graphs[-1].outputs if outputs is None else outputs)
    for one in wanted:
        if one not in made:
            raise GraphError(f"no graph gives {one!r}", expected=near(one, sorted(made)))
    kept, needed = _needed(nodes, wanted)
    states = {key: to for graph in graphs for key, to in graph.states.items() if key in needed}
    defaults = {key: value for graph in graphs for key, value in graph.defaults.items() if key in needed}
    defaults |= dict.fromkeys((key for key, to in states.items() if to not in wanted), 0.0)
    return Graph(
        graphs[-1].name if name is None else name,
        tuple(spec for key, spec in specs.items() if key in needed),
        wanted,
        tuple(kept),
        {key: array for key, array in constants.items() if key in needed},
        native=graphs[-1].native,
        states={key: to for key, to in states.items() if to in wanted},
        defaults={key: value for key, value in defaults.items() if key not in made},
    )


def _prefixes(names: Sequence[str]) -> list[str]:
    """A name for each graph that no other has."""
    found: list[str] = []
    for name in names:
        count, one = 1, name
        while one in found:
            count += 1
            one = f"{name}_{count}"
        found.append(one)
    return found


def _needed(nodes: Sequence[Node], outputs: Sequence[str]) -> tuple[list[Node], Mapping[str, None]]:
    """The nodes that lead to the outputs, and every tensor that is read or given."""
    needed: dict[str, None] = dict.fromkeys(outputs)
    kept = []
    for node in reversed(nodes):
        if any(name in needed for name in node.outputs):
            kept.append(node)
            needed.update(dict.fromkeys(name for name in node.inputs if name))
    return kept[::-1], needed
