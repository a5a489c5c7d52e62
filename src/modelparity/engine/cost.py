"""What a node costs, in multiplications, by the rule that its operator declares; counted from shapes, never timed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..graph import Node
from .bound_node import by_parameter, defaults
from .facts import Shape
from .inner_graphs import resolved
from .operator import find


def multiplications(node: Node, shapes: Mapping[str, Shape], results: Sequence[Shape]) -> int:
    """Those of the sums of products that give ``results`` (shapes, in order) from tensors of these ``shapes``.

    Zero where the operator declares no cost. Shapes are those of the graph: lanes do not count. What a node's inner
    graphs cost is not part of it, because only a run tells how often they are run.
    """
    inner = resolved(node)
    rule = find(inner.op).facts.cost
    if rule is None:
        return 0
    named, several = by_parameter(inner)
    given = {parameter: shapes[tensor] for parameter, tensor in named.items()}
    if several is not None:
        name, tensors = several
        given.update((f"{name}[{k}]", shapes[tensor]) for k, tensor in enumerate(tensors) if tensor)
    return rule(given, {**defaults(inner.op), **inner.attrs}, results)
