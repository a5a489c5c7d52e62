"""Which whole numbers an integer input may hold: those that index the table it is looked up in."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ..describe.shapes import free_axes, zeros
from ..describe.walk import walked
from ..engine.bound_node import call
from ..engine.operator import find
from ..errors import InputError, near
from ..graph import Graph, TensorSpec

#: Numbers that are tried, what such an input stays below if none is too large, and what a try may take.
MOST, UNBOUNDED, ALIVE, WORK = 1 << 20, 256, 1 << 22, 1 << 30


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
    rows: list[int] = []
    for node in graph.nodes:
        lookup = find(node.op).facts.lookup
        if not lookup:
            continue
        found = call(node)
        table = graph.constants.get(found.tensors.get(lookup, ""))
        if found.tensors.get("indices") == spec.name and table is not None:
            rows.append(table.shape[found.attrs.get("axis", 0)])
    return min(rows) if rows else _by_trial(graph, spec)


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
    largest = min(MOST, int(np.iinfo(spec.dtype).max))
    while high <= largest and runs(high):
        low, high = high, 2 * high
    if high > largest:
        return UNBOUNDED
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if runs(middle) else (low, middle)
    return low
