"""Between which numbers a tensor's elements lie, as far as the graph says: behind a sigmoid, a softmax, a tanh.

What operators say of their results (`modelparity.engine.facts`) is followed through the graph, also into branches.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from ..engine.bound_node import by_parameter, defaults
from ..engine.facts import Range, union
from ..engine.inner_graphs import resolved
from ..engine.operator import find
from ..graph import Array, Graph, Node


def output_ranges(graph: Graph, given: Mapping[str, Range] | None = None) -> dict[str, Range]:
    """{output: its `Range`} of the outputs whose range follows from the graph.

    ``given`` are ranges of inputs, where they are known.
    """
    known: dict[str, Range | None] = {**(given or {})}
    wanted = set(graph.outputs)
    following = []  # the nodes that outputs have their range from: all others need no look
    for node in reversed(graph.nodes):
        if wanted & set(node.outputs) and _says_something(node):
            following.append(node)
            wanted.update(node.inputs)
    known.update((name, _of_constant(a)) for name, a in graph.constants.items() if name in wanted)
    for node in reversed(following):
        known.update(zip(node.outputs, _results(node, known), strict=True))
    return {name: found for name in graph.outputs if (found := known.get(name)) is not None}


def _says_something(node: Node) -> bool:
    facts = find(resolved(node).op).facts
    return bool(facts.moves or facts.range or facts.chooses)


def _results(node: Node, known: Mapping[str, Range | None]) -> Sequence[Range | None]:
    """The range of each of the node's results."""
    node = resolved(node)
    facts = find(node.op).facts
    if facts.chooses:
        passed = [known.get(name) for name in node.inputs[facts.given :]]
        return _of_branches([node.attrs[name] for name in facts.graphs], passed)
    named, variadic = by_parameter(node)
    ranges = {parameter: known.get(tensor) for parameter, tensor in named.items()}
    if variadic is not None:
        parameter, tensors = variadic
        ranges[parameter] = union(known.get(tensor) for tensor in tensors)
    if facts.moves:
        found = union(ranges.get(parameter) for parameter in facts.moves)
        if found is not None and not facts.elementwise:  # the axis of a sum may have moved
            found = replace(found, total=None)
        return [found] * len(node.outputs)
    first = None if facts.range is None else facts.range(ranges, {**defaults(node.op), **node.attrs})
    return [first, *[None] * (len(node.outputs) - 1)]


def _of_branches(branches: Sequence[Graph], passed: Sequence[Range | None]) -> Sequence[Range | None]:
    """What either branch may give, output by output."""
    sides = []
    for branch in branches:
        given = {spec.name: one for spec, one in zip(branch.inputs, passed, strict=False) if one is not None}
        found = output_ranges(branch, given)
        sides.append([found.get(name) for name in branch.outputs])
    return [union(each) for each in zip(*sides, strict=True)]


def _of_constant(array: Array) -> Range | None:
    """What a constant holds; it is quiet, as nothing enters it whose error could come out larger."""
    if array.dtype.kind != "f" or not array.size:
        return None
    low, high = float(np.min(array)), float(np.max(array))
    return Range(low, high, quiet=True) if np.isfinite((low, high)).all() else None
