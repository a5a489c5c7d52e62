"""Caches that are longer from block to block: they begin with nothing; masks over the past come with every block."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from ..describe.running_sizes import Search
from ..describe.shapes import zeros
from ..engine.run import run
from ..errors import ModelparityError
from ..graph import Array, Graph

Sizes = dict[str, int]


def running(graph: Graph) -> tuple[Sizes, dict[str, Array]] | None:
    """Sizes of free axes at which a network runs, and its outputs on zeros; ``None`` where none are found."""
    sizes = Search(graph).found()
    try:
        return None if sizes is None else (sizes, run(graph, zeros(graph, sizes)))
    except ModelparityError:
        return None


def from_nothing(graph: Graph, states: Mapping[str, str]) -> tuple[Graph, tuple[str, ...]]:
    """The graph with caches that may be empty, and the inputs besides them that are as long as what came before.

    As it is, and none, where no cache grows, or where the network does not run without a past.
    """
    if not any(one.size is None for spec in graph.inputs if spec.name in states for one in spec.axes):
        return graph, ()
    found = running(graph)
    if found is None:
        return graph, ()
    sizes, results = found
    grows: dict[str, int] = {}
    for spec in graph.inputs:
        after = results.get(states.get(spec.name, ""))
        if after is not None and after.ndim == len(spec.axes):
            grows |= {
                one.name: size - sizes[one.name]
                for one, size in zip(spec.axes, after.shape, strict=True)
                if one.size is None and size > sizes[one.name]
            }
    if not grows:
        return graph, ()
    past = {sizes[name] + step: step for name, step in grows.items()}
    tied = {name: past[size] for name, size in sizes.items() if name not in grows and size in past}
    for empty in ({**sizes, **tied, **dict.fromkeys(grows, 0)}, {**sizes, **dict.fromkeys(grows, 0)}):
        changed = _may_be_empty(graph, grows)
        try:
            run(changed, zeros(changed, empty))
        except ModelparityError:
            continue
        return changed, tuple(
            spec.name
            for spec in graph.inputs
            if spec.name not in states and any(one.name in {*tied, *grows} for one in spec.axes)
        )
    return graph, ()


def _may_be_empty(graph: Graph, axes: Collection[str]) -> Graph:
    inputs = (
        replace(spec, axes=tuple(replace(one, least=0) if one.name in axes else one for one in spec.axes))
        for spec in graph.inputs
    )
    return graph.changed(inputs=tuple(inputs))
