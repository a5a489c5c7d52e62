"""Branches, loops and copies."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..control import SIDES, read_branch, read_loop, truth
from ..layer import Layer
from ..registry import layer


@layer("copy")
def copy(layer: Layer) -> None:
    """The input under another name, which may be taken: it is then written over."""
    layer.count(1)
    layer.give(layer.emit("identity", layer.x))


@layer("loopBreak", "loopContinue")
def leave(layer: Layer) -> None:
    """End the loop, or this turn of it."""
    layer.count(0, 0)
    turn = layer.scope.turn
    if turn is None:
        raise layer.error("there is no loop around it", found="no loop", expected="a loop to leave")
    turn.ended = True
    if layer.kind == "loopBreak":
        turn.broken = layer.const(np.bool_(True), "broken")


@layer("branch")
def branch(layer: Layer) -> None:
    """One of two networks."""
    layer.count(1, 0)
    message = layer.p.message
    if not message.HasField("ifBranch"):
        raise layer.error("the branch has no ifBranch")
    sides = [getattr(message, side) for side in SIDES]
    _bare(layer, *sides)
    read_branch(layer, truth(layer.scope, layer.x, layer.where), [list(side.layers) for side in sides])


@layer("loop")
def loop(layer: Layer) -> None:
    """A network repeated: so often, or as long as another network says so, or both."""
    layer.count((0, 1), 0)
    message = layer.p.message
    condition = bool(message.conditionNetwork.layers)  # coremltools adds an empty one where there is none
    if not message.HasField("bodyNetwork"):
        raise layer.error("the loop has no bodyNetwork", found="none", expected="a bodyNetwork")
    if condition != bool(message.conditionVar):
        found = message.conditionVar or "no conditionVar"
        raise layer.error("conditionNetwork and conditionVar go together", found=found)
    _bare(layer, message.bodyNetwork, message.conditionNetwork)
    most = ""
    if layer.inputs:
        most = layer.emit("reshape", layer.x, shape=(), rank=0)
    elif message.maxLoopIterations or not condition:
        most = layer.const(np.float32(message.maxLoopIterations), "most")
    ask, body = list(message.conditionNetwork.layers), list(message.bodyNetwork.layers)
    read_loop(layer, body, ask, message.conditionVar, most)


def _bare(layer: Layer, *networks: Any) -> None:
    """Networks inside layers have nothing but layers."""
    for network in networks:
        if network.preprocessing:
            raise layer.error("a network inside a layer has preprocessing")
