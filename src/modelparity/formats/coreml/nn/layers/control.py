"""Branches, loops and copies."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..control import SIDES, read_branch, read_loop, truth
from ..layer import Op
from ..registry import reads


@reads("copy")
def copy(op: Op) -> None:
    """The input under another name, which may be taken: it is then written over."""
    op.expects(1)
    op.give("identity", [op.input(0)])


@reads("loopBreak", "loopContinue")
def leave(op: Op) -> None:
    """End the loop, or this turn of it."""
    op.expects(0, 0)
    turn = op.scope.turn
    if turn is None:
        raise op.error("there is no loop around it", found="no loop", expected="a loop to leave")
    turn.ended = True
    if op.type == "loopBreak":
        turn.broken = op.constant(np.bool_(True), "broken")


@reads("branch")
def branch(op: Op) -> None:
    """One of two networks."""
    op.expects(1, 0)
    message = op.p.message
    if not message.HasField("ifBranch"):
        raise op.error("the branch has no ifBranch")
    sides = [getattr(message, side) for side in SIDES]
    _bare(op, *sides)
    read_branch(op, truth(op.scope, op.input(0), op.where), [list(side.layers) for side in sides])


@reads("loop")
def loop(op: Op) -> None:
    """A network repeated: so often, or as long as another network says so, or both."""
    op.expects((0, 1), 0)
    message = op.p.message
    condition = bool(message.conditionNetwork.layers)  # coremltools adds an empty one where there is none
    if not message.HasField("bodyNetwork"):
        raise op.error("the loop has no bodyNetwork", found="none", expected="a bodyNetwork")
    if condition != bool(message.conditionVar):
        found = message.conditionVar or "no conditionVar"
        raise op.error("conditionNetwork and conditionVar go together", found=found)
    _bare(op, message.bodyNetwork, message.conditionNetwork)
    most = ""
    if op.inputs():
        most = op.temp("reshape", [op.input(0)], shape=())
    elif message.maxLoopIterations or not condition:
        most = op.constant(np.float32(message.maxLoopIterations), "most")
    ask, body = list(message.conditionNetwork.layers), list(message.bodyNetwork.layers)
    read_loop(op, body, ask, message.conditionVar, most)


def _bare(op: Op, *networks: Any) -> None:
    """Networks inside layers have nothing but layers."""
    for network in networks:
        if network.preprocessing:
            raise op.error("a network inside a layer has preprocessing")
