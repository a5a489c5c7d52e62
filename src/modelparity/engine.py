"""Run a graph in numpy: whole, tapped at every node, or many graphs of one architecture at once.

The engine knows no operator: it prepares constants for an arithmetic, hands arrays to kernels in order,
frees what nobody reads any more, and says in the user's words what a kernel refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np

from .arithmetic import Arithmetic, Perturbed, arithmetic as named
from .errors import GraphError
from .graph import Array, Graph, Node
from .operator import Kernel, find
from .signature import bound

#: What callers may pass as input: one array, or arrays by input name.
Feed = Array | Mapping[str, Array]

#: Prepared programs, under their first graph: {(arithmetic, hashes of the other graphs): program}.
_programs: WeakKeyDictionary[Graph, dict[tuple[str, ...], Program]] = WeakKeyDictionary()


class Program:
    """A graph (or several of one architecture, a lane each) prepared for one arithmetic."""

    def __init__(self, graphs: Sequence[Graph], ar: Arithmetic) -> None:
        # No reference to the graph itself: programs are cached under it, weakly.
        first = graphs[0]
        self.name, self.outputs, self.nodes = first.name, first.outputs, first.nodes
        self.ar = ar
        self._inner: dict[int, Program] = {}
        self.kernels = [self._kernel(node) for node in first.nodes]
        self.constants = {
            name: ar.cast(
                np.stack([g.constants[name] for g in graphs]) if len(graphs) > 1 else constant[None]
            )
            for name, constant in first.constants.items()
        }
        self._last_use = _last_uses(first)

    def __call__(self, feeds: Mapping[str, Array], *, taps: bool = False) -> dict[str, Array]:
        """Run on arrays that have their lane axis already; returns outputs, or every tensor."""
        values: dict[str, Array] = {**self.constants, **feeds}
        tapped: dict[str, Array] = {}
        for index, (node, kernel) in enumerate(zip(self.nodes, self.kernels, strict=True)):
            results = self.step(node, kernel, [values[name] if name else None for name in node.inputs])
            for name, result in zip(node.outputs, results, strict=False):
                values[name] = result
                if taps:
                    tapped[name] = result
            if not taps:
                for name in self._last_use[index]:
                    values.pop(name, None)
        return {**tapped, **{name: values[name] for name in self.outputs}}

    def step(self, node: Node, kernel: Kernel, arrays: list[Array | None]) -> tuple[Array, ...]:
        """One node; an operator's refusal becomes a `GraphError` that names node, origin and shapes.

        NaN and infinity are results like others, for the verdict to look at: numpy does not warn of them.
        """
        try:
            with np.errstate(all="ignore"):
                result = kernel(*arrays, **node.attrs)
        except (GraphError, ValueError, IndexError, TypeError) as error:
            shapes = ", ".join("-" if a is None else str(a.shape[1:]) for a in arrays)
            what = error.what if isinstance(error, GraphError) else str(error)
            found = getattr(error, "found", None)
            raise GraphError(
                f"{node.op} {node.name!r} cannot run: {what}",
                where=node.origin or self.name,
                found=f"{found} (input shapes {shapes})" if found is not None else f"input shapes {shapes}",
                expected=getattr(error, "expected", None),
                fix=getattr(error, "fix", None),
            ) from error
        return result if isinstance(result, tuple) else (result,)

    def _kernel(self, node: Node) -> Kernel:
        """The node's operator, ready to be given its arrays (with lanes) and attributes."""
        try:
            operator = find(node.op)
        except GraphError as error:
            where = f"{node.origin or 'graph'}, node {node.name!r}"
            raise GraphError(error.what, where=where, expected=error.expected) from None
        ar = self.ar.of(node.dtype)
        if operator.control:
            return partial(operator.kernel, ar, call=self._call)
        if operator.plain:
            return partial(_lane_by_lane, operator.kernel, ar)
        return partial(operator.kernel, ar)

    def _call(self, graph: Graph, arrays: Sequence[Array]) -> list[Array]:
        """Run a graph that is an attribute of a node, in the arithmetic of this program."""
        inner = self._inner.get(id(graph))
        if inner is None:  # ids are safe as keys: the nodes keep their graphs alive
            inner = self._inner[id(graph)] = Program([graph], self.ar)
        names = (spec.name for spec in graph.inputs)
        results = inner(dict(zip(names, arrays, strict=True)))
        return [results[name] for name in graph.outputs]


def _lane_by_lane(
    kernel: Kernel, ar: Arithmetic, /, *arrays: Array | None, **attrs: Any
) -> tuple[Array, ...]:
    """A plain kernel on each lane; lanes must agree in the shapes of their results."""
    lanes = max((a.shape[0] for a in arrays if a is not None), default=1)
    results = []
    for lane in range(lanes):
        result = kernel(ar, *(a if a is None else a[min(lane, len(a) - 1), ...] for a in arrays), **attrs)
        results.append(result if isinstance(result, tuple) else (result,))
    if lanes == 1:
        return tuple(np.asarray(result)[None] for result in results[0])
    return tuple(np.stack(members) for members in zip(*results, strict=True))


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
    result = program([graph], ar)(feeds, taps=taps)
    return {name: a[0] for name, a in result.items()}


def run_lanes(graph: Graph, x: Feed, ar: Perturbed) -> dict[str, Array]:
    """As `run`, in every lane of a perturbed arithmetic at once: {output name: (lane, ...)}."""
    feeds = {name: np.repeat(ar.cast(a)[None], ar.lanes, axis=0) for name, a in bound(graph, x).items()}
    result = Program([graph], ar)(feeds)
    return {name: np.broadcast_to(a, (ar.lanes, *a.shape[1:])) for name, a in result.items()}


def run_many(
    graphs: Sequence[Graph], xs: Sequence[Feed], *, arithmetic: str | Arithmetic = "float64"
) -> list[dict[str, Array]]:
    """As `run` for several graphs and an input each; graphs of one architecture and shape run as one.

    Ensemble members become lanes of one pass, which saves most of what numpy costs a call.
    """
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


def program(graphs: Sequence[Graph], ar: Arithmetic) -> Program:
    """The prepared program, made once for these graphs (of one architecture) and a named arithmetic."""
    if isinstance(ar, Perturbed):
        return Program(graphs, ar)
    made = _programs.setdefault(graphs[0], {})
    key = (ar.name, *(graph.hash for graph in graphs[1:]))
    if key not in made:
        made[key] = Program(graphs, ar)
    return made[key]


def _resolve(graph: Graph, arithmetic: str | Arithmetic) -> Arithmetic:
    return named(graph.native if arithmetic == "native" else arithmetic)


def _last_uses(graph: Graph) -> list[list[str]]:
    """For each node, the tensors that nobody reads after it."""
    kept: set[str] = set(graph.outputs)
    uses: list[list[str]] = []
    for node in reversed(graph.nodes):
        names: Iterable[str] = dict.fromkeys((*node.inputs, *node.outputs))
        dead = [name for name in names if name and name not in kept]
        kept.update(dead)
        uses.append(dead)
    return uses[::-1]
