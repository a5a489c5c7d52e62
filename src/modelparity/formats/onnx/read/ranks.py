"""Results whose number of axes is known only when the model runs, and what is done with them.

PyTorch writes ``x.squeeze(d)`` as an If with a Squeeze in one branch and an Identity in the other wherever size d is
free, so that its result has one of two shapes. What reads it settles which: a shape that a node does not take is
dropped (a Conv by a weight of three axes reads three). Where several shapes are left and the node's translator must
know the number of axes, the node is read once for each of them, and the graph chooses when it runs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np

from ....errors import ArtefactError
from .inner import Inner, chosen, joined
from .node import Declined, Op, Undecided
from .scope import Kind, Scope, Value

Values = Sequence[Value | None]
#: Combinations of shapes that one node is tried with.
MOST = 64


def settled(values: Values, infer: Callable[[Values], list[Kind]]) -> tuple[list[Value | None], list[Kind]]:
    """What a node is given and gives, of the shapes that its definition accepts.

    Raises the `ArtefactError` of the first combination of shapes if it accepts none.
    """
    either = [one.kind.either if one is not None and one.kind.either else (None,) for one in values]
    if all(one == (None,) for one in either) or np.prod([len(one) for one in either]) > MOST:
        return list(values), infer(values)
    accepted: list[tuple[list[Value | None], list[Kind]]] = []
    refusal: ArtefactError | None = None
    for shapes in product(*either):
        given = [
            one if one is None or shape is None else replace(one, kind=Kind(one.kind.dtype, shape))
            for one, shape in zip(values, shapes, strict=True)
        ]
        try:
            accepted.append((given, infer(given)))
        except ArtefactError as error:
            refusal = refusal or error
    if not accepted:
        assert refusal is not None
        raise refusal
    kept = [
        one if one is None else replace(one, kind=joined([given[k].kind for given, _ in accepted]))  # type: ignore[union-attr]
        for k, one in enumerate(values)
    ]
    return kept, [joined(kinds) for kinds in zip(*(kinds for _, kinds in accepted), strict=True)]


def guarded(scope: Scope, before: Values, after: Values) -> list[Value | None]:
    """The values, those of which a node settles the rank behind a node that refuses any other when it runs.

    A core operator may take more ranks than the one of ONNX that stands for it.
    """
    guards: list[Value | None] = []
    for one, now in zip(before, after, strict=True):
        if one is None or now is None or not one.kind.either or now.kind.shape is None or one.tensor is None:
            guards.append(now)
            continue
        (tensor,) = scope.builder.emit(
            "reshape",
            [one.tensor],
            hint=f"{one.tensor}.of_rank",
            dtype=now.kind.dtype,
            shape=(0,) * len(now.kind.shape),
        )
        guards.append(replace(now, tensor=tensor))
    return guards


def open_places(values: Values) -> list[int]:
    """The inputs of which several shapes are possible."""
    return [place for place, one in enumerate(values) if one is not None and one.kind.either]


def asked(op: Op, translate: Callable[[Op], None]) -> int | None:
    """The input whose number of axes the translator asks for though several are possible; None if it asks for none.

    Tried in a scope of its own, of which nothing is kept.
    """
    scope = op.scope.within(op.outputs)
    values = [
        scope.lookup(name, op.where) if name and one is not None else None
        for name, one in zip(op.node.input, op.values, strict=True)
    ]
    values = [
        one if one is None or given is None else replace(one, kind=given.kind)
        for one, given in zip(values, op.values, strict=True)
    ]
    trial = Op(scope, op.node, op.version, values, op.kinds, dict(op.attributes), op.where)
    try:
        trial.translated(translate)
    except Undecided as error:
        return error.place
    except (ArtefactError, Declined):
        return None  # which the translation proper says
    return None


def by_rank(op: Op, place: int, translate: Callable[[Scope, Any, str], None]) -> None:
    """The node once for each shape that an input may have; which of them runs is found when the graph runs.

    Raises the `ArtefactError` of the first shape if the node is readable with none.
    """
    kind = op.kind(place)
    read: list[tuple[Kind, Inner]] = []
    refusal: ArtefactError | None = None
    for one in (Kind(kind.dtype, kind.either[0]), joined([Kind(kind.dtype, n) for n in kind.either[1:]])):
        try:
            read.append((one, _read(op, place, one, translate)))
        except ArtefactError as error:
            refusal = refusal or error
    if not read:
        assert refusal is not None
        raise refusal
    if len(read) == 1:
        value = replace(op.value(place), kind=read[0][0])
        scope = op.scope.within(inline=True)
        scope.values[op.node.input[place]] = value
        translate(scope, op.node, op.where)
        for k, name in enumerate(op.outputs):
            if name:
                op.pass_on(scope.values[name], k)
        return
    rank = op.temp("shape", [op.temp("shape", [op.input(place)], dtype="int64")], dtype="int64")
    wanted = op.constant(np.array([len(kind.either[0])]), "rank")
    predicate = op.temp("equal", [rank, wanted], dtype="bool")
    chosen(op, predicate, [inner for _, inner in read], [k for k, name in enumerate(op.outputs) if name])


def _read(op: Op, place: int, kind: Kind, translate: Callable[[Scope, Any, str], None]) -> Inner:
    scope = op.scope.within(op.outputs)
    for name, given in zip(op.node.input, op.values, strict=True):
        if name and given is not None:
            scope.values[name] = replace(scope.lookup(name, op.where), kind=given.kind)
    name = op.node.input[place]
    scope.values[name] = replace(scope.values[name], kind=kind)
    translate(scope, op.node, op.where)
    return Inner(scope, op.where, [one for one in op.outputs if one])
