"""A graph within a node while it is made, and the choice between two of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ....graph import Axis, Graph, TensorSpec
from .node import Op
from .scope import Kind, Scope, Sizes, Value, captured_spec
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


def chosen(op: Op, predicate: str, inners: Sequence[Inner], places: Sequence[int]) -> None:
    """The node's results at these places: what the first graph gives where the predicate is true, or the second."""
    outside = list(dict.fromkeys(tensor for inner in inners for tensor in inner.captured.values()))
    graphs = [
        closed(inner, [inner.tensor(k) for k in range(len(places))], outside, label)
        for inner, label in zip(inners, ("then", "otherwise"), strict=True)
    ]
    kinds = [joined([inner.value(k).kind for inner in inners]) for k in range(len(places))]
    results = op.temps(
        "cond", [predicate, *outside], len(places), dtype=kinds[0].dtype, then=graphs[0], otherwise=graphs[1]
    )
    for place, tensor, kind in zip(places, results, kinds, strict=True):
        if op.wanted(place):
            op.give("identity", [tensor], output=place, kind=kind)


def merged(one: Kind, two: Kind) -> Kind:
    """What is true of both kinds."""
    dtype = one.dtype if one.dtype == two.dtype else None
    if one.shape is None or two.shape is None or len(one.shape) != len(two.shape):
        return Kind(dtype)
    return Kind(dtype, tuple(a if a == b else None for a, b in zip(one.shape, two.shape, strict=True)))


def joined(kinds: Sequence[Kind]) -> Kind:
    """What is known of a value that is one of several: one shape of each rank that it may have."""
    dtype = kinds[0].dtype if len({kind.dtype for kind in kinds}) == 1 else None
    if not all(kind.shapes for kind in kinds):
        return Kind(dtype)
    ranks: dict[int, Sizes] = {}
    for shape in (shape for kind in kinds for shape in kind.shapes):
        before = ranks.setdefault(len(shape), shape)
        ranks[len(shape)] = tuple(a if a == b else None for a, b in zip(before, shape, strict=True))
    shapes = tuple(ranks.values())
    return Kind(dtype, shapes[0]) if len(shapes) == 1 else Kind(dtype, None, shapes)
