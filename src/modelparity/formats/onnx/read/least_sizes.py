"""Sizes of free axes that ONNX files do not say: those that weights fix, and the least ones that a network takes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ....describe.running_sizes import Search
from ....engine.inner_graphs import every_node
from ....engine.operator import find
from ....graph import Axis, Graph, TensorSpec

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
    either = {name: fixed.pop(name) for name in [*fixed] if search.branched(sizes, name)}
    windowed = any(find(node.op).facts.windowed for node, _ in every_node(graph))
    least = search.all_least(sizes, [name for name in search.free if name not in fixed]) if windowed else {}
    if not fixed and not either and all(size <= search.free[name] for name, size in least.items()):
        return graph

    def settled(axis: Axis) -> Axis:
        if axis.size is None and axis.name in either:
            return replace(axis, most=either[axis.name])
        if axis.size is None and axis.name in fixed:
            return replace(axis, size=fixed[axis.name])
        return replace(axis, least=max(axis.least, least.get(axis.name, 1))) if axis.size is None else axis

    specs = (replace(spec, axes=tuple(map(settled, spec.axes))) for spec in graph.inputs)
    return graph.changed(inputs=tuple(_listed(spec, either) for spec in specs))


def _listed(spec: TensorSpec, either: Mapping[str, int]) -> TensorSpec:
    """An input with the only shapes that it takes, where its one free axis is of one size or of another."""
    free = {axis.name for axis in spec.axes if axis.size is None}
    if len(free) != 1 or not free <= set(either):
        return spec
    shapes = (tuple(n if a.size is None else a.size for a in spec.axes) for n in (1, either[min(free)]))
    return replace(spec, shapes=tuple(shapes))
