"""Weights: transposed, in another order, of another layer, lost, or never loaded."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np

from ....formats.gates import ordered
from ....graph import Array
from ..fault import Group, by_format
from ..making import NodeFault, Way, with_array
from ..view import At, facts

GROUP = Group("weights", "Weights", 35)
LINEAR = ("dense", "matmul")
KERNELS = ("conv", "conv_transpose")
RECURRENT = ("lstm", "gru", "rnn", "projected_lstm")
#: Parameters that hold weights, not biases.
MATRICES = (
    "weight",
    "recurrent",
    "projection",
    "in_weight",
    "out_weight",
    "ff1_weight",
    "ff2_weight",
    "y",
    "x",
    "table",
)


def matrices(at: At) -> Iterator[tuple[str, Array]]:
    """(parameter, array) of its constant weights of two axes or more."""
    for parameter in MATRICES:
        array = at.array(parameter)
        if array is not None and array.ndim >= 2 and array.dtype.kind == "f":
            yield parameter, array


class WeightsTransposed(NodeFault):
    id = "weights-transposed"
    group = GROUP
    ops = (*LINEAR, *RECURRENT, "multi_head_attention", "transformer_encoder_layer", "embedding")
    where = "square matrices of linear, recurrent and attention layers (recurrent ones gate by gate)"
    text = "A square matrix is transposed."
    happens = (
        "PyTorch keeps (out, in), Keras, RTNeural and madmom (in, out): where both are alike no shape "
        "shows that a matrix was not turned."
    )
    repair = "Transpose the matrix."
    repairs = by_format(
        onnx="Set Gemm's attribute transB to 1 for PyTorch's (out, in); MatMul takes (in, out).",
        rtneural='"weights" are [in][out]: write weight.T of PyTorch\'s.',
        torch="nn.Linear.weight is (out, in): copy the transposed Keras kernel.",
        keras="A kernel is (in, out): copy the transposed nn.Linear.weight.",
        coreml="innerProduct's weights are (out, in); linear's in an ML Program too.",
    )

    def ways(self, at: At) -> Iterator[Way]:
        for parameter, array in matrices(at):
            blocks = len(facts(at.node).gates) if at.node.op in RECURRENT else _blocks(parameter)
            rows, columns = array.shape[-2:]
            if rows == columns > 1 and blocks > 1:
                yield Way(
                    f"whole {parameter}",
                    f"{parameter} of {at.name} is transposed with all its gates at once",
                    with_array(at, parameter, partial(_turned_in, facts(at.node).gates)),
                )
            if rows * blocks != columns or columns == 1:
                continue
            change = partial(_turned, blocks)
            if not np.array_equal(change(array), array):
                yield Way(
                    parameter, f"{parameter} of {at.name} is transposed", with_array(at, parameter, change)
                )


#: The order in which gates lie in a matrix that is turned as a whole: that of Keras and RTNeural.
STACKED = {3: "zrn", 4: "ifgo"}


def _turned_in(gates: str, array: Array) -> Array:
    """Transposed in the order in which the gates lay in the file."""
    if len(gates) not in STACKED:
        return np.swapaxes(array, -1, -2)
    theirs = STACKED[len(gates)]
    turned = np.swapaxes(ordered(array, gates, theirs, axis=-1), -1, -2)
    return ordered(turned, theirs, gates, axis=-1)


def _blocks(parameter: str) -> int:
    return 3 if parameter == "in_weight" else 1


def _turned(blocks: int, array: Array) -> Array:
    return np.concatenate([np.swapaxes(part, -1, -2) for part in np.split(array, blocks, axis=-1)], axis=-1)


class WeightsInOtherOrder(NodeFault):
    id = "weights-read-in-other-order"
    group = GROUP
    ops = (*LINEAR, *KERNELS, *RECURRENT, "multi_head_attention", "embedding")
    where = "weights of two axes or more"
    text = "The elements of a weight are read in another order of axes, into the shape that was expected."
    happens = (
        "A flat list or a buffer is reshaped where it should be transposed: reshape(in, out) of (out, "
        "in), or Fortran order for C."
    )
    repair = "Read the array in the shape in which it was written, then transpose it."
    repairs = by_format(
        coreml=(
            "The weights' order is that of the layer's documentation in NeuralNetwork.proto: transpose "
            "before you flatten."
        )
    )

    def ways(self, at: At) -> Iterator[Way]:
        for parameter, array in matrices(at):
            if min(array.shape[-2:]) < 2 and array.ndim < 3:
                continue
            if not np.array_equal(_reread(array), array):
                yield Way(
                    parameter,
                    f"{parameter} of {at.name} is read in the reverse order of its axes",
                    with_array(at, parameter, _reread),
                )
            if array.ndim > 2:
                yield Way(
                    f"{parameter} channels first",
                    f"{parameter} of {at.name} is read as if its channels came first",
                    with_array(at, parameter, _channels_first),
                )
                yield Way(
                    f"{parameter} channels last",
                    f"{parameter} of {at.name} is read as if its channels came last",
                    with_array(at, parameter, _channels_last),
                )


def _reread(array: Array) -> Array:
    return np.ascontiguousarray(array.T).reshape(array.shape)


def _channels_first(array: Array) -> Array:
    """As if the buffer, written (out, in, k...), had been reshaped to (k..., in, out)."""
    order = (array.ndim - 1, array.ndim - 2, *range(array.ndim - 2))
    return np.ascontiguousarray(array.transpose(order)).reshape(array.shape)


def _channels_last(array: Array) -> Array:
    """As if the buffer, written (k..., in, out), had been reshaped to (out, in, k...)."""
    shape = (array.shape[-1], array.shape[-2], *array.shape[:-2])
    made = array.reshape(shape)
    return np.ascontiguousarray(made.transpose((*range(2, array.ndim), 1, 0)))


class InAndOutSwapped(NodeFault):
    id = "kernel-in-and-out-swapped"
    group = GROUP
    ops = KERNELS
    where = "convolutions with as many input as output channels (a group)"
    text = "Input and output channels of a kernel have changed places."
    happens = (
        "Transposed convolutions keep (in, out, k) in PyTorch where convolutions keep (out, in, k); "
        "Keras has (k, out, in)."
    )
    repair = "Transpose the two channel axes of the kernel."

    def ways(self, at: At) -> Iterator[Way]:
        weight = at.array("weight")
        if weight is None:
            return
        groups, (into, out) = at.attrs["groups"], weight.shape[-2:]
        if out % groups == 0 and out // groups == into and into > 1:
            yield Way(
                "",
                f"input and output channels of {at.name} have changed places",
                with_array(at, "weight", partial(_crossed, groups)),
            )


def _crossed(groups: int, array: Array) -> Array:
    return np.concatenate([np.swapaxes(part, -1, -2) for part in np.split(array, groups, axis=-1)], axis=-1)


class KernelFlipped(NodeFault):
    id = "kernel-flipped"
    group = GROUP
    ops = KERNELS
    where = "convolutions with a kernel of more than one element, along all axes or one"
    text = "A kernel is reversed: convolution for cross-correlation, or the other way round."
    happens = (
        "Theano, Lasagne, madmom and scipy flip the kernel, PyTorch, Keras, ONNX and Core ML do not; "
        "RTNeural flips when it loads."
    )
    repair = "Reverse the kernel along its spatial axes."
    repairs = by_format(
        rtneural="Write the kernel as Keras has it: the loader flips it.",
        madmom="madmom flips: write kernel[::-1, ::-1] for the others.",
    )

    def ways(self, at: At) -> Iterator[Way]:
        weight = at.array("weight")
        if weight is None:
            return
        spatial = [axis for axis in range(weight.ndim - 2) if weight.shape[axis] > 1]
        every = [tuple(spatial)] if len(spatial) > 1 else []
        for axes in (*every, *((axis,) for axis in spatial)):
            said = "all axes" if len(axes) > 1 else f"axis {axes[0]}"
            if not np.array_equal(np.flip(weight, axes), weight):
                yield Way(
                    said,
                    f"the kernel of {at.name} is reversed along {said}",
                    with_array(at, "weight", partial(np.flip, axis=axes)),
                )


class KernelAxesSwapped(NodeFault):
    id = "kernel-axes-swapped"
    group = GROUP
    ops = KERNELS
    where = "convolutions with a square kernel"
    text = "Height and width, or time and frequency, of a kernel have changed places."
    happens = (
        "Spectrograms are (time, frequency) here and (frequency, time) there; the kernel is not turned "
        "with them."
    )
    repair = "Transpose the two spatial axes of the kernel."

    def ways(self, at: At) -> Iterator[Way]:
        weight = at.array("weight")
        if weight is None:
            return
        for axis in range(weight.ndim - 3):
            turned = np.swapaxes(weight, axis, axis + 1)
            if turned.shape == weight.shape and not np.array_equal(turned, weight):
                yield Way(
                    f"axes {axis} and {axis + 1}",
                    f"axes {axis} and {axis + 1} of the kernel of {at.name} have changed places",
                    with_array(at, "weight", partial(np.swapaxes, axis1=axis, axis2=axis + 1)),
                )


class WeightsLost(NodeFault):
    id = "weights-lost"
    group = GROUP
    ops = (*LINEAR, *KERNELS, *RECURRENT, "multi_head_attention", "transformer_encoder_layer", "embedding")
    where = "every weight of two axes or more"
    text = "A weight is all zeros."
    happens = (
        "A name did not match and the target's zeros stayed: RTNeural's loader prints and goes on, "
        "exporters leave weights_hh empty."
    )
    repair = "Load the weight; ask the loader to be strict."
    repairs = by_format(
        torch="Use load_state_dict(strict=True) and read its message.",
        rtneural="Write all three arrays of a gru or lstm; recurrent ones are not optional.",
    )

    def ways(self, at: At) -> Iterator[Way]:
        for parameter, array in matrices(at):
            if np.any(array):
                yield Way(
                    parameter,
                    f"{parameter} of {at.name} is all zeros",
                    with_array(at, parameter, np.zeros_like),
                )


class WeightsInitial(NodeFault):
    id = "weights-initial"
    group = GROUP
    guessed = False
    ops = (*LINEAR, *KERNELS, *RECURRENT)
    where = "every weight of two axes or more; random values of a fixed seed"
    text = "A layer keeps the random weights that it was built with."
    happens = (
        'load_state_dict(strict=False) loads nothing where names have a prefix ("module.", "model."), '
        "and says so only in what it returns."
    )
    repair = "Load the weights by their right names; ask the loader to be strict."
    repairs = by_format(torch="Strip the prefix of the state_dict's names and use strict=True.")

    def ways(self, at: At) -> Iterator[Way]:
        for parameter, _ in matrices(at):
            yield Way(parameter, f"{parameter} of {at.name} is random", with_array(at, parameter, _random))


def _random(array: Array) -> Array:
    """Uniform within one over the root of the number of inputs, as PyTorch begins."""
    bound = 1 / np.sqrt(max(1, array.size // array.shape[-1]))
    made: Array = np.random.default_rng(array.size).uniform(-bound, bound, array.shape)
    return made
