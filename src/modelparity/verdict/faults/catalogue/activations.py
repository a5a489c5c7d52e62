"""Activations: lost, another one, approximated, with another parameter, or one too many."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

import numpy as np

from ....engine.bound_node import call
from ....graph import Array
from ..edit import Edit
from ..fault import Group, by_format
from ..making import NodeFault, Way, Written, behind, dropped, instead, with_array, with_attrs, with_operator
from ..view import At

GROUP = Group("activations", "Activations", 20)
#: Activations that take one array and no settings, or theirs by default, likelier confusions first.
PLAIN = (
    *("relu", "tanh", "sigmoid", "silu", "gelu", "elu", "leaky_relu", "softplus", "softsign", "selu"),
    *(
        "hard_sigmoid",
        "hard_swish",
        "mish",
        "celu",
        "thresholded_relu",
        "scaled_tanh",
        "softmax",
        "log_softmax",
    ),
)
#: What exporters write instead of another, by operator: (words, operator, settings).
APPROXIMATED: Mapping[str, tuple[tuple[str, str, Mapping[str, Any]], ...]] = {
    "sigmoid": (
        ("hard sigmoid of slope 0.2 (Keras)", "hard_sigmoid", {"alpha": 0.2, "beta": 0.5}),
        ("hard sigmoid of slope 1/6 (PyTorch)", "hard_sigmoid", {"alpha": 1 / 6, "beta": 0.5}),
    ),
    "hard_sigmoid": (
        ("sigmoid", "sigmoid", {}),
        ("hard sigmoid of slope 1/6 (PyTorch)", "hard_sigmoid", {"alpha": 1 / 6, "beta": 0.5}),
        ("hard sigmoid of slope 0.2 (Keras)", "hard_sigmoid", {"alpha": 0.2, "beta": 0.5}),
    ),
    "gelu": (
        ("tanh formula", "gelu", {"approximate": "tanh"}),
        ("exact formula", "gelu", {"approximate": "none"}),
    ),
    "silu": (("hard swish", "hard_swish", {}),),
    "hard_swish": (("swish", "silu", {}),),
    "relu": (("ReLU6", "clip", {"min": 0.0, "max": 6.0}),),
    "tanh": (("softsign", "softsign", {}), ("hard tanh", "clip", {"min": -1.0, "max": 1.0})),
    "softsign": (("tanh", "tanh", {}),),
    "scaled_tanh": (("tanh", "tanh", {}),),
}
#: Settings that a port gets wrong, by operator: {setting: other values}.
SETTINGS: Mapping[str, Mapping[str, tuple[float, ...]]] = {
    "leaky_relu": {"slope": (0.01, 0.3, 0.1, 0.2, 1 / 3, 1 / 5.5, 0.0)},
    "elu": {"alpha": (1.0, 0.1, 0.5)},
    "celu": {"alpha": (1.0, 0.1, 0.5)},
    "softplus": {"beta": (1.0,)},
    "thresholded_relu": {"threshold": (1.0, 0.0)},
    "selu": {"alpha": (1.0,), "gamma": (1.0,)},
    "scaled_tanh": {"alpha": (1.0,), "beta": (1.0,)},
    "shrink": {"bias": (0.0,)},
}
#: What stands where nothing should: what losses hide, what exporters write for all layers.
ADDED: tuple[tuple[str, Mapping[str, float]], ...] = (
    *((op, {}) for op in ("softmax", "sigmoid", "relu", "tanh", "log_softmax", "elu")),
    *(("leaky_relu", {"slope": slope}) for slope in (0.01, 0.3, 0.1, 0.2)),
    *((op, {}) for op in ("silu", "gelu")),
)
#: Layers behind which an activation stands.
LAYERS = ("dense", "conv", "conv_transpose", "matmul", "add", "batch_norm", "normalize")


def _applied(at: At) -> bool:
    """Whether it is an activation here: what enters is computed, and there is one array."""
    return len([name for name in at.node.inputs if name]) == 1 and "x" in at.tensors


class ActivationDropped(NodeFault):
    id = "activation-dropped"
    group = GROUP
    ops = (*PLAIN, "prelu", "clip", "hardmax", "erf")
    where = "every activation, softmax among them"
    text = "An activation is left out."
    happens = (
        "An exporter knows no such activation and writes none (RTNeural's write '' for leaky ReLU and "
        "swish), a softmax "
        "or sigmoid lived in the loss, or a layer's own activation argument was not read."
    )
    repair = "Put the activation behind the layer."
    repairs = by_format(
        rtneural=(
            'Write the layer\'s "activation"; what RTNeural lacks (leaky ReLU, swish, GELU) becomes a '
            "prelu layer or "
            "code of its own."
        ),
        torch=(
            "Append the activation to the module that is exported; CrossEntropyLoss and "
            "BCEWithLogitsLoss hide one."
        ),
    )

    def ways(self, at: At) -> Iterator[Way]:
        yield Way("", f"{at.node.op} {at.name} is left out", dropped(at))


class ActivationSwapped(NodeFault):
    id = "activation-swapped"
    group = GROUP
    ops = PLAIN
    where = "every activation, softmax among them: each other one"
    text = "One activation is taken for another."
    happens = (
        "A table of names is wrong, a default was assumed, or an exporter writes one activation for "
        "every layer."
    )
    repair = "Name the activation that the layer was trained with."
    repairs = by_format(
        rtneural=(
            'Write the right name into the layer\'s "activation": tanh, relu, sigmoid, softmax or elu.'
        ),
        keras="Give the layer's activation by name; None is linear.",
    )

    def ways(self, at: At) -> Iterator[Way]:
        if not _applied(at):
            return
        near = [op for _, op, _ in APPROXIMATED.get(at.node.op, ())]
        for op in PLAIN:
            if op not in (at.node.op, *near):
                yield Way(op, f"{at.name} is {op} instead of {at.node.op}", with_operator(at, op, "x"))


class ActivationApproximated(NodeFault):
    id = "activation-approximated"
    group = GROUP
    ops = (*APPROXIMATED, "erf")
    where = "sigmoid, GELU, swish, ReLU, tanh and what is near them"
    text = (
        "An activation is computed by a cheaper formula that is near it, or exactly where training used "
        "the cheap one."
    )
    happens = (
        "GELU has an exact and a tanh form (BERT, GPT-2), hard sigmoid has slope 1/5 in Keras and 1/6 in "
        "PyTorch, mobile "
        "converters use ReLU6 and hard swish."
    )
    repair = "Use the formula that the layer was trained with."
    repairs = by_format(
        torch='Give nn.GELU(approximate="tanh") or "none", as the layer was trained.',
        onnx=(
            "Set Gelu's attribute approximate, or HardSigmoid's alpha and beta (0.2 and 0.5 unless given)."
        ),
        coreml=(
            "Give gelu the mode EXACT, TANH_APPROXIMATION or SIGMOID_APPROXIMATION, as the layer was trained."
        ),
    )

    def ways(self, at: At) -> Iterator[Way]:
        for words, op, settings in APPROXIMATED.get(at.node.op, ()):
            given = {key: at.attrs.get(key) for key in settings}
            if (op, given) != (at.node.op, dict(settings)):
                yield Way(
                    words,
                    f"{at.node.op} {at.name} is computed as {words}",
                    with_operator(at, op, "x", **settings),
                )
        if at.node.op == "gelu":
            said = "x sigmoid(1.702 x)"
            yield Way(said, f"gelu {at.name} is computed as {said}", instead(at, self.id, _quick_gelu))
        if at.node.op == "erf":
            yield Way(
                "tanh formula",
                f"erf {at.name} is computed by GELU's tanh formula",
                instead(at, self.id, _erf_by_tanh),
            )


def _quick_gelu(w: Written, at: At) -> str:
    x = at.tensors["x"]
    return w("mul", x, w("sigmoid", w("scale_shift", x, alpha=1.702)))


def _erf_by_tanh(w: Written, at: At) -> str:
    """erf(u) by tanh(sqrt(2 / pi) (x + 0.044715 x^3)) at x = sqrt(2) u, as GELU's tanh form has it."""
    x = w("scale_shift", at.tensors["x"], alpha=math.sqrt(2))
    cubed = w("mul", x, w("scale_shift", w("square", x), alpha=0.044715, beta=1.0))
    return w("tanh", w("scale_shift", cubed, alpha=math.sqrt(2 / math.pi)))


class ActivationSetting(NodeFault):
    id = "activation-setting"
    group = GROUP
    ops = tuple(SETTINGS)
    where = "activations with a slope, an alpha or a threshold"
    text = "The slope, alpha or threshold of an activation is another one."
    happens = (
        "Defaults differ: leaky ReLU has 0.01 in PyTorch and ONNX, 0.3 in Keras 2, 0.2 in TensorFlow; "
        "RTNeural's ELU knows "
        "alpha 1 only."
    )
    repair = "Give the value that the layer was trained with, not the default."
    repairs = by_format(
        onnx="Set LeakyRelu's or Elu's attribute alpha.",
        keras="Give LeakyReLU its slope: negative_slope (0.3 by default) or, before Keras 3, alpha.",
        coreml="Give leaky_relu or elu its alpha.",
    )

    def ways(self, at: At) -> Iterator[Way]:
        for setting, values in SETTINGS.get(at.node.op, {}).items():
            now = at.attrs[setting]
            for value in values:
                if not math.isclose(value, now, rel_tol=1e-6, abs_tol=1e-12):
                    said = f"{setting} {value:.4g}"
                    yield Way(
                        said,
                        f"{at.node.op} {at.name} has {said} instead of {now:.4g}",
                        with_attrs(at, **{setting: value}),
                    )


class ClipMoved(NodeFault):
    id = "clip-moved"
    group = GROUP
    ops = ("clip",)
    where = "clips and ReLU6"
    text = "A clip has lost one of its limits, such as ReLU6 taken for ReLU."
    happens = (
        "ReLU6 becomes ReLU where a target has none, or the two limits of a clip change places with a "
        "default."
    )
    repair = "Give both limits."

    def ways(self, at: At) -> Iterator[Way]:
        for limit in ("max", "min"):
            if at.attrs.get(limit) is not None:
                yield Way(
                    "no upper limit" if limit == "max" else "no lower limit",
                    f"clip {at.name} has no limit {'above' if limit == 'max' else 'below'}",
                    with_attrs(at, **{limit: None}),
                )


class SlopesShared(NodeFault):
    id = "prelu-slopes"
    group = GROUP
    ops = ("prelu",)
    where = "PReLU with a slope a channel"
    text = "The slopes of a PReLU are one for all channels, or lost."
    happens = (
        "nn.PReLU() has one slope, nn.PReLU(channels) one a channel; a port reads the first for all, or none."
    )
    repair = "Write one slope a channel."
    repairs = by_format(rtneural="Write weights=[[slope of each channel]], not one number.")

    def ways(self, at: At) -> Iterator[Way]:
        slope = at.array("slope")
        if slope is None:
            return
        if slope.size > 1:
            first = np.full_like(slope, slope.flat[0])
            yield Way(
                "first for all", f"{at.name} has its first slope for all channels", _with_slope(at, first)
            )
            turned = slope.reshape(-1)[::-1].reshape(slope.shape)
            yield Way("reversed", f"the slopes of {at.name} stand in reverse order", _with_slope(at, turned))
        for value, words in ((0.25, "initial"), (0.01, "leaky ReLU's")):
            made = np.full_like(slope, value)
            if not np.array_equal(made, slope):
                yield Way(f"{value:g}", f"{at.name} has the {words} slope {value:g}", _with_slope(at, made))
        yield Way("relu", f"{at.name} is relu", with_operator(at, "relu", "x"))


def _with_slope(at: At, slope: Array) -> Edit:
    return with_array(at, "slope", lambda array: slope)


class RecurrentActivation(NodeFault):
    id = "recurrent-activation"
    group = GROUP
    ops = ("lstm", "gru", "rnn")
    where = "the activations inside recurrent layers"
    text = "A recurrent layer's gates or its cell use another activation."
    happens = (
        "Keras 1 and 2 used hard_sigmoid in gates, ONNX names activations a direction and has defaults, "
        "RTNeural ignores "
        "a recurrent layer's activation and uses tanh and sigmoid."
    )
    repair = (
        "Name the activations that the layer was trained with, or write the cell out where the target "
        "has fixed ones."
    )
    repairs = by_format(
        onnx=(
            "Set the layer's attribute activations (a list for each direction), with activation_alpha "
            "and _beta."
        ),
        keras=(
            'Set recurrent_activation ("sigmoid", in Keras 1 and 2.0 "hard_sigmoid") and activation ("tanh").'
        ),
    )

    def ways(self, at: At) -> Iterator[Way]:
        for role in ("gate_activation", "activation", "cell_activation", "output_activation"):
            if role not in at.attrs:
                continue
            gate = role == "gate_activation"
            others = (
                ("sigmoid", "hard_sigmoid", "tanh") if gate else ("identity", "relu", "softsign", "sigmoid")
            )
            for op in others if gate or at.attrs[role] == "tanh" else ("tanh", *others):
                if op != at.attrs[role]:
                    yield Way(
                        f"{role} {op}",
                        f"{at.name} has {op} as its {role.replace('_', ' ')}",
                        with_attrs(at, **{role: op}),
                    )


class ActivationAdded(NodeFault):
    id = "activation-added"
    group = GROUP
    ops = LAYERS
    where = "layers with no activation behind them, first those that give an output"
    text = "An activation stands behind a layer that has none, such as a softmax over logits."
    happens = (
        "A port adds the softmax or sigmoid that the loss had, or one activation is written for every layer."
    )
    repair = "Leave the layer linear."
    repairs = by_format(rtneural='Write activation="" for a linear layer.', keras="Give activation=None.")

    def ways(self, at: At) -> Iterator[Way]:
        if any(user.op in ActivationDropped.ops for user in at.view.users.get(at.key, [])):
            return
        if at.view.array(at.key) is not None:
            return  # a sum of constants
        for op, attrs in ADDED:
            said = op if not attrs else f"{op} {attrs['slope']:g}"
            yield Way(said, f"{said} stands behind {at.name}", behind(at, self.id, partial(_one, op, attrs)))


def _one(op: str, attrs: Mapping[str, float], w: Written, x: str) -> str:
    return w(op, x, **attrs)


class ActivationTwice(NodeFault):
    id = "activation-twice"
    group = GROUP
    ops = ("softmax", "sigmoid", "tanh", "log_softmax", "silu", "gelu")
    where = "softmax, sigmoid and other activations that change when they are applied again"
    text = "An activation is applied twice."
    happens = (
        "The exported module ends with a softmax and the converter adds its own (class labels, "
        "classifier outputs)."
    )
    repair = "Remove one of the two."
    repairs = by_format(
        coreml="Leave out the softmax of the network, or ask for no ClassifierConfig that adds one."
    )

    def ways(self, at: At) -> Iterator[Way]:
        attrs = dict(call(at.node).attrs)
        yield Way(
            "",
            f"{at.node.op} {at.name} is applied twice",
            behind(at, self.id, lambda w, x: w(at.node.op, x, **attrs)),
        )
