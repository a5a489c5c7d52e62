"""Recurrent layers: peepholes, initial and final states, directions, states from call to call."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from ....formats.gates import PEEPHOLES
from ....graph import Array, Node
from ..edit import ArrayChange, Edit
from ..fault import Group, by_format
from ..making import (
    NodeFault,
    Way,
    exchanged,
    with_array,
    with_attrs,
    without,
)
from ..view import At
from .gates import taken_as

GROUP = Group("recurrence", "States, directions and peepholes of recurrent layers", 30)
LAYERS = ("lstm", "gru", "rnn", "projected_lstm")


class PeepholesDropped(NodeFault):
    id = "peepholes-dropped"
    group = GROUP
    ops = ("lstm",)
    where = "LSTM layers with peepholes"
    text = "An LSTM has lost its peepholes."
    happens = (
        "PyTorch, Keras and RTNeural have none, ONNX's converters leave input P out, and Apple's older "
        "runtime crashes on them."
    )
    repair = (
        "Give the layer its peepholes, or write the cell out of plain operators where the target has none."
    )
    repairs = by_format(
        onnx="Give the LSTM node its input P, the peepholes in the order i, o, f.",
        coreml=(
            "Write the cell as plain operators of an ML Program: Apple's older runtime crashes on peepholes."
        ),
        rtneural="RTNeural has no peepholes: such a network needs code of its own.",
    )

    def ways(self, at: At) -> Iterator[Way]:
        peephole = at.array("peephole")
        if peephole is not None and np.any(peephole):
            yield Way("", f"{at.name} has lost its peepholes", without(at, "peephole"))


class PeepholesPermuted(NodeFault):
    id = "peepholes-permuted"
    group = GROUP
    ops = ("lstm",)
    where = "LSTM layers with peepholes: each of the 5 other orders"
    text = "The peepholes of an LSTM stand at the wrong gates."
    happens = (
        "ONNX orders them i o f, madmom and Core ML i f o; and there are three of them beside four gates."
    )
    repair = "Bring the three rows into the order that the target names."
    repairs = by_format(
        onnx="In input P stack the peepholes in the order i, o, f.",
        coreml="The peephole's parts are i, f, o.",
    )

    def ways(self, at: At) -> Iterator[Way]:
        if at.array("peephole") is None:
            return
        for order in ("iof", "fio", "ofi", "foi", "oif"):
            taken = [PEEPHOLES.index(letter) for letter in order]
            said = taken_as(PEEPHOLES, order)
            yield Way(
                said, f"peepholes {said} of {at.name} are mixed up", with_array(at, "peephole", _rows(taken))
            )


def _rows(taken: list[int]) -> ArrayChange:
    return lambda array: array[:, taken]


class PeepholeOfOldCell(NodeFault):
    id = "peephole-of-old-cell"
    group = GROUP
    ops = ("lstm",)
    where = "LSTM layers with peepholes"
    text = (
        "The output gate looks at the cell state before the step instead of after it, or the other way round."
    )
    happens = (
        "All three peepholes are added at once, before the new cell state is there; Gers and "
        "Schmidhuber's output gate sees the new one."
    )
    repair = "Let the output gate see the new cell state."

    def ways(self, at: At) -> Iterator[Way]:
        if at.array("peephole") is not None:
            other = "old" if at.attrs["output_peephole"] == "new" else "new"
            yield Way(
                other,
                f"the output gate of {at.name} sees the {other} cell state",
                with_attrs(at, output_peephole=other),
            )


class InitialStateDropped(NodeFault):
    id = "initial-state-dropped"
    group = GROUP
    ops = LAYERS
    where = (
        "recurrent layers with an initial state other than zeros: all of it, h, c, or that of one direction"
    )
    text = "A recurrent layer starts from zeros instead of from its initial state."
    happens = (
        "madmom and Lasagne learn initial states; PyTorch, Keras and RTNeural keep none in their layers, "
        "and exporters leave them out."
    )
    repair = "Give the layer its initial state as a constant input."
    repairs = by_format(
        onnx="Give the node initial_h (and initial_c) as initializers.",
        torch="Register the state as a buffer and pass it: self.rnn(x, h0).",
        coreml=(
            "Keep it in the file as a constant; a NeuralNetwork layer has no field for it and needs it "
            "as an input."
        ),
        rtneural=(
            "RTNeural starts from zeros: run the layer with what brings it into that state, or set it in "
            "code."
        ),
    )

    def ways(self, at: At) -> Iterator[Way]:
        found = [one for one in ("h0", "c0") if one in at.tensors and _matters(at.array(one))]
        if len(found) > 1:
            yield Way("both", f"{at.name} has lost its initial states", without(at, *found))
        for one in found:
            yield Way(one, f"{at.name} has lost its initial state {one}", without(at, one))
        for one in found:
            array = at.array(one)
            for side in range(0 if array is None or len(array) == 1 else len(array)):
                words = f"of direction {side}"
                yield Way(
                    f"{one} {words}",
                    f"{at.name} has lost its initial state {one} {words}",
                    with_array(at, one, _zeroed(side)),
                )


def _matters(array: Array | None) -> bool:
    return array is None or bool(np.any(array))


def _zeroed(side: int) -> ArrayChange:
    def change(array: Array) -> Array:
        made = array.copy()
        made[side] = 0
        return made

    return change


class InitialStatesSwapped(NodeFault):
    id = "initial-states-swapped"
    group = GROUP
    ops = ("lstm", "projected_lstm")
    where = "LSTM layers with both initial states, of one width"
    text = "The initial hidden state and cell state of an LSTM have changed places."
    happens = "PyTorch passes (h, c), Keras [h, c], TensorFlow 1 (c, h)."
    repair = "Exchange the two."

    def ways(self, at: At) -> Iterator[Way]:
        if "h0" in at.tensors and "c0" in at.tensors and at.tensors["h0"] != at.tensors["c0"]:
            h, c = at.array("h0"), at.array("c0")
            if h is None or c is None or (h.shape == c.shape and not np.array_equal(h, c)):
                yield Way("", f"{at.name} takes its initial h for c", exchanged(at, "h0", "c0"))


class FinalStatesSwapped(NodeFault):
    id = "final-states-swapped"
    group = GROUP
    ops = ("lstm", "projected_lstm")
    where = "LSTM layers whose last states are used"
    text = "The last hidden state and cell state of an LSTM have changed places."
    happens = "PyTorch returns (h, c), TensorFlow 1 (c, h); a port unpacks them the other way round."
    repair = "Exchange the two."

    def ways(self, at: At) -> Iterator[Way]:
        used = {name for name in at.node.outputs[1:] if at.view.users.get(name) or name in at.view.outputs}
        if used and len(at.node.outputs) == 3:

            def change(node: Node) -> tuple[Node, ...]:
                y, h, c = node.outputs
                return (replace(node, outputs=(y, c, h)),)

            yield Way("", f"{at.name} gives its last h for c", Edit({at.key: change}))


class ProjectionDropped(NodeFault):
    id = "projection-dropped"
    group = GROUP
    ops = ("projected_lstm",)
    where = "LSTM layers with a projection"
    text = "The projection of an LSTM's output is lost: its first units are taken as they are."
    happens = (
        "proj_size and num_proj have no counterpart in ONNX, Core ML or RTNeural, and weight_hr_l* is "
        "skipped."
    )
    repair = "Write the projection out: a matrix product behind each step, fed back as the hidden state."

    def ways(self, at: At) -> Iterator[Way]:
        if at.array("projection") is not None:
            edit = with_array(
                at, "projection", lambda array: np.broadcast_to(np.eye(*array.shape[1:]), array.shape)
            )
            yield Way("", f"{at.name} has lost its projection", edit)
