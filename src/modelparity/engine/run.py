"""Run a graph in numpy: whole, tapped at every node, in many perturbed lanes, or many graphs of one architecture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..errors import GraphError, InputError, clipped
from ..graph import Array, Graph
from .arithmetic import Arithmetic, arithmetic as named
from .feeds import bound
from .perturbed import Perturbed
from .program import Program, program

#: What callers may pass as input: one array, or arrays by input name.
Feed = Array | Mapping[str, Array]
#: Numbers in the constants of all lanes of `run_variants` together.
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
    graph: Graph, variants: Sequence[tuple[Feed, Mapping[str, Array]]]
) -> list[dict[str, Array]]:
    """As `run`, in float64, once for each (input, constants in place of the graph's own), all in one pass.

    Inputs must be of the same shapes. Raises `GraphError` if one of them does not run.
    """
    ar = named("float64")
    others = [graph.changed(constants={**graph.constants, **own}) if own else graph for _, own in variants]
    feeds = [bound(graph, x) for x, _ in variants]
    # As many lanes as fit: constants are there once for each.
    lanes = max(1, LANES // max(1, graph.parameters))
    results: list[dict[str, Array]] = []
    for start in range(0, len(variants), lanes):
        together = feeds[start : start + lanes]
        given = {name: ar.cast(np.stack([one[name] for one in together])) for name in together[0]}
        found = Program(others[start : start + lanes], ar)(given)
        for lane in range(len(together)):
            results.append({name: a[min(lane, len(a) - 1)] for name, a in found.items()})
    return results


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
