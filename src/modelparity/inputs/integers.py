"""Which whole numbers an input may hold: those that index the table it is looked up in.

Such an input need not be of a whole type: some exporters declare floats, and make them whole first of all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from weakref import WeakKeyDictionary

import numpy as np

from ..describe.shapes import free_axes, zeros
from ..describe.walk import Walked, walked
from ..engine.bound_node import call
from ..engine.operator import find
from ..errors import InputError, ModelparityError, near
from ..graph import Graph, Node, TensorSpec

#: Numbers that are tried, what such an input stays below if none is too large, and what a try may take.
MOST, UNBOUNDED, ALIVE, WORK = 1 << 20, 256, 1 << 22, 1 << 30
#: What is tried of an input that does not run on zeros.
COUNTS = (1, 2, 8)
_samples: WeakKeyDictionary[Graph, Walked] = WeakKeyDictionary()
_wholes: WeakKeyDictionary[Graph, dict[str, int | None]] = WeakKeyDictionary()


def refuse_unknown(graph: Graph, below: Mapping[str, int]) -> None:
    """Raise `InputError` if ``below`` says something of an input that the graph lacks, or that holds fractions."""
    known = {spec.name: spec for spec in graph.inputs}
    for name in below:
        if name not in known:
            raise InputError(
                f"below: there is no input {name!r}", where=graph.name, expected=near(name, known)
            )
        if np.dtype(known[name].dtype).kind not in "iu":
            raise InputError(
                f"below: input {name!r} holds no whole numbers", where=graph.name, found=known[name].dtype
            )


def bound_below(graph: Graph, spec: TensorSpec, below: Mapping[str, int]) -> int:
    """The number that every element of an integer input stays below: given, or found in the graph.

    Raises `InputError` saying what to give where it does not run on zeros either.
    """
    given = below.get(spec.name)
    if given is not None:
        if not 0 < given <= 1 << 31:
            raise InputError("out of range", where=f"below[{spec.name!r}]", found=given, expected="1 to 2^31")
        return given
    rows = _rows(graph, spec)
    return min(rows) if rows else _by_trial(graph, spec)


def counted(graph: Graph, spec: TensorSpec) -> int | None:
    """The number of what every element counts, where none at all does not run: lengths of parts, say; else None."""
    feeds = zeros(graph, free_axes(graph))
    shape = feeds[spec.name].shape
    for one in COUNTS:
        feeds[spec.name] = np.broadcast_to(np.array(one, spec.dtype), shape)
        if walked(graph, feeds, most_alive=ALIVE, most_work=WORK).refusal is None:
            return one
    return None


def whole_below(graph: Graph, spec: TensorSpec) -> int | None:
    """The number that a floating-point input stays below that is made whole before anything else; None of others."""
    known = _wholes.setdefault(graph, {})
    if spec.name not in known:
        known[spec.name] = _whole_below(graph, spec)
    return known[spec.name]


def _whole_below(graph: Graph, spec: TensorSpec) -> int | None:
    readers = [node for node in graph.nodes if spec.name in node.inputs]
    # One array in and one out: a quantiser takes a scale, or gives one.
    if not readers or any(len(node.inputs) > 1 or len(node.outputs) > 1 for node in readers):
        return None
    copies = [_whole_copy(graph, [node]) for node in readers]
    if None in copies or not any(copies):  # none of them, or its sizes alone
        return None
    rows = _rows(graph, spec)
    try:
        return min(rows) if rows else _by_trial(graph, spec)
    except ModelparityError:
        return None


def _rows(graph: Graph, spec: TensorSpec) -> list[int]:
    """How many rows the tables have that an input's own numbers point into, be it in another type or place."""
    same, rows = {spec.name}, []
    chain: list[Node] = []
    lookups = [node for node in graph.nodes if find(node.op).facts.lookup]
    tables = [call(node).tensors.get(find(node.op).facts.lookup, "") for node in lookups]
    seen = None if all(name in graph.constants for name in tables) else _sampled(graph)
    for node in graph.nodes:
        facts = find(node.op).facts
        found = call(node)
        if facts.lookup and found.tensors.get("indices") in same:
            table = found.tensors.get(facts.lookup, "")
            shape = graph.constants[table].shape if table in graph.constants else None
            shape = seen.shapes.get(table) if shape is None and seen is not None else shape
            if shape:
                rows.append(shape[found.attrs.get("axis", 0)])
        elif (
            len(node.inputs) == 1
            and node.inputs[0] in same
            and (facts.moves or _whole_copy(graph, [*chain, node]))
        ):
            same.update(node.outputs)
            chain.append(node)
    return rows


def _whole_copy(graph: Graph, chain: Sequence[Node]) -> bool | None:
    """Whether the last node of a chain, each of one input, gives whole numbers of the shape of its own input.

    False where they have another shape (its sizes, say), None where they are no whole numbers.
    """
    part = graph.changed(nodes=tuple(chain), outputs=(chain[-1].outputs[0],), states={})
    seen = walked(part, zeros(graph, free_axes(graph)), most_alive=ALIVE, most_work=WORK)
    made, given = chain[-1].outputs[0], chain[-1].inputs[0]
    if seen.kinds.get(made, "f") not in "iu":
        return None
    return seen.shapes[made] == seen.shapes[given]


def _sampled(graph: Graph) -> Walked:
    """A run on zeros at the least sizes, as far as it goes."""
    if graph not in _samples:
        _samples[graph] = walked(
            graph, zeros(graph, free_axes(graph)), most_alive=8 * ALIVE, most_work=8 * WORK
        )
    return _samples[graph]


def _by_trial(graph: Graph, spec: TensorSpec) -> int:
    """The bound below which the graph runs, found by running it; `UNBOUNDED` where no number is too large."""
    feeds = zeros(graph, free_axes(graph))

    def runs(bound: int) -> bool:
        feeds[spec.name] = np.broadcast_to(np.array(bound - 1, spec.dtype), feeds[spec.name].shape)
        return walked(graph, feeds, most_alive=ALIVE, most_work=WORK).refusal is None

    low, high = 1, 2
    if not runs(low):
        raise InputError(
            f"the legal values of integer input {spec.name!r} are not known: it indexes no table of constants",
            where=graph.name,
            found=spec.dtype,
            fix=f"give below={{{spec.name!r}: n}} for values 0 to n - 1, or inputs of your own",
        )
    largest = MOST if np.dtype(spec.dtype).kind == "f" else min(MOST, int(np.iinfo(spec.dtype).max))
    while high <= largest and runs(high):
        low, high = high, 2 * high
    if high > largest:
        return UNBOUNDED
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if runs(middle) else (low, middle)
    return low
