"""A graph prepared for one arithmetic: kernels and arrays by place, ready to run many times.

The program knows no operator: it prepares constants for an arithmetic, hands arrays to kernels in order, frees
what nobody reads any more, and says in the user's words what a kernel refused.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from operator import itemgetter
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np

from ..errors import GraphError
from ..graph import Array, Graph, Node
from .arithmetic import Arithmetic
from .inner_graphs import resolved
from .limits import TooMuch, Watch, limits
from .operator import Kernel, Operator, find
from .perturbed import Perturbed

#: Prepared programs, under their first graph: {(arithmetic, hashes of the other graphs): program}.
_programs: WeakKeyDictionary[Graph, dict[tuple[str, ...], Program]] = WeakKeyDictionary()


class Program:
    """A graph (or several of one architecture, a lane each) prepared for one arithmetic.

    Tensors have places in a list while it runs: nothing, inputs, constants, results. What can be looked up
    beforehand is, because a loop over frames pays for every look-up in every turn.
    """

    def __init__(self, graphs: Sequence[Graph], ar: Arithmetic, *, alone: bool | None = None) -> None:
        # No reference to the graph itself: programs are cached under it, weakly.
        first = graphs[0]
        self.name, self.outputs, self.nodes = first.name, first.outputs, first.nodes
        self.inputs = tuple(spec.name for spec in first.inputs)
        self.ar, self._alone = ar, len(graphs) == 1 if alone is None else alone
        self._inner: dict[int, Program] = {}
        self._budget = [0]  # calls of inner graphs that are left; one for all that run within this run
        self._watch: list[Watch | None] = [None]  # likewise
        self.kernels = [self.kernel(node) for node in first.nodes]
        self.constants = {
            name: _laid_out(ar.cast(_stacked([g.constants[name] for g in graphs])))
            for name in first.constants
        }
        made = [name for node in first.nodes for name in node.outputs]
        names = ["", *self.inputs, *self.constants, *made]
        self._places = {name: place for place, name in enumerate(names)}
        self._first = len(names) - len(made)
        self._rest: list[Any] = [*self.constants.values(), *[None] * len(made)]
        self._results = [self._places[name] for name in self.outputs]
        self._steps = self._planned(first, self.kernels)
        growing = _growing(first)
        in_place = [self.kernel(n, in_place=n in growing) for n in self.nodes] if growing else self.kernels
        self._again = self._planned(first, in_place) if growing else self._steps

    def __call__(self, feeds: Mapping[str, Array], *, taps: bool = False) -> dict[str, Array]:
        """Run on arrays that have their lane axis already; returns outputs, or every tensor.

        Raises `GraphError` where an operator refuses, and `TooMuch` where the run goes beyond its limits.
        """
        self._budget[0] = CALLS * limits().turns
        self._watch[0] = limits().watch()
        tapped: dict[str, Array] | None = {} if taps else None
        values: list[Any] = [None, *(feeds[name] for name in self.inputs), *self._rest]
        with np.errstate(all="ignore"):
            self._run(values, self._steps, tapped)
        results = {name: values[place] for name, place in zip(self.outputs, self._results, strict=True)}
        return {**(tapped or {}), **results}

    @property
    def most(self) -> int:
        """The elements that results held at once in the last run; 0 where nobody limited them."""
        return 0 if self._watch[0] is None else self._watch[0].most

    def step(self, node: Node, kernel: Kernel, arrays: list[Array | None]) -> tuple[Array, ...]:
        """One node alone; an operator's refusal becomes a `GraphError` that names node, origin and shapes.

        NaN and infinity are results like others, for the verdict to look at: who asks for many nodes one after
        another tells numpy not to warn of them.
        """
        self._budget[0] = CALLS * limits().turns
        try:
            result = kernel(*arrays)
        except REFUSALS as error:
            raise self._refused(node, error, arrays) from error
        return result if isinstance(result, tuple) else (result,)

    def _run(self, values: list[Any], steps: Sequence[_Step], tapped: dict[str, Array] | None = None) -> None:
        done, watch, first = 0, self._watch[0], self._first
        try:
            for kernel, arguments, outputs, dead in steps:
                result = kernel(*arguments(values))
                if type(result) is tuple:
                    for place, one in zip(outputs, result, strict=False):
                        values[place] = one
                else:
                    values[outputs[0]] = result
                if watch is not None:
                    watch.after(values, outputs, dead, first)
                if tapped is None:
                    for place in dead:
                        values[place] = None
                else:
                    tapped.update(
                        (n, values[p]) for n, p in zip(self.nodes[done].outputs, outputs, strict=False)
                    )
                done += 1
        except REFUSALS as error:
            raise self._refused(self.nodes[done], error, steps[done][1](values)) from error

    def _refused(self, node: Node, error: Exception, arrays: Sequence[Array | None]) -> GraphError:
        shapes = ", ".join("-" if a is None else str(a.shape[1:]) for a in arrays)
        if not isinstance(error, GraphError):
            full = FULL if isinstance(error, MemoryError) else None
            kind = TooMuch if isinstance(error, MemoryError) else GraphError
            error = kind(str(error) or type(error).__name__, fix=full)
        found = f"{error.found} (" if error.found is not None else ""
        return (TooMuch if isinstance(error, TooMuch) else GraphError)(
            f"{node.op} {node.name!r} cannot run: {error.what}",
            where=error.where or node.origin or self.name,
            found=f"{found}input shapes {shapes}{')' if found else ''}",
            expected=error.expected,
            fix=error.fix,
            operator=error.operator or resolved(node).op,
        )

    def _planned(self, graph: Graph, kernels: Sequence[Kernel]) -> list[_Step]:
        places = self._places
        return [
            (
                kernel,
                _picker([places[name] for name in node.inputs]),
                tuple(places[name] for name in node.outputs) or (0,),
                tuple(places[name] for name in dead),
            )
            for node, kernel, dead in zip(self.nodes, kernels, _last_uses(graph), strict=True)
        ]

    def kernel(self, node: Node, *, in_place: bool = False) -> Kernel:
        """The node's operator with its attributes, ready to be given its arrays (with lanes)."""
        try:
            operator = find(node.op)
        except GraphError as error:
            raise error.changed(where=f"{node.origin or 'graph'}, node {node.name!r}") from None
        ar = self.ar.of(node.dtype)
        if len(node.outputs) > 1:
            return partial(_several, self._single(operator, ar, node, in_place), len(node.outputs))
        return self._single(operator, ar, node, in_place)

    def _single(self, operator: Operator, ar: Arithmetic, node: Node, in_place: bool) -> Kernel:
        """The kernel itself, whose results nobody has counted."""
        if operator.control:
            return partial(operator.kernel, ar, call=self.call, **node.attrs)
        if operator.plain:
            return partial(_lane_by_lane, operator.kernel, ar, **node.attrs)
        if operator.ufunc is not None and self._alone and type(ar) is Arithmetic and not node.attrs:
            return (
                operator.ufunc
            )  # without a lane beside it, axes of size one align from the right by themselves
        return partial((operator.in_place if in_place else None) or operator.kernel, ar, **node.attrs)

    def call(self, graph: Graph, arrays: Sequence[Array], *, again: bool = False) -> list[Array]:
        """Run a graph that is an attribute of a node, in the arithmetic of this program.

        ``again``: the arrays are what it returned the last time (further ones may follow them), and nobody else
        holds them.
        """
        budget = self._budget
        budget[0] -= 1
        if budget[0] < 0:
            turns = f"more than {CALLS * limits().turns:,} turns and branches"
            raise GraphError(
                "its loops do not end", found=turns, expected="an end", fix="check their conditions"
            )
        inner = self._inner.get(id(graph))
        if inner is None:  # ids are safe as keys: the nodes keep their graphs alive
            inner = self._inner[id(graph)] = Program([graph], self.ar, alone=self._alone)
            inner._budget, inner._watch = budget, self._watch
        watch = self._watch[0]
        before = 0 if watch is None else watch.alive
        values: list[Any] = [None, *arrays, *inner._rest]
        inner._run(values, inner._again if again else inner._steps)
        if watch is not None:
            watch.alive = before  # what it returns is counted where it goes
        return [values[place] for place in inner._results]


#: A node prepared: its kernel, what picks its arrays, places of its results, places that nobody reads after it.
_Step = tuple[Kernel, Callable[[list[Any]], Sequence[Any]], tuple[int, ...], tuple[int, ...]]
#: Calls of inner graphs that all loops of a run may make, by the turns that one loop may: two a turn, and branches.
CALLS = 4
#: What to do where memory does not suffice.
FULL = "give smaller inputs, or run it where there is more memory"
#: What a kernel raises when it refuses what it was given.
REFUSALS = (GraphError, ValueError, LookupError, TypeError, ArithmeticError, MemoryError)


def _laid_out(a: Array) -> Array:
    """A constant as matrix products and loops want it: a view of a file, turned or at an odd byte, is copied once."""
    return a if a.flags.c_contiguous and a.flags.aligned else np.array(a, order="C")


def _stacked(arrays: Sequence[Array]) -> Array:
    """A constant with its lane axis: a lane for each graph, or one where all graphs hold the very same array."""
    first = arrays[0].__array_interface__
    same = all(
        (own := a.__array_interface__)["data"] == first["data"]
        and (own["shape"], own["strides"], own["typestr"])
        == (first["shape"], first["strides"], first["typestr"])
        for a in arrays[1:]
    )
    return arrays[0][None] if same else np.stack(arrays)


def _picker(places: Sequence[int]) -> Callable[[list[Any]], Sequence[Any]]:
    """What takes these places out of a list, always as a sequence."""
    if len(places) > 1:
        return itemgetter(*places)
    return itemgetter(slice(places[0], places[0] + 1) if places else slice(0))


def _growing(graph: Graph) -> list[Node]:
    """Nodes that may write into the array they got, if the graph's inputs are its own outputs of the turn before.

    Such a node alone reads one of the inputs, and its result is the output at the same place and is read by no
    other node: so the array that it gets is its own result, and nobody else has it.
    """
    read = [name for node in graph.nodes for name in node.inputs]
    return [
        node
        for node in graph.nodes
        if find(node.op).in_place is not None
        for given, result in zip(graph.inputs, graph.outputs, strict=False)
        if (node.inputs[0], node.outputs[0]) == (given.name, result)
        and read.count(given.name) == 1
        and read.count(result) == 0
        and graph.outputs.count(result) == 1
        and given.name not in graph.outputs
    ]


def _several(kernel: Kernel, count: int, /, *arrays: Array | None) -> tuple[Array, ...]:
    """A kernel whose node names several results: it must give as many."""
    result = kernel(*arrays)
    results: tuple[Array, ...] = result if type(result) is tuple else (result,)
    if len(results) < count:
        raise GraphError("it has not as many results", found=count, expected=f"at most {len(results)}")
    return results


def _lane_by_lane(
    kernel: Kernel, ar: Arithmetic, /, *arrays: Array | None, **attrs: Any
) -> tuple[Array, ...]:
    """A plain kernel on each lane; lanes must agree in the shapes of their results."""
    lanes = max((a.shape[0] for a in arrays if a is not None), default=1)
    results = []
    ar.shared = lanes == 1
    for lane in range(lanes):
        ar.lane = lane
        result = kernel(ar, *(a if a is None else a[min(lane, len(a) - 1), ...] for a in arrays), **attrs)
        results.append(result if isinstance(result, tuple) else (result,))
    if lanes == 1:
        return tuple(np.asarray(result)[None] for result in results[0])
    return tuple(np.stack(members) for members in zip(*ar.alike(results), strict=True))


def program(graphs: Sequence[Graph], ar: Arithmetic) -> Program:
    """The prepared program, made once for these graphs (of one architecture) and a named arithmetic."""
    if isinstance(ar, Perturbed):
        return Program(graphs, ar)
    made = _programs.setdefault(graphs[0], {})
    key = (ar.name, *(graph.hash for graph in graphs[1:]))
    if key not in made:
        made[key] = Program(graphs, ar)
    return made[key]


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
