"""Run a graph in numpy: whole, tapped at every node, in many perturbed lanes, or many graphs of one architecture."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np

from ..errors import GraphError, InputError, clipped
from ..graph import Array, Graph, Node
from .arithmetic import Arithmetic, arithmetic as named
from .feeds import bound
from .operator import Kernel
from .perturbed import Perturbed
from .program import Program, program

#: What callers may pass as input: one array, or arrays by input name.
Feed = Array | Mapping[str, Array]
#: Numbers in the changed constants of all lanes of a pass of `run_variants` together.
LANES = 8_000_000


def run(
    graph: Graph, x: Feed, *, arithmetic: str | Arithmetic = "float64", taps: bool = False
) -> dict[str, Array]:
    """Run ``graph`` on ``x`` (an array, or {input name: array}) and return {output name: array}.

    ``arithmetic`` is float64 (the truth), float32, float16, bfloat16 or native (as the artefact declares).
    Results have the carrier's type: float16 and bfloat16 values come as float32 arrays. With ``taps`` the
    outputs of every node come too, under their tensor names. Raises `InputError` for arrays that do not fit.
    """
    ar = _resolve(graph, arithmetic)
    feeds = {name: ar.cast(a)[None] for name, a in bound(graph, x).items()}
    try:
        result = program([graph], ar)(feeds, taps=taps)
    except GraphError as error:
        raise filed(error, graph) from error.__cause__
    return {name: a[0] for name, a in result.items()}


def filed(error: GraphError, graph: Graph) -> GraphError:
    """The error with the file that the graph was read from, if it was."""
    if graph.source is None or graph.source.seed is not None or str(graph.source.path) in str(error.where):
        return error
    where = f"{graph.source.path}, {error.where}" if error.where else graph.source.path
    fix = error.fix or f"look at the node and what leads to it: modelparity inspect {graph.source.path}"
    details = {name: clipped(getattr(error, name)) for name in ("what", "found", "expected")}
    return error.changed(**details, where=clipped(where), fix=fix)


def run_lanes(graph: Graph, x: Feed, ar: Perturbed) -> dict[str, Array]:
    """As `run`, in every lane of a perturbed arithmetic at once: {output name: (lane, ...)}."""
    feeds = {name: np.repeat(ar.cast(a)[None], ar.lanes, axis=0) for name, a in bound(graph, x).items()}
    prepared = Program([graph], ar)
    result = prepared(feeds)
    ar.alive = prepared.most // ar.lanes
    return {name: np.broadcast_to(a, (ar.lanes, *a.shape[1:])) for name, a in result.items()}


def run_variants(
    graph: Graph, x: Feed, variants: Sequence[Mapping[str, Array]], *, arithmetic: str = "float64"
) -> list[dict[str, Array]]:
    """As `run`, once for each of the ``variants`` (constants in place of the graph's own), all in one pass.

    What comes before the first constant that is another one is computed once for all of them. Raises `GraphError` if
    one of them does not run.
    """
    ar = named(arithmetic)
    feeds = {name: ar.cast(a)[None] for name, a in bound(graph, x).items()}
    results: list[dict[str, Array]] = []
    for some in _together(variants):
        others = [graph.changed(constants={**graph.constants, **own}) for own in some]
        found = Variants(others, ar)(feeds)
        results += [
            {name: a[min(lane, len(a) - 1)] for name, a in found.items()} for lane in range(len(some))
        ]
    return results


def _together(variants: Sequence[Mapping[str, Array]]) -> Iterator[Sequence[Mapping[str, Array]]]:
    """The variants in parts: a constant that one of them changes is there once for each."""
    start, numbers = 0, 0
    for place, own in enumerate(variants):
        numbers += sum(a.size for a in own.values())
        if place > start and numbers * (place + 1 - start) > LANES:
            yield variants[start:place]
            start, numbers = place, sum(a.size for a in own.values())
    if variants[start:]:
        yield variants[start:]


class Variants(Program):
    """Graphs that share most constants: a node's arrays get a lane for each graph where one of them has lanes.

    ``fixed`` are further tensors that are the same in every lane: constants that are fed.
    """

    def __init__(self, graphs: Sequence[Graph], ar: Arithmetic, fixed: frozenset[str] = frozenset()) -> None:
        self._given = fixed.union(graphs[0].constants)
        super().__init__(graphs, ar)

    def kernel(self, node: Node, *, in_place: bool = False) -> Kernel:
        computed = tuple(name not in self._given for name in node.inputs)
        return partial(_in_all_lanes, super().kernel(node, in_place=in_place), computed)


def _in_all_lanes(kernel: Kernel, computed: Sequence[bool], /, *arrays: Array | None) -> Any:
    """The kernel on arrays with as many lanes as any has; constants keep their single one where all of them do."""
    found = [len(a) for a in arrays if a is not None]
    lanes = max(found, default=1)
    if lanes == min(found, default=1):
        return kernel(*arrays)
    varied = any(a is not None and len(a) > 1 and not own for a, own in zip(arrays, computed, strict=True))
    return kernel(
        *(
            np.broadcast_to(a, (lanes, *a.shape[1:])) if a is not None and (own or varied) else a
            for a, own in zip(arrays, computed, strict=True)
        )
    )


def run_many(
    graphs: Sequence[Graph], xs: Sequence[Feed], *, arithmetic: str | Arithmetic = "float64"
) -> list[dict[str, Array]]:
    """As `run` for several graphs and an input each; graphs of one architecture and shape run as one.

    Ensemble members become lanes of one pass, which saves most of what numpy costs a call.
    """
    if len(graphs) != len(xs):
        raise InputError("every graph needs an input of its own", found=len(xs), expected=len(graphs))
    feeds = [bound(graph, x) for graph, x in zip(graphs, xs, strict=True)]
    groups: dict[Any, list[int]] = {}
    for index, graph in enumerate(graphs):
        shapes = tuple((name, a.shape, a.dtype.str) for name, a in feeds[index].items())
        groups.setdefault((graph.structure, shapes), []).append(index)
    results: list[dict[str, Array]] = [{} for _ in graphs]
    for members in groups.values():
        ar = _resolve(graphs[members[0]], arithmetic)
        together = program([graphs[i] for i in members], ar)
        lanes = {name: ar.cast(np.stack([feeds[i][name] for i in members])) for name in feeds[members[0]]}
        for name, a in together(lanes).items():
            full = np.broadcast_to(a, (len(members), *a.shape[1:]))
            for lane, index in enumerate(members):
                results[index][name] = full[lane]
    return results


def _resolve(graph: Graph, arithmetic: str | Arithmetic) -> Arithmetic:
    return named(graph.native if arithmetic == "native" else arithmetic)
