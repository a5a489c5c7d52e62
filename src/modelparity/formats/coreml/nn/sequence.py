"""Layers one after the other: each found in the registry, read, and held to account for its fields."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ....errors import ArtefactError
from .layer import Op
from .registry import find
from .scope import A_LAYER, Scope

#: Layers may multiply where branches that leave a loop follow each other; beyond this, nobody meant it.
MOST_COPIES = 64
#: Networks within networks deeper than this are no networks.
DEEPEST = 24


def named(path: str, layers: Sequence[Any]) -> list[tuple[str, Any]]:
    """Layers, each with how it is called in origins and errors."""
    lead = f"{path}, " if path else ""
    return [
        (
            f"{lead}layer {index} ({message.WhichOneof('layer') or 'of unknown type'} {message.name!r})",
            message,
        )
        for index, message in enumerate(layers)
    ]


def read_block(scope: Scope, layers: Sequence[tuple[str, Any]]) -> None:
    """Read layers in order into the scope.

    In a loop, one that leaves it ends the block, and a branch that may leave it takes what is behind it along.
    Raises `ArtefactError` for a layer that is not understood in full.
    """
    turn = scope.turn
    for index, (where, message) in enumerate(layers):
        leaves = turn is not None and message.WhichOneof("layer") == "branch" and _may_leave(message.branch)
        if turn is not None:
            turn.rest = list(layers[index + 1 :]) if leaves else []
            turn.copies[0] += leaves
            if turn.copies[0] > MOST_COPIES:
                expected = f"at most {MOST_COPIES}"
                found = f"more than {MOST_COPIES}"
                raise ArtefactError(
                    "too many branches leave a loop", where=where, found=found, expected=expected
                )
        _read(scope, message, where)
        if leaves or (turn is not None and turn.ended):
            return


def _may_leave(branch: Any) -> bool:
    for side in (branch.ifBranch, branch.elseBranch):
        for one in side.layers:
            kind = one.WhichOneof("layer")
            if kind in ("loopBreak", "loopContinue") or (kind == "branch" and _may_leave(one.branch)):
                return True
    return False


def _read(scope: Scope, message: Any, where: str) -> None:
    kind = message.WhichOneof("layer")
    scope.budget[0] -= 1
    if scope.budget[0] < 0:
        raise ArtefactError(
            "branches and loops multiply the network without end",
            where=where,
            found="too many readings",
            expected=f"about {A_LAYER} a layer",
            fix="fewer branches that leave a loop, or loops within loops",
        )
    if kind is None:
        raise ArtefactError(
            "the layer has no type that is known",
            where=where,
            found="none",
            expected="one of the layer types",
            fix="it may come from a newer Core ML: update coremltools and modelparity",
        )
    if where.count(" / ") > DEEPEST:
        raise ArtefactError(
            "networks are nested too deeply",
            where=where,
            found=where.count(" / "),
            expected=f"at most {DEEPEST}",
        )
    translate = find(kind, where)
    Op(scope, message, where).translated(translate)
