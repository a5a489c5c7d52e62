"""Which output of a network is the next value of which of its inputs: what a host carries from call to call.

A file says so itself (states), or names do (``h`` and ``hn``, ``past_key`` and ``present_key``), or what the network
does with them: an initial state and the last one of a recurrent operator, a register that elements move through.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Collection, Iterator, Mapping, Sequence

import numpy as np

from ..engine.operator import find
from ..graph import Array, Graph, Node, TensorSpec
from .initial_states import slots, states_of

#: Words of a name that say when, not what.
_WHEN = frozenset(
    (
        *("in", "out", "input", "output", "new", "next", "prev", "previous", "past", "present", "old", "cur"),
        *("current", "last", "updated", "initial", "init", "n"),
    )
)


def caches(graph: Graph, results: Mapping[str, Array]) -> dict[str, str]:
    """{input: the output that is its next value}; ``results`` are outputs of a run.

    What the graph says comes first, then names, then what it does.
    """
    specs = {spec.name: spec for spec in graph.inputs}
    found = {name: after for name, after in graph.states.items() if after in results}
    left = [name for name in results if name not in found.values()]
    open_inputs = [name for name in specs if name not in found]
    named = by_names({name: specs[name] for name in open_inputs}, {name: results[name] for name in left})
    if len(named) + len(found) < len(specs):  # something must come in that is none
        found |= named
    sure = states_of(graph)
    for name in open_inputs:
        if name in found:
            continue
        for after in _reached(graph, name):
            known = name in sure or len(found) + 1 < len(specs)
            if known and after in left and after not in found.values() and fits(specs[name], results[after]):
                found[name] = after
                break
    return found


def by_names(specs: Mapping[str, TensorSpec], results: Mapping[str, Array]) -> dict[str, str]:
    """Those whose names say it, where shapes and types allow it."""
    found: dict[str, str] = {}
    for name, spec in specs.items():
        alike = [
            after
            for after, array in results.items()
            if after not in found.values() and related(name, after) and fits(spec, array)
        ]
        if len(alike) == 1:
            found[name] = alike[0]
    return found


def related(name: str, after: str) -> bool:
    """Whether two names are one but for words that say when: ``h`` and ``hn``, ``in_cache0`` and ``out_cache0``."""
    before, later = _stem(name), _stem(after)
    if not before or not later or name == after:
        return bool(before) and name == after
    return bool(
        {before, before.removesuffix("0")} & {later, later.removesuffix("n"), later.removesuffix("0")}
    )


def _stem(name: str) -> str:
    words = re.findall(r"[a-z]+|\d+", name.replace("past_key_values", "past").lower())
    return "".join(word for word in words if word not in _WHEN)


def next_values(
    names: Sequence[str],
    specs: Mapping[str, TensorSpec],
    results: Mapping[str, Array],
    *,
    taken: Collection[str] = (),
    sure: Collection[str] = (),
) -> dict[str, str]:
    """{state: the output that is its next value}, by name, else by shape and type in the order of both.

    Outputs that are ``taken`` for something else serve only those that are ``sure`` to be states, and come last: a
    cell's result may be its next state. Of outputs that are alike, states are the last.
    """
    left = [name for name in results if name not in taken]
    known = {name: specs[name] for name in names if name in specs}
    found = by_names(known, {name: results[name] for name in left})
    for turn, some in ((left, known), (list(results), [name for name in known if name in sure])):
        found |= _in_order({name: known[name] for name in some if name not in found}, turn, results, found)
    return {name: found[name] for name in names if name in found}


def _in_order(
    specs: Mapping[str, TensorSpec],
    among: Sequence[str],
    results: Mapping[str, Array],
    found: Mapping[str, str],
) -> dict[str, str]:
    """Of several outputs that are alike the last ones: states come behind results."""
    made: dict[str, str] = {}
    for name, spec in specs.items():
        if name in made:
            continue
        free = [after for after in among if after not in found.values() and fits(spec, results[after])]
        free = [after for after in free if after not in made.values()]
        alike = [other for other, its in specs.items() if other not in made and _same(spec, its)]
        made |= dict(zip(alike, free[-len(alike) :], strict=False))
    return made


def _same(one: TensorSpec, other: TensorSpec) -> bool:
    return one.dtype == other.dtype and [a.size for a in one.axes] == [a.size for a in other.axes]


def fits(spec: TensorSpec, array: Array) -> bool:
    """Whether an array is one that an input takes."""
    if len(spec.axes) != array.ndim or any(
        axis.size not in (None, size) for axis, size in zip(spec.axes, array.shape, strict=True)
    ):
        return False
    kind = "f" if spec.dtype in ("", "bfloat16") else np.dtype(spec.dtype).kind
    return spec.dtype == "" or kind == array.dtype.kind


def _reached(graph: Graph, name: str) -> Iterator[str]:
    """Outputs that hold what an input became: the last state of what it starts, or a register it moved into."""
    frontier, seen = [name], {name}
    while frontier:
        at = frontier.pop(0)
        for node in graph.nodes:
            for place in [place for place, one in enumerate(node.inputs) if one == at]:
                for after in _becomes(node, place):
                    if after and after not in seen:
                        seen.add(after)
                        frontier.append(after)
                        if after in graph.outputs:
                            yield after


def _becomes(node: Node, place: int) -> tuple[str, ...]:
    operator = find(node.op)
    carried = slots(node)
    if place in carried:
        last = carried[place]
        return node.outputs[last : last + 1] if last is not None else ()
    if operator.facts.recurrent:
        return ()
    parameters = [*inspect.signature(operator.kernel).parameters.values()][1:]
    many = next((one for one in parameters if one.kind is one.VAR_POSITIONAL), None)
    name = parameters[place].name if many is None and place < len(parameters) else many.name if many else ""
    return node.outputs if name in operator.facts.moves else ()
