"""States of recurrent layers from block to block, and those that a network takes and gives."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import pairwise

import numpy as np

from ....graph import Graph, Node
from ..edit import Edit
from ..fault import Application, Fault, by_format
from ..making import (
    NodeFault,
    Way,
    Written,
    crossed,
    on_input,
    on_output,
)
from ..view import At, view
from .recurrence import GROUP, LAYERS

#: Frames after which a state is forgotten.
BLOCKS = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512)


class StateResetEachBlock(NodeFault):
    id = "state-reset-each-block"
    group = GROUP
    ops = LAYERS
    where = "recurrent layers over (time, feature): each of 1 to 512 frames a block"
    text = "A recurrent layer forgets its state after every block of frames."
    happens = (
        "Audio is run in blocks, and the state is not handed from one call to the next, or reset() is "
        "called before each."
    )
    repair = "Hand the state on: give each call the last states of the one before."
    repairs = by_format(
        onnx="Make the states inputs and outputs of the model, and feed outputs back.",
        coreml="Use a state (iOS 18) or feed the state outputs back into the state inputs.",
        rtneural="Call reset() once, before the first frame.",
        keras="Use stateful=True, or return_state and initial_state.",
    )

    def ways(self, at: At) -> Iterator[Way]:
        recurrent = at.array("projection" if "projection" in at.tensors else "recurrent")
        later = [n for n in at.node.outputs[1:] if at.view.users.get(n) or n in at.view.outputs]
        if at.rank(at.node.inputs[0]) != 2 or recurrent is None or later:
            return
        hidden = recurrent.shape[-1] if "projection" in at.tensors else recurrent.shape[-2]
        width = hidden * (2 if at.attrs["direction"] == "bidirectional" else 1)
        for size in BLOCKS:
            said = "each frame" if size == 1 else f"each block of {size} frames"
            yield Way(
                f"{size}", f"{at.name} forgets its state after {said}", _in_blocks(at, self.id, size, width)
            )


def _in_blocks(at: At, fault: str, size: int, width: int) -> Edit:
    """The layer over blocks side by side, as if they were a batch."""
    w = Written(f"{at.key}~{fault}.for")
    x = at.tensors["x"]
    blocks = w(
        "sliding_windows", w("pad", x, before=(0, 0), after=(size - 1, 0)), axis=0, size=size, stride=size
    )
    turned = w("transpose", blocks, axes=(1, 0, 2))
    before = tuple(w.nodes)
    raw = f"{w.prefix}.raw"
    then = Written(f"{w.prefix}.then")
    flat = then("reshape", then("transpose", raw, axes=(1, 0, 2)), shape=(-1, width))
    frames = then("gather", then("shape", x), then.constant(np.array([0])), axis=0)
    whole = then("concat", frames, then.constant(np.array([width])), axis=0)
    result = then("slice_by_size", flat, then.constant(np.array([0, 0])), whole)

    def change(node: Node) -> tuple[Node, ...]:
        inputs = tuple(turned if name == x else name for name in node.inputs)
        layer = replace(node, inputs=inputs, outputs=(raw, *(f"{name}~{fault}" for name in node.outputs[1:])))
        return (*before, layer, *then.ending(result, node.outputs[0]))

    return Edit({at.key: change}, {**w.arrays, **then.arrays})


class _StateFault(Fault):
    group = GROUP
    where = "networks that take states as inputs and give the next ones as outputs"


class StateIgnored(_StateFault):
    id = "state-input-ignored"
    text = "A state that is given is not read: every call starts from zeros."
    happens = "The state input was left unconnected, or the runtime's caller does not feed the outputs back."
    repair = "Connect the state input to the layer's initial state."

    def applications(self, graph: Graph) -> Iterator[Application]:
        for name in graph.states:
            users = tuple(node.name for node in view(graph).users.get(name, []))
            if users:
                edit = on_input(graph, name, self.id, lambda w, x: w("fill_like", x))
                yield Application(self.id, users, name, f"the state {name!r} is not read", graph, edit)


class StateNotWritten(_StateFault):
    id = "state-not-written"
    text = "The next state that is given is the old one."
    happens = "The output was tapped before the layer, or the caller copies the input."
    repair = "Give the layer's last state as the output."

    def applications(self, graph: Graph) -> Iterator[Application]:
        for taken, given in graph.states.items():
            edit = on_output(graph, given, self.id, _identity(taken))
            if edit is not None:
                text = f"the state {given!r} is the old {taken!r}"
                yield Application(self.id, (view(graph).makers[given].name,), given, text, graph, edit)


class StatesCrossed(_StateFault):
    id = "states-crossed"
    text = "Two of the next states have changed places."
    happens = "States are written by position, and h and c, or two layers, are listed in another order."
    repair = "Write each next state to the input that it belongs to."

    def applications(self, graph: Graph) -> Iterator[Application]:
        seen = view(graph)
        for one, other in pairwise(graph.states.values()):
            if one != other and one in seen.makers and other in seen.makers:
                yield Application(
                    self.id,
                    tuple(dict.fromkeys(seen.makers[name].name for name in (one, other))),
                    f"{one} and {other}",
                    f"the states {one!r} and {other!r} have changed places",
                    graph,
                    crossed(graph, one, other, self.id),
                )


def _identity(tensor: str) -> Callable[[Written, str], str]:
    return lambda w, x: w("identity", tensor)
