"""Graphs within graphs: the branches of an If, the bodies of loops."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ....graph import Axis
from .body import run_nodes
from .inference import kind_of
from .inner import Inner
from .node import Op
from .reader import initializers
from .scope import Kind, Scope, Value


def opened(op: Op, graph: Any, label: str, kinds: Sequence[Kind]) -> Scope:
    """The scope of a graph with inputs of these kinds, which its own declarations may say more about."""
    if len(graph.input) != len(kinds):
        raise op.error(f"{label} has another number of inputs", found=len(graph.input), expected=len(kinds))
    where = f"{op.where}/{label}"
    taken = [one.name for one in graph.input] + [name for node in graph.node for name in node.output if name]
    scope = op.scope.within(taken)
    for one, given in zip(graph.input, kinds, strict=True):
        declared = kind_of(one.type) if one.HasField("type") else Kind()
        shape = declared.shape if declared.shape is not None else given.shape
        # A name of an axis that an inner graph declares means nothing outside of it.
        shape = None if shape is None else tuple(n if isinstance(n, int) else None for n in shape)
        kind = Kind(given.dtype or declared.dtype or "float32", shape)
        axes = [Axis(f"{one.name}_{k}", None, least=0) for k in range(len(shape or ()))]
        scope.takes(one.name, kind, axes, where)
    initializers(scope, graph, where)
    return scope


def subgraph(op: Op, graph: Any, label: str, kinds: Sequence[Kind]) -> Inner:
    """A graph of the node, translated; more may be added to its scope before it is `closed`."""
    scope = opened(op, graph, label, kinds)
    return Inner(scope, f"{op.where}/{label}", run_nodes(scope, graph, f"{op.where}/{label}"))


def inlined(op: Op, graph: Any, label: str) -> list[Value]:
    """The outputs of a graph without inputs whose nodes join those around it."""
    scope = op.scope.within(inline=True)
    where = f"{op.where}/{label}"
    initializers(scope, graph, where)
    outputs = run_nodes(scope, graph, where)
    op.scope.builder.origin = op.where.partition("/")[2]
    return [scope.lookup(name, where) for name in outputs]
