"""What later steps are given where caches grow: masks over all that came before are longer from step to step."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, product

import numpy as np

from ..engine.run import run
from ..errors import ModelparityError
from ..graph import Array, Graph, TensorSpec

#: Ways to tie axes to caches that are tried.
WAYS = 16
Feeds = dict[str, Array]


@dataclass(frozen=True)
class Cache:
    """A state that is longer along one of its axes with every step: by how much, and how long it was at first."""

    name: str
    after: str
    place: int
    axis: str
    size: int
    grows: int


def caches(
    graph: Graph, feeds: Mapping[str, Array], states: Mapping[str, str], results: Mapping[str, Array]
) -> list[Cache]:
    """The states that one step makes longer."""
    found = []
    for spec in graph.inputs:
        after = states.get(spec.name, "")
        if after not in results or results[after].ndim != len(spec.axes):
            continue
        for place, axis in enumerate(spec.axes):
            size, then = feeds[spec.name].shape[place], results[after].shape[place]
            if axis.size is None and then != size:
                found.append(Cache(spec.name, after, place, axis.name, size, then - size))
    return found


def grown(
    graph: Graph, steps: Sequence[Mapping[str, Array]], states: Mapping[str, str], first: Mapping[str, Array]
) -> tuple[list[Feeds], tuple[str, ...]]:
    """The inputs of every step as long as its caches ask for, and the axes that are longer from step to step.

    ``steps`` are inputs of the shapes of the first one, ``first`` its results. Which axes are tied to caches, with or
    without what the step adds, is told by their sizes, and by the network's running so; as they are where none does.
    """
    as_they_are = [dict(one) for one in steps]
    growing = caches(graph, steps[0], states, first)
    specs = [spec for spec in graph.inputs if spec.name not in states]
    sizes = {
        axis.name: size
        for spec in specs
        for axis, size in zip(spec.axes, steps[0][spec.name].shape, strict=True)
        if axis.size is None
    }
    if not growing:
        return as_they_are, ()
    for ties in islice(_ties(sizes, growing), WAYS):
        try:
            return _stepped(graph, steps, states, first, specs, ties), tuple(ties)
        except ModelparityError:
            continue
    return as_they_are, ()


#: {axis: (the cache that it follows, whether what the step adds counts)}.
Ties = dict[str, tuple[Cache, bool]]


def _ties(sizes: Mapping[str, int], growing: Sequence[Cache]) -> Iterator[Ties]:
    """Axes that are as long as a cache before or after the step, the likeliest way first."""
    options: list[list[tuple[str, Cache, bool] | None]] = []
    for name, size in sizes.items():
        alike: list[tuple[str, Cache, bool] | None] = [
            (name, one, after)
            for one in growing
            for after in (True, False)
            if size == one.size + one.grows * after and (after or one.axis == name or size)
        ]
        if own := [one for one in alike if one is not None and one[1].axis == name and not one[2]]:
            options.append([*own[:1]])
        elif alike:
            options.append([alike[0], None, *alike[1:]])
    for chosen in product(*options):
        yield {one[0]: one[1:] for one in chosen if one is not None}


def _stepped(
    graph: Graph,
    steps: Sequence[Mapping[str, Array]],
    states: Mapping[str, str],
    first: Mapping[str, Array],
    specs: Sequence[TensorSpec],
    ties: Ties,
) -> list[Feeds]:
    """The inputs of every step. Raises `ModelparityError` where the network does not run with them."""
    made, results = [dict(steps[0])], first
    for one in steps[1:]:
        now = {name: results[to] for name, to in states.items()}
        here: Feeds = {}
        for spec in specs:
            array = one[spec.name]
            for place, axis in enumerate(spec.axes):
                if axis.name not in ties:
                    continue
                cache, after = ties[axis.name]
                size = now[cache.name].shape[cache.place] + cache.grows * after
                array = _longer(made[-1][spec.name] if array.dtype.kind != "f" else array, place, size)
            here[spec.name] = array
        made.append(here)
        results = run(graph, {**here, **now})
    return made


def _longer(array: Array, place: int, size: int) -> Array:
    """As long along an axis as is asked: masks go on as they end, other numbers from the beginning."""
    have = array.shape[place]
    kept = np.take(array, range(min(have, size)), axis=place)
    widths = [(0, size - kept.shape[place] if at == place else 0) for at in range(array.ndim)]
    if size <= have:
        return kept
    return np.pad(kept, widths, mode="edge" if array.dtype.kind != "f" else "wrap")
