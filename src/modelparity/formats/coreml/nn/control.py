"""Control flow as graphs: what a branch or a loop reads is captured, what it writes is carried.

Blobs can be written again and are seen from outside. So a branch gives every blob that has a value on both of its
ways; a loop carries every blob that its networks write. A branch that may leave the loop decides whether the
layers behind it run: they become part of both its sides.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from ....graph import Axis, Graph, TensorSpec
from ...graph_builder import Builder
from .layer import Op
from .scope import A_LAYER, Scope, Turn
from .sequence import named, read_block

#: What is nearer to 0 than this is false.
TINY = 1e-6
#: The two networks of a branch.
SIDES = ("ifBranch", "elseBranch")


def truth(scope: Scope, tensor: str, where: str) -> str:
    """Whether the only number of a tensor is not (nearly) 0, as a boolean without axes."""
    builder = scope.builder
    builder.origin = where
    (size,) = builder.emit("reshape", [tensor], hint="truth.number", shape=())
    (size,) = builder.emit("abs", [size], hint="truth.size")
    return builder.emit("greater", [size, builder.constant(np.float32(TINY), "tiny")], hint="truth")[0]


class Inner:
    """A graph inside a node, while it is read: blobs of the outer scope are its inputs."""

    def __init__(self, op: Op, blobs: Sequence[str], ranks: dict[str, int | None], turn: Turn | None) -> None:
        self.op, self.inputs = op, list(blobs)
        self.builder = Builder(blobs)
        outer = op.scope
        outer.budget[0] -= len(self.inputs) // A_LAYER  # every inner network names all that it could read
        self.scope = Scope(
            self.builder,
            {blob: blob for blob in blobs},
            dict(ranks),
            outer=frozenset(outer.blobs) | outer.outer,
            gone=dict(outer.gone),
            turn=turn,
            budget=outer.budget,
        )

    def emit(self, core: str, *inputs: str, **attrs: Any) -> str:
        """Add a node that is no layer's own."""
        self.builder.origin = self.op.where
        return self.builder.emit(core, inputs, hint=f"{self.op.name}.{core}", **attrs)[0]

    def constant(self, value: Any, hint: str) -> str:
        """A constant of this graph."""
        return self.builder.constant(value, f"{self.op.name}.{hint}")

    def graph(self, what: str, outputs: Sequence[str]) -> Graph:
        """The graph with these outputs; one that is an input, a constant or given twice is given as a copy."""
        names: list[str] = []
        for tensor in outputs:
            fixed = tensor in self.inputs or tensor in self.builder.constants or tensor in names
            names.append(self.emit("identity", tensor) if fixed else tensor)
        specs = [TensorSpec(name, (Axis("any"),)) for name in self.inputs]
        return self.builder.graph(f"{self.op.name}.{what}", specs, names, native="float32")


def read_branch(op: Op, predicate: str, sides: Sequence[list[Any]]) -> None:
    """Read both sides and add the node that chooses. Outside, a blob that only one side defines is gone."""
    scope, turn = op.scope, op.scope.turn
    rest, blobs = turn.rest if turn else [], sorted(scope.blobs)
    ranks = {blob: scope.rank(scope.blobs[blob]) for blob in blobs}
    inner = []
    for what, layers in zip(SIDES, sides, strict=True):
        one = Inner(op, blobs, ranks, turn.again() if turn else None)
        read_block(one.scope, [*named(f"{op.where} / {what}", layers), *rest])
        inner.append(one)
    written = sorted({blob for one in inner for blob in one.scope.written})
    given = [blob for blob in written if all(blob in one.scope.blobs for one in inner)]
    left = [one.scope.turn.broken if one.scope.turn else "" for one in inner]
    graphs = []
    for what, one, broken in zip(SIDES, inner, left, strict=True):
        outputs = [one.scope.blobs[blob] for blob in given]
        if any(left):
            outputs.append(broken or one.constant(np.bool_(False), "broken"))
        graphs.append(one.graph(what, outputs))
    found = [{one.scope.rank(one.scope.blobs[blob]) for one in inner} for blob in given]
    found_ranks = [ranks.pop() if len(ranks) == 1 else None for ranks in found] + [0] * any(left)
    tensors = op.temps(
        "cond",
        [predicate, *(scope.blobs[blob] for blob in blobs)],
        len(found_ranks),
        ranks=found_ranks,
        then=graphs[0],
        otherwise=graphs[1],
    )
    for blob, tensor in zip(given, tensors, strict=False):
        scope.blobs[blob] = tensor
        scope.written[blob] = None
    for blob in set(written) - set(given):
        scope.gone[blob] = "only one side of a branch defines it"
    if turn and any(left):
        turn.broken = tensors[-1]


def read_loop(op: Op, body: list[Any], condition: list[Any], variable: str, most: str) -> None:
    """Add the node that repeats the body. ``most`` is the tensor with the largest number of turns, or "".

    Carried are whether to go on, the number of turns so far, and the blobs that body or condition write. The
    condition is decided before the loop and at the end of each turn.
    """
    scope = op.scope
    go = _decided(op, scope, condition, variable)
    written = sorted({blob for message in _all(body + condition) for blob in message.output})
    never = op.constant(np.float32(np.nan), "never")
    start = {blob: scope.blobs.get(blob, never) for blob in written}
    blobs = sorted({*scope.blobs, *written})
    ranks = {blob: scope.rank(scope.blobs[blob]) if blob in scope.blobs else None for blob in blobs}
    for _ in range(2):
        one = Inner(op, blobs, ranks, Turn())
        again = _read_turn(op, one, body, condition, variable)
        ends = {blob: one.scope.blobs.get(blob, blob) for blob in written}
        changed = [b for b in written if b in scope.blobs and one.scope.rank(ends[b]) != ranks[b]]
        if not changed:
            break
        ranks |= dict.fromkeys(changed)  # a rank that a turn changes is known to none
    found = [one.scope.rank(ends[blob]) for blob in written]
    _add_loop(op, one, again, ends, start, go, most, found)


def _all(layers: Sequence[Any]) -> Iterator[Any]:
    """Layers and those inside them."""
    for message in layers:
        yield message
        kind = message.WhichOneof("layer")
        if kind == "branch":
            yield from _all([*message.branch.ifBranch.layers, *message.branch.elseBranch.layers])
        elif kind == "loop":
            yield from _all([*message.loop.bodyNetwork.layers, *message.loop.conditionNetwork.layers])


def _decided(op: Op, scope: Scope, condition: list[Any], variable: str) -> str:
    """Run the condition's layers in a scope; the boolean that they come to, or "" if there is no condition."""
    if not condition:
        return ""
    outer, turn = scope.outer, scope.turn
    scope.outer, scope.turn = outer | frozenset(scope.blobs), None
    read_block(scope, named(f"{op.where} / conditionNetwork", condition))
    scope.outer, scope.turn = outer, turn
    return truth(scope, scope.read(variable, op.where), op.where)


def _read_turn(op: Op, one: Inner, body: list[Any], condition: list[Any], variable: str) -> str:
    """The body, then the condition; whether to go on, as a boolean without axes."""
    inner = one.scope
    for blob in [blob for blob in inner.blobs if blob not in op.scope.blobs]:
        del inner.blobs[blob]  # nothing may read what only an earlier turn would have written
    read_block(inner, named(f"{op.where} / bodyNetwork", body))
    turn = inner.turn
    broken = turn.broken if turn else ""
    go = "" if turn and turn.ended and broken else _decided(op, inner, condition, variable)
    if not broken:
        return go or one.constant(np.bool_(True), "go")
    stay = one.emit("logical_not", broken)
    return one.emit("logical_and", go, stay) if go else stay


def _add_loop(
    op: Op,
    one: Inner,
    again: str,
    ends: dict[str, str],
    start: dict[str, str],
    go: str,
    most: str,
    ranks: list[int | None],
) -> None:
    """The node. Its values are: go on, turns, written blobs; then captured: other blobs, most turns."""
    scope, written = op.scope, list(ends)
    others = [blob for blob in one.inputs if blob not in start]
    before, turns, limit = (one.builder.fresh(f"{op.name}.{what}") for what in ("go", "turns", "most"))
    done = one.emit("add", turns, one.constant(np.float32(1), "one"))
    if most:
        again = one.emit("logical_and", again, one.emit("less", done, limit))
    one.inputs = [before, turns, *written, *others, *([limit] if most else [])]
    body = one.graph("bodyNetwork", [again, done, *ends.values()])
    ask = Builder(one.inputs)
    ask.origin = op.where
    (answer,) = ask.emit("identity", [before], hint="go")
    specs = [TensorSpec(name, (Axis("any"),)) for name in one.inputs]
    condition = ask.graph(f"{op.name}.go", specs, [answer], native="float32")
    zero, first = op.constant(np.float32(0), "turns"), go or op.constant(np.bool_(True), "go")
    if most:
        first = op.temp("logical_and", [first, op.temp("less", [zero, most])])
    carried = [first, zero, *start.values()]
    tensors = op.temps(
        "while_loop",
        [*carried, *(scope.blobs[blob] for blob in others), *([most] if most else [])],
        len(carried),
        ranks=[0, 0, *ranks],
        condition=condition,
        body=body,
        carried=len(carried),
    )
    for blob, tensor in zip(written, tensors[2:], strict=True):
        scope.blobs[blob] = tensor
        scope.written[blob] = None
