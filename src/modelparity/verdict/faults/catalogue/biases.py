"""Biases: lost, added twice, in each other's place."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ....graph import Array
from ..edit import ArrayChange, joined
from ..fault import Group, by_format
from ..making import (
    NodeFault,
    Way,
    dropped,
    exchanged,
    with_array,
    with_inputs,
    with_operator,
    without,
)
from ..view import At

GROUP = Group("biases", "Biases", 40)
#: Parameters that are biases.
BIASES = ("bias", "recurrent_bias", "in_bias", "out_bias", "ff1_bias", "ff2_bias")
#: Operators that have one.
WITH_BIAS = (
    *("dense", "conv", "conv_transpose", "lstm", "gru", "rnn", "projected_lstm", "deform_conv"),
    *("multi_head_attention", "transformer_encoder_layer"),
)


def added(at: At) -> str | None:
    """The parameter of an ``add`` that is a bias: a constant that is no longer than the other array."""
    if len(at.tensors) != 2:
        return None
    constant = [one for one in at.tensors if at.array(one) is not None]
    if len(constant) != 1:
        return None
    array = at.array(constant[0])
    return constant[0] if array is not None and array.size == max(array.shape, default=1) else None


def _other(at: At, parameter: str) -> str:
    return next(one for one in at.tensors if one != parameter)


class BiasDropped(NodeFault):
    id = "bias-dropped"
    group = GROUP
    ops = (*WITH_BIAS, "add")
    where = "every bias that is not zero, also one that is added by itself"
    text = "A layer has lost a bias."
    happens = (
        "A converter reads kernels alone, one of two biases is skipped, or bias=False was copied from "
        "elsewhere."
    )
    repair = "Write the bias."
    repairs = by_format(
        onnx="Give the Gemm or Conv node its third input, or add the bias behind MatMul.",
        rtneural='Write "weights": [kernel, bias].',
        coreml="Set hasBias and fill the bias field.",
        torch="Build the layer with bias=True and copy the bias.",
    )

    def ways(self, at: At) -> Iterator[Way]:
        if at.node.op == "add":
            bias = added(at)
            if bias is not None and np.any(at.array(bias)):
                yield Way("bias", f"the bias that {at.name} adds is lost", dropped(at, _other(at, bias)))
            return
        for one in BIASES:
            array = at.array(one)
            if array is not None and np.any(array):
                yield Way(one, f"{at.name} has lost its {one.replace('_', ' ')}", without(at, one))
        given = [one for one in BIASES if (a := at.array(one)) is not None and np.any(a)]
        if len(given) > 1:
            yield Way("all", f"{at.name} has lost all of its biases", without(at, *given))


class BiasDoubled(NodeFault):
    id = "bias-doubled"
    group = GROUP
    ops = (*WITH_BIAS, "add")
    where = "every bias that is not zero"
    text = "A bias is added twice."
    happens = (
        "PyTorch's two recurrent biases are summed and then written as both, or a bias is written into "
        "the layer and added behind it."
    )
    repair = "Add it once."
    repairs = by_format(
        onnx=(
            "In B of a recurrent node one half is the input bias, the other the recurrent one: write the "
            "sum once and zeros."
        ),
        rtneural="An LSTM has one bias: the sum of PyTorch's two. A GRU keeps both as two rows.",
    )

    def ways(self, at: At) -> Iterator[Way]:
        parameters = [added(at)] if at.node.op == "add" else [*BIASES]
        for one in parameters:
            array = at.array(one) if one else None
            if one and array is not None and np.any(array):
                yield Way(
                    one if at.node.op != "add" else "bias",
                    f"{at.name} adds its {one.replace('_', ' ')} twice",
                    with_array(at, one, lambda a: a * 2),
                )


class OneOfTwoBiases(NodeFault):
    id = "one-of-two-biases"
    group = GROUP
    ops = ("lstm", "rnn", "gru", "projected_lstm")
    where = "recurrent layers whose bias is a sum of two, as ONNX has them; of others half the bias"
    text = "Of the two biases of a recurrent layer only one arrives."
    happens = (
        "PyTorch has bias_ih and bias_hh, Keras and RTNeural one for an LSTM: the sum is to be written, "
        "and one of them is."
    )
    repair = "Write the sum of both."
    repairs = by_format(
        rtneural="weights[2] of an LSTM is bias_ih + bias_hh.", keras="The LSTM's bias is bias_ih + bias_hh."
    )

    def ways(self, at: At) -> Iterator[Way]:
        bias = at.array("bias")
        maker = at.maker("bias")
        if maker is not None and maker.op == "add" and bias is not None:
            for name, which in zip(maker.inputs, ("first", "second"), strict=True):
                given = at.view.array(name)
                if given is not None and given.shape == bias.shape and not np.array_equal(given, bias):
                    yield Way(
                        which,
                        f"{at.name} has the {which} of its two biases only",
                        with_inputs(at, {at.tensors["bias"]: name}),
                    )
        elif bias is not None and np.any(bias):
            yield Way(
                "half",
                f"{at.name} has half its bias, as if one of two equal ones were lost",
                with_array(at, "bias", lambda a: a / 2),
            )


class GruBiasesSwapped(NodeFault):
    id = "gru-biases-swapped"
    group = GROUP
    ops = ("gru",)
    where = "GRU layers with an input and a recurrent bias"
    text = "The input bias and the recurrent bias of a GRU have changed places."
    happens = "Both have one shape; PyTorch lists bias_ih first, and so do Keras' rows and ONNX's halves."
    repair = "Write the input bias first."

    def ways(self, at: At) -> Iterator[Way]:
        one, two = at.array("bias"), at.array("recurrent_bias")
        if one is not None and two is not None and one.shape == two.shape and not np.array_equal(one, two):
            yield Way(
                "",
                f"{at.name} has its two biases in each other's place",
                exchanged(at, "bias", "recurrent_bias"),
            )


class GruBiasesSummed(NodeFault):
    id = "gru-biases-summed"
    group = GROUP
    ops = ("gru",)
    where = "GRU layers with a recurrent bias that reset after the product"
    text = "The two biases of a GRU are summed as an LSTM's would be."
    happens = (
        "For an LSTM the sum is right; a GRU that resets after the product multiplies its recurrent bias "
        "by r."
    )
    repair = "Keep both biases apart."
    repairs = by_format(
        rtneural="A GRU's weights[2] has two rows: input bias and recurrent bias.",
        onnx="Keep both halves of B, and set linear_before_reset to 1.",
        keras="Build the GRU with reset_after=True, whose bias has two rows.",
    )

    def ways(self, at: At) -> Iterator[Way]:
        one, two = at.array("bias"), at.array("recurrent_bias")
        if (
            one is None
            or two is None
            or one.shape != two.shape
            or at.attrs["reset"] != "after"
            or not np.any(two)
        ):
            return
        edit = joined([with_array(at, "bias", lambda array: array + two), without(at, "recurrent_bias")])
        yield Way("", f"{at.name} has the sum of its two biases as its input bias", edit)


class BiasOfOtherLayer(NodeFault):
    id = "bias-of-another-layer"
    group = GROUP
    ops = (*WITH_BIAS, "add")
    where = "layers whose bias has the shape of another layer's: the two nearest before and behind"
    text = "A layer has another layer's bias."
    happens = "Weights are copied by position or by a name cut short, and the sizes fit."
    repair = "Copy each bias by its full name."

    def ways(self, at: At) -> Iterator[Way]:
        for parameter in ("bias",) if at.node.op != "add" else (added(at),):
            mine = at.array(parameter) if parameter else None
            if parameter is None or mine is None:
                continue
            for words, other in _neighbours(at, mine):
                yield Way(
                    words,
                    f"{at.name} has the bias of the {words} layer",
                    with_array(at, parameter, _instead(other)),
                )


def _instead(other: Array) -> ArrayChange:
    return lambda array: other


def _neighbours(at: At, mine: Array) -> Iterator[tuple[str, Array]]:
    """(how it is called, its bias) of the nearest layers with a bias of that shape."""
    for words, behind in (("next", True), ("previous", False)):
        for node in at.alike(behind=behind):
            other = at.of(node)
            parameter = "bias" if node.op != "add" else added(other)
            found = other.array(parameter) if parameter else None
            if found is not None and found.shape == mine.shape and not np.array_equal(found, mine):
                yield words, found
                break


class BiasNegated(NodeFault):
    id = "bias-subtracted"
    group = GROUP
    ops = ("add", "sub")
    where = "constants that are added or subtracted"
    text = "A constant is added where it should be subtracted, or the other way round."
    happens = "A mean is written as a bias without its sign; x - m and x + m look alike in a list of layers."
    repair = "Change the sign of the constant."

    def ways(self, at: At) -> Iterator[Way]:
        constant = [one for one in at.tensors if at.array(one) is not None]
        if len(constant) == 1 and (at.node.op == "add" or constant == ["y"]):
            other = "sub" if at.node.op == "add" else "add"
            edit = with_operator(at, other, _other(at, constant[0]), constant[0])
            yield Way("", f"{at.name} has its constant with the other sign", edit)
