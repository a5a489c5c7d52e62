"""A graph run for its shapes alone: no result is kept longer than it is read, and what it takes is counted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from ..engine.arithmetic import arithmetic
from ..engine.cost import multiplications
from ..engine.limits import TooMuch
from ..engine.operator import find
from ..engine.program import Program, program
from ..errors import GraphError
from ..graph import Array, Graph

#: What one element of a result costs at least, in multiplications: it is written, read and perturbed.
ELEMENT = 32


@dataclass(frozen=True)
class Walked:
    """How far a run came: ``done`` nodes, the shapes and kinds of what they gave, and the refusal, if there is one.

    ``alive`` is the most elements that were held at once besides constants, ``products`` counts the multiplications
    of sums of products as operators declare them (`engine.cost`), ``work`` what all of it took, in such
    multiplications; graphs inside nodes count as often as they were run.
    """

    done: int
    shapes: Mapping[str, tuple[int, ...]]
    kinds: Mapping[str, str]
    alive: int
    products: int
    work: int
    refusal: GraphError | None = None


class _Inside:
    """Runs graphs inside nodes, and counts what that took: once for every shape that one is given."""

    def __init__(self, prepared: Program) -> None:
        self._prepared, self.products, self.work = prepared, 0, 0
        self._known: dict[tuple[object, ...], Walked] = {}

    def __call__(self, graph: Graph, arrays: Sequence[Array], *, again: bool = False) -> list[Array]:
        key = (id(graph), *(a.shape for a in arrays))
        if key not in self._known:
            feeds = {spec.name: a[0] for spec, a in zip(graph.inputs, arrays, strict=False)}
            self._known[key] = walked(graph, feeds)
        self.products += self._known[key].products
        self.work += self._known[key].work
        return self._prepared.call(graph, arrays, again=again)


def walked(
    graph: Graph, feeds: Mapping[str, Array], *, most_alive: int | None = None, most_work: int | None = None
) -> Walked:
    """Run ``graph`` in float32 as far as it goes; a result beyond ``most_alive`` or ``most_work`` is a `TooMuch`."""
    prepared = program([graph], arithmetic("float32"))
    values = {name: prepared.ar.cast(array)[None] for name, array in feeds.items()}
    last = {name: place for place, node in enumerate(graph.nodes) for name in (*node.inputs, *node.outputs)}
    last.update(dict.fromkeys(graph.outputs, len(graph.nodes)))
    shapes = {name: a.shape for name, a in (*graph.constants.items(), *feeds.items())}
    kinds = {name: a.dtype.kind for name, a in (*graph.constants.items(), *feeds.items())}
    alive = most = sum(a.size for a in values.values())
    refusal: GraphError | None = None
    products = work = done = 0
    inside = _Inside(prepared)
    kernels = [
        partial(find(node.op).kernel, prepared.ar.of(node.dtype), call=inside, **node.attrs)
        if find(node.op).control
        else kernel
        for node, kernel in zip(graph.nodes, prepared.kernels, strict=True)
    ]
    with np.errstate(all="ignore"):  # once, since entering it takes as long as a small node
        for place, (node, kernel) in enumerate(zip(graph.nodes, kernels, strict=True)):
            given = [values[n] if n in values else prepared.constants.get(n) for n in node.inputs]
            try:
                results = prepared.step(node, kernel, given)
            except GraphError as error:
                refusal = error
                break
            cost = multiplications(node, shapes, [result.shape[1:] for result in results])
            products += cost + inside.products
            work += max(cost, ELEMENT * sum(result.size for result in results)) + inside.work
            inside.products = inside.work = 0
            for name, result in zip(node.outputs, results, strict=False):
                values[name] = result
                shapes[name], kinds[name] = result.shape[1:], result.dtype.kind
                alive += result.size
            most = max(most, alive)
            for name in {*node.inputs, *node.outputs}:
                if name in values and last[name] <= place:
                    alive -= values.pop(name).size
            done += 1
            if (most_alive is not None and most > most_alive) or (most_work is not None and work > most_work):
                refusal = TooMuch(
                    "a run at these sizes takes too much",
                    where=graph.name,
                    found=f"{most:,} elements at once, {work:,} multiplications, and it has not ended",
                )
                break
    return Walked(done, shapes, kinds, most, products, work, refusal)
