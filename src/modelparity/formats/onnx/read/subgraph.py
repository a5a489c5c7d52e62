"""Graphs within graphs: the branches of an If, the bodies of loops."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ....graph import Axis, Graph, TensorSpec
from .body import run_nodes
from .inference import kind_of
from .node import Op
from .reader import initializers
from .scope import Kind, Scope, Value, captured_spec
from .simplify import tidied


@dataclass
class Inner:
    """A graph within a node while it is made: its scope and the names of its outputs in the file."""

    scope: Scope
    label: str
    outputs: list[str]

    @property
    def captured(self) -> dict[str, str]:
        """Its input -> the tensor outside that it is."""
        return self.scope.captured

    def value(self, place: int) -> Value:
        """An output."""
        return self.scope.lookup(self.outputs[place], self.label)

    def tensor(self, place: int) -> str:
        """The tensor of an output."""
        return self.scope.tensor(self.outputs[place], self.label)


def opened(op: Op, graph: Any, label: str, kinds: Sequence[Kind]) -> Scope:
    """The scope of a graph with inputs of these kinds, which its own declarations may say more about."""
    if len(graph.input) != len(kinds):
        raise op.error(f"{label} has another number of inputs", found=len(graph.input), expected=len(kinds))
    where = f"{op.where}/{label}"
    taken = [one.name for one in graph.input] + [name for node in graph.node for name in node.output if name]
    scope = Scope(op.scope.model, op.scope.opsets, taken=taken, parent=op.scope, depth=op.scope.depth + 1)
    scope.attributes = op.scope.attributes
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
    scope = Scope(
        op.scope.model,
        op.scope.opsets,
        parent=op.scope,
        builder=op.scope.builder,
        depth=op.scope.depth + 1,
        inline=True,
    )
    scope.attributes = op.scope.attributes
    where = f"{op.where}/{label}"
    initializers(scope, graph, where)
    outputs = run_nodes(scope, graph, where)
    op.scope.builder.origin = op.where.partition("/")[2]
    return [scope.lookup(name, where) for name in outputs]


def closed(inner: Inner, outputs: Sequence[str], outside: Sequence[str], name: str) -> Graph:
    """The graph, with an input for each tensor outside in that order behind its own, whether it reads it or not."""
    scope = inner.scope
    own = [spec for spec in scope.inputs if spec.name not in scope.captured]
    reading = {tensor: spec for spec in scope.inputs if (tensor := scope.captured.get(spec.name)) is not None}
    for tensor in outside:
        own.append(reading.get(tensor) or captured_spec(scope.builder.fresh("unread"), Kind("float32", ())))
    return tidied(scope.builder.graph(name, own, list(outputs)), {})


def extra_input(scope: Scope, name: str, dtype: str, rank: int) -> str:
    """A further input of an inner graph, of that name or one like it."""
    name = scope.builder.fresh(name)
    axes = tuple(Axis(f"{name}_{k}", None, least=0) for k in range(rank))
    scope.inputs.append(TensorSpec(name, axes, dtype))
    return name


def merged(one: Kind, two: Kind) -> Kind:
    """What is true of both kinds."""
    dtype = one.dtype if one.dtype == two.dtype else None
    if one.shape is None or two.shape is None or len(one.shape) != len(two.shape):
        return Kind(dtype)
    return Kind(dtype, tuple(a if a == b else None for a, b in zip(one.shape, two.shape, strict=True)))
