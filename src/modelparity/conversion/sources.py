"""The weights of a source as a writer may cut them: gates, directions, projections that lie side by side."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from ..engine.bound_node import by_parameter
from ..engine.inner_graphs import resolved
from ..engine.operator import find
from ..graph import Array, Graph


@dataclass(frozen=True)
class Weight:
    """A floating-point constant: its values, and the constants that a writer may add to it (a second bias).

    ``cuts`` maps an axis to the number of parts that lie side by side along it (0: one element each).
    """

    name: str
    values: Array
    cuts: dict[int, int] = field(default_factory=dict)
    partners: list[str] = field(default_factory=list)

    def blocks(self) -> list[Array]:
        """The smallest parts that stay together wherever a writer puts them."""
        blocks = [self.values]
        for axis, parts in self.cuts.items():
            blocks = [
                part
                for block in blocks
                for part in np.split(block, parts or block.shape[axis], axis=axis)
                if block.ndim and part.size
            ]
        return blocks


def sources(graph: Graph) -> dict[str, Weight]:
    """{name: `Weight`} of every floating-point constant."""
    found = {name: Weight(name, a) for name, a in graph.constants.items() if a.dtype.kind == "f"}
    for node in map(resolved, graph.nodes):
        cuts = find(node.op).facts.cuts
        for parameter, tensor in by_parameter(node)[0].items():
            if tensor not in found:
                continue
            found[tensor].cuts.update(cuts.get(parameter, {}))
            shape = found[tensor].values.shape
            found[tensor].partners.extend(
                name
                for name in node.inputs
                if name in found and name != tensor and found[name].values.shape == shape
            )
    return found
