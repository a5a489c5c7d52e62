"""Sizes of free axes that ONNX files do not say: those that weights fix, and the least ones that a network takes."""

from __future__ import annotations

from dataclasses import replace

from ....describe.running_sizes import Search
from ....engine.inner_graphs import every_node
from ....engine.operator import find
from ....graph import Axis, Graph

#: Bytes of weights above which running the network is not worth the answer; the same where only batches are free,
#: which weights seldom fix. What runs at no other size is then found when it is judged.
HEAVY, HEAVY_BATCH = 1 << 27, 1 << 24
#: Work of a run (a fifth of a second) beyond which sizes are sought when the network is judged, not when it is read.
DEAREST = 1 << 30


def measured(graph: Graph) -> Graph:
    """The graph with the sizes that its weights fix, and the least ones that windows over it take.

    Found by running it on zeros; as it is if it has no free axes, is heavy, or runs at no size that was tried.
    """
    search = Search(graph, dearest=DEAREST)
    heavy = HEAVY_BATCH if set(search.free) <= search.first else HEAVY
    if not search.free or sum(array.nbytes for array in graph.constants.values()) > heavy:
        return graph
    sizes = search.found()
    if sizes is None:
        return graph
    # Where the first attempt runs, nothing is fixed: its sizes are none that anybody would choose.
    fixed = search.forced(sizes) if search.steps else {}
    windowed = any(find(node.op).facts.windowed for node, _ in every_node(graph))
    least = {name: search.least(sizes, name) for name in search.free if windowed and name not in fixed}
    if not fixed and all(size <= search.free[name] for name, size in least.items()):
        return graph

    def settled(axis: Axis) -> Axis:
        if axis.size is None and axis.name in fixed:
            return replace(axis, size=fixed[axis.name])
        return replace(axis, least=max(axis.least, least.get(axis.name, 1))) if axis.size is None else axis

    return graph.changed(
        inputs=tuple(replace(spec, axes=tuple(map(settled, spec.axes))) for spec in graph.inputs)
    )
