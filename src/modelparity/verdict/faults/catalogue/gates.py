"""Gates of recurrent layers: in another order, of another meaning, or with another bias."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from functools import partial
from itertools import permutations

import numpy as np

from ....formats.gates import ordered
from ....graph import Array
from ..edit import ArrayChange
from ..fault import Group, by_format
from ..making import NodeFault, Way, with_array, with_arrays, with_attrs
from ..view import At, facts

GROUP = Group("gates", "Gates of recurrent layers", 10)
#: Arrays that hold gates side by side along their last axis.
SIDE_BY_SIDE = ("weight", "recurrent", "bias", "recurrent_bias")


def taken_as(gates: str, order: str) -> str:
    """How a sentence and a variant say that gates lie in another order."""
    moved = [letter for letter, other in zip(gates, order, strict=True) if letter != other]
    return " and ".join(sorted(moved)) if len(moved) == 2 else f"{' '.join(gates)} as {' '.join(order)}"


#: Orders that come of reading one framework's for another's, by the number of gates.
LIKELY = {3: ("zrn", "rnz", "znr", "nrz"), 4: ("ifgo", "iofg", "igof", "igfo", "iogf")}


def orders(gates: str) -> list[str]:
    """Every other order of these gates: those that frameworks confuse, then those that move fewest."""
    likely = LIKELY.get(len(gates), ())
    found = [order for letters in permutations(gates) if (order := "".join(letters)) not in (*likely, gates)]
    return [*likely, *sorted(found, key=lambda order: sum(a != b for a, b in zip(gates, order, strict=True)))]


def _reordered(gates: str, order: str) -> ArrayChange:
    return partial(_in_order, gates, order)


def _in_order(gates: str, order: str, array: Array) -> Array:
    return ordered(array, gates, order, axis=-1)


class _GatesPermuted(NodeFault):
    group = GROUP

    def ways(self, at: At) -> Iterator[Way]:
        gates = facts(at.node).gates
        if at.array("weight") is None or at.array("recurrent") is None:
            return
        for order in orders(gates):
            edit = with_arrays(at, dict.fromkeys(SIDE_BY_SIDE, _reordered(gates, order)))
            said = taken_as(gates, order)
            how = f"gates {said} of {at.name} are swapped" if " as " not in said else ""
            yield Way(said, how or f"gates {said.replace(' as ', f' of {at.name} are taken as ')}", edit)


class LstmGatesPermuted(_GatesPermuted):
    id = "lstm-gates-permuted"
    ops = ("lstm", "projected_lstm")
    where = "LSTM layers, with all of their weights and biases alike: each of the 23 other orders"
    text = "The gates of an LSTM are read in another order than they were written."
    happens = (
        "Every framework stacks the four gates in its own order: PyTorch, Keras and RTNeural i f g o, "
        "ONNX i o f g, "
        "Core ML i f o g, TensorFlow 1 i g f o. A port that copies the matrices as they are mixes them "
        "up; nothing "
        "in the shapes shows it."
    )
    repair = "Split the weights into four blocks and stack them in the order that the target names."
    repairs = by_format(
        onnx="In the LSTM's inputs W, R and B stack the blocks in the order i, o, f, c.",
        rtneural=(
            "In the layer's \"weights\" let the columns be i, f, c, o, as Keras has them: PyTorch's i, "
            "f, g, o "
            "transposed, with no block moved."
        ),
        coreml="NeuralNetwork has a field a gate; in an ML Program stack the rows i, f, o, z.",
        torch="In weight_ih_l*, weight_hh_l* and both biases stack the rows i, f, g, o.",
    )


class GruGatesSwapped(_GatesPermuted):
    id = "gru-gates-swapped"
    ops = ("gru",)
    where = "GRU layers, with all of their weights and biases alike: each of the 5 other orders"
    text = "The gates of a GRU are read in another order than they were written."
    happens = (
        "PyTorch stacks r z n; Keras, ONNX and RTNeural z r h; a Core ML program r o z. A port that "
        "copies the matrices "
        "as they are swaps reset and update; nothing in the shapes shows it."
    )
    repair = "Split the weights into three blocks and stack them in the order that the target names."
    repairs = by_format(
        onnx="In the GRU's inputs W, R and B stack the blocks in the order z, r, h.",
        rtneural=(
            'In the layer\'s "weights" let the columns be z, r, c: swap the first two blocks of '
            "PyTorch's r, z, n."
        ),
        coreml="NeuralNetwork has a field a gate; in an ML Program stack the rows r, o, z.",
        torch="In weight_ih_l*, weight_hh_l* and both biases stack the rows r, z, n.",
    )


class GatesOfOneArrayPermuted(NodeFault):
    id = "gates-of-one-array-permuted"
    group = GROUP
    ops = ("lstm", "projected_lstm", "gru")
    where = "one of input weights, recurrent weights and biases of LSTM and GRU layers"
    text = "One array of a recurrent layer has its gates in another order than the others have."
    happens = (
        "The matrices were brought into the target's order and the biases forgotten, or the other way round."
    )
    repair = "Bring every array of the layer into one order: input weights, recurrent weights and each bias."

    def ways(self, at: At) -> Iterator[Way]:
        gates = facts(at.node).gates
        for parameter in reversed(SIDE_BY_SIDE):  # biases are what is forgotten
            if at.array(parameter) is None:
                continue
            for order in orders(gates):
                said = taken_as(gates, order)
                yield Way(
                    f"{parameter}: {said}",
                    f"gates {said} of {at.name} are mixed up in its {parameter} alone",
                    with_array(at, parameter, _reordered(gates, order)),
                )


class UpdateComplemented(NodeFault):
    id = "gru-update-complemented"
    group = GROUP
    ops = ("gru",)
    where = "GRU layers"
    text = (
        "The update gate of a GRU takes the new state where it should keep the old one, and the other "
        "way round."
    )
    happens = (
        "Cho's paper and madmom write h = z n + (1 - z) h'; PyTorch, Keras, ONNX, RTNeural and Core ML write "
        "h = (1 - z) n + z h'. A port that keeps the weights of z as they are exchanges the two."
    )
    repair = "Negate the update gate's weights and biases: 1 - sigmoid(a) = sigmoid(-a)."

    def ways(self, at: At) -> Iterator[Way]:
        other = {"keeps": "replaces", "replaces": "keeps"}[at.attrs["update"]]
        yield Way("", f"the update gate of {at.name} {other} the state", with_attrs(at, update=other))


class ResetBeforeOrAfter(NodeFault):
    id = "gru-reset-before-or-after"
    group = GROUP
    ops = ("gru",)
    where = "GRU layers"
    text = (
        "The reset gate of a GRU is applied to the state before the product instead of after it, or the "
        "reverse."
    )
    happens = (
        "PyTorch and RTNeural (and Keras with reset_after=True) compute r * (R h + b), Cho's paper, "
        "Keras with "
        "reset_after=False and Core ML's NeuralNetwork compute R (r * h). ONNX knows both and takes the "
        "latter by default."
    )
    repair = (
        "Ask for the form that the layer was trained with; where the target has only the other, write "
        "the cell out."
    )
    repairs = by_format(
        onnx="Set the GRU's attribute linear_before_reset to 1 for PyTorch's form, to 0 for the other.",
        coreml="NeuralNetwork's GRU resets before the product: build the other form from plain operators.",
        keras="Set reset_after=True for PyTorch's form.",
    )

    def ways(self, at: At) -> Iterator[Way]:
        other = {"after": "before", "before": "after"}[at.attrs["reset"]]
        yield Way(other, f"{at.name} applies its reset gate {other} the product", with_attrs(at, reset=other))


class ForgetBias(NodeFault):
    id = "lstm-forget-bias"
    group = GROUP
    ops = ("lstm", "projected_lstm")
    where = "LSTM layers with a bias"
    text = "The forget gate's bias has one too much or one too little."
    happens = (
        "TensorFlow's LSTM cells add forget_bias = 1.0 when they run, so that it is not in the file; "
        "other frameworks "
        "expect it in the bias. It is left out, or added although it was there."
    )
    repair = "Add the cell's forget_bias to the forget gate's part of the bias, once."

    def ways(self, at: At) -> Iterator[Way]:
        if at.array("bias") is None:
            return
        gates = facts(at.node).gates
        for by, how in ((-1.0, "left out"), (1.0, "added twice")):
            change = partial(_moved, gates, "f", by)
            yield Way(how, f"1.0 is {how} in the forget bias of {at.name}", with_array(at, "bias", change))


def _moved(gates: str, gate: str, by: float, array: Array) -> Array:
    parts = np.zeros(len(gates))
    parts[gates.index(gate)] = by
    return array + np.repeat(parts, array.shape[-1] // len(gates))


class GatesCoupled(NodeFault):
    id = "lstm-gates-coupled"
    group = GROUP
    ops = ("lstm",)
    where = "LSTM layers"
    text = "The forget gate is 1 - input gate although the layer has one of its own, or the other way round."
    happens = (
        "ONNX's attribute input_forget is set, lost, or ignored by the engine (onnx's own reference does)."
    )
    repair = "Set the attribute as the layer was trained."
    repairs = by_format(
        onnx=(
            "Set the LSTM's attribute input_forget as the layer was trained: 0 unless it has a coupled gate."
        )
    )

    def ways(self, at: At) -> Iterator[Way]:
        now = bool(at.attrs["coupled"])
        said = "a forget gate of its own" if now else "input and forget gate coupled"
        yield Way("", f"{at.name} has {said}", with_attrs(at, coupled=not now))


class _Clipped(NodeFault):
    group = GROUP
    ops = ("lstm", "gru", "rnn")

    @abstractmethod
    def limit(self, at: At) -> float | None:
        """The other limit."""

    def ways(self, at: At) -> Iterator[Way]:
        limit = self.limit(at)
        if limit != at.attrs["clip"]:
            said = "does not limit" if limit is None else f"limits to {limit:g}"
            yield Way("", f"{at.name} {said} what enters its gates", with_attrs(at, clip=limit))


class ClipDropped(_Clipped):
    id = "recurrent-clip-dropped"
    where = "recurrent layers that limit what enters their gates"
    text = "What enters the gates of a recurrent layer is not limited although it was in training."
    happens = (
        "ONNX's attribute clip and TensorFlow's cell_clip have no counterpart in most targets, and get lost."
    )
    repair = "Put the limit into the layer, or write the cell out with a clip before each gate."
    repairs = by_format(onnx="Set the layer's attribute clip to the limit that it was trained with.")

    def limit(self, at: At) -> float | None:
        return None


class ClipAdded(_Clipped):
    id = "recurrent-clip-added"
    where = "recurrent layers without a limit"
    text = "What enters the gates of a recurrent layer is limited to 3 although it was not in training."
    happens = (
        "An exporter writes a clip that the layer never had (a default of another cell of the framework)."
    )
    repair = "Take the limit out of the layer."
    repairs = by_format(onnx="Remove the layer's attribute clip.")

    def limit(self, at: At) -> float | None:
        return 3.0 if at.attrs["clip"] is None else at.attrs["clip"]
