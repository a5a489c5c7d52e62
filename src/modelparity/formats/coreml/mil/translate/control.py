"""Control flow: blocks within operations become graphs among a node's attributes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .....graph import Axis, Graph, TensorSpec
from ..operators import Op, reads
from ..reader import subgraph
from ..scope import declared


@reads("cond")
def cond(op: Op) -> None:
    """One of two blocks, neither of which has inputs of its own."""
    states = written(op)
    graphs, outside = inner_graphs(op, ("then", "otherwise"), 0, states)
    counts = [len(graph.outputs) - len(states) for graph in graphs]
    if counts != [len(op.outputs)] * 2:
        found = f"{counts[0]} and {counts[1]}"
        raise op.error("a branch gives another number of values", found=found, expected=len(op.outputs))
    before = [op.scope.state(name, op.where) for name in states]
    run(op, "cond", [op.input("pred"), *before, *outside], states, then=graphs[0], otherwise=graphs[1])


@reads("while_loop")
def while_loop(op: Op) -> None:
    """The second block repeated as long as the first, given the same values, says so."""
    start = op.inputs("loop_vars")
    states = written(op)
    (condition, body), outside = inner_graphs(op, ("condition", "body"), len(start), states)
    before = [op.scope.state(name, op.where) for name in states]
    if len(condition.outputs) < 1 + len(states):
        raise op.error("the condition gives no value", found=0, expected=1)
    condition = condition.changed(outputs=condition.outputs[:1])
    if len(body.outputs) != len(start) + len(states):
        raise op.error(
            "the body gives another number of values", found=len(body.outputs), expected=len(start)
        )
    inputs = [*start, *before, *outside]
    run(op, "while_loop", inputs, states, condition=condition, body=body, carried=len(start) + len(states))


@reads("select")
def select(op: Op) -> None:
    """a where ``cond`` holds, b elsewhere."""
    op.give("select", op.inputs("cond", "a", "b"))


def run(op: Op, core: str, inputs: Sequence[str], states: Sequence[str], **attrs: Any) -> None:
    """The node itself; states that its blocks write are further results."""
    results = op.give(core, inputs, also=len(states), **attrs)
    for name, tensor in zip(states, results[len(op.outputs) :], strict=True):
        op.scope.states[name] = tensor


def inner_graphs(
    op: Op, labels: Sequence[str], inputs: int, states: Sequence[str]
) -> tuple[list[Graph], list[str]]:
    """The blocks as graphs with equal inputs: their own, then states, then all that any of them reads outside."""
    if len(op.blocks) != len(labels):
        raise op.error("another number of blocks", found=len(op.blocks), expected=len(labels))
    op.blocks_read = True
    made = []
    for block, label in zip(op.blocks, labels, strict=True):
        own = [declared(one, op.where) for one in block.inputs]
        if len(own) != inputs:
            raise op.error(f"block {label!r} has another number of inputs", found=len(own), expected=inputs)
        made.append(subgraph(op.scope, block, f"{op.where}/{label}", own, states))
    outside = list(dict.fromkeys(tensor for _, captured in made for tensor in captured.values()))
    return [aligned(graph, captured, outside) for graph, captured in made], outside


def aligned(graph: Graph, captured: dict[str, str], outside: Sequence[str]) -> Graph:
    """The graph with one input for each tensor outside, in that order, whether it reads it or not."""
    own = [spec for spec in graph.inputs if spec.name not in captured]
    reading = {tensor: name for name, tensor in captured.items()}
    by_name = {spec.name: spec for spec in graph.inputs}
    taken = {*by_name, *graph.constants, *(name for node in graph.nodes for name in node.outputs)}
    for place, tensor in enumerate(outside):
        if tensor in reading:
            own.append(by_name[reading[tensor]])
        else:
            name = f"unread.{place}"
            while name in taken:
                name += "_"
            own.append(TensorSpec(name, (Axis(name),)))
    return graph.changed(inputs=tuple(own))


def written(op: Op) -> list[str]:
    """The states that blocks within the operation write, in order of their first writing."""
    found: dict[str, None] = {}
    stack = list(op.blocks)[::-1]
    while stack:
        for one in stack.pop().operations:
            if one.type == "write_state" and one.inputs["input"].arguments:
                found[one.inputs["input"].arguments[0].name] = None
            stack.extend(one.blocks)
    return [name for name in found if op.scope.lookup(name, op.where).type.kind == "state"]
