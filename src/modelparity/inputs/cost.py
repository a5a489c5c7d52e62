"""What a verdict at some sizes would cost, estimated before anything runs, and sizes that can be afforded.

Counted, not timed, so that the same network gets the same inputs on every machine.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from ..describe.running_sizes import Search
from ..describe.shapes import free_axes, zeros
from ..describe.walk import TooMuch, Walked, walked
from ..engine.limits import limited
from ..graph import Graph

#: What one run may hold at once (elements; a verdict runs up to nine lanes of float64 side by side) and work
#: (multiplications, as `describe.walk` counts them; a verdict takes some ten runs on each of three inputs).
ALIVE, WORK = 1 << 23, 1 << 30
#: The sizes at which the cost is measured, or the least ones.
SAMPLE = 4
Sizes = dict[str, int]


def affordable(graph: Graph, wanted: Mapping[str, int], asked: Mapping[str, int] | None = None) -> Sizes:
    """The sizes, those that nobody ``asked`` for halved until a run is within the budget, or they are the least."""
    sizes, least = dict(wanted), free_axes(graph)
    changeable = [name for name in sizes if name in least and name not in (asked or {})]
    if not changeable:
        return sizes
    first = {spec.axes[0].name for spec in graph.inputs if len(spec.axes) > 1 and spec.axes[0].size is None}
    sample = {
        name: max(least[name], min(sizes[name], SAMPLE)) if name in changeable else sizes[name]
        for name in least
        if name in sizes
    }
    ran = _ran(graph, sample)
    if ran.refusal is not None and not isinstance(ran.refusal, TooMuch):
        sample, ran = sizes, _ran(graph, sizes)  # small sizes may be none of its own
    if isinstance(ran.refusal, TooMuch):
        return {**sizes, **{name: least[name] for name in changeable}}
    if ran.refusal is not None:
        # What nobody asked for and does not run is no use; what runs at no size is for the run itself to say.
        return sizes if asked else {**sizes, **(Search(graph).found() or {})}
    if ran.alive * ran.work == 0:
        return sizes
    allowed = min(ALIVE / ran.alive, WORK / ran.work)
    while math.prod(sizes[name] / sample[name] for name in sample) > max(allowed, 1):
        # Members of a batch first: what is long or wide may have to be so.
        name = max(
            changeable, key=lambda one: (one in first and sizes[one] > least[one], sizes[one] / least[one])
        )
        if sizes[name] <= least[name]:
            break
        sizes[name] = max(sizes[name] // 2, least[name])
    if sizes != dict(wanted):
        ran = _ran(graph, sizes)
        if ran.refusal is not None and not isinstance(ran.refusal, TooMuch):
            return {**wanted, **{name: least[name] for name in changeable if name in first}}
    return sizes


def _ran(graph: Graph, sizes: Mapping[str, int]) -> Walked:
    with limited(elements=8 * ALIVE, turns=10_000):
        return walked(graph, zeros(graph, sizes), most_alive=8 * ALIVE, most_work=8 * WORK)
