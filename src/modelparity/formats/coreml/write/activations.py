"""Activations in MIL operations, for nodes of their own and inside recurrent layers, and as NeuralNetwork layers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from .block import Block
from .layers import Layers, field, fills
from .values import Value

#: (block, operand, attributes, name of the result or "") -> result
Activation = Callable[[Block, Value, Mapping[str, Any], str], Value]

#: Operators that MIL has under the same name and without parameters, or under another one.
SAME = {
    **dict.fromkeys(
        ("abs", "erf", "exp", "relu", "sigmoid", "silu", "softsign", "sqrt", "tanh", "logical_not")
    ),
    **dict.fromkeys(("ceil", "cos", "cosh", "floor", "round", "sign", "sin", "sinh", "square", "tan")),
    **dict.fromkeys(("acos", "asin", "atan", "atanh", "exp2", "identity")),
}


def activate(block: Block, op: str, x: Value, attrs: Mapping[str, Any], name: str = "") -> Value:
    """The result of an activation; KeyError if MIL has no form of it."""
    if op in SAME:
        return block.unary(op, x, name=name)
    return COMPOSED[op](block, x, attrs, name)


def known(op: str) -> bool:
    """Whether `activate` can write it."""
    return op in SAME or op in COMPOSED


@fills("identity")
def identity_layer(layer: Any, p: dict[str, Any], b: Layers) -> Sequence[str]:
    """A linear activation with slope 1."""
    layer.activation.linear.alpha = 1.0
    return [b.name(p["x"])]


fills("relu")(field("activation.ReLU"))
fills("sigmoid")(field("activation.sigmoid"))
fills("softsign")(field("activation.softsign"))
fills("tanh")(field("activation.tanh"))
fills("elu")(field("activation.ELU", alpha="alpha"))
fills("leaky_relu")(field("activation.leakyReLU", alpha="alpha"))


def _one(op: str, **parameters: str) -> Activation:
    """One MIL operation; ``parameters`` names the attribute that each of its parameters comes from."""

    def write(b: Block, x: Value, attrs: Mapping[str, Any], name: str) -> Value:
        given: dict[str, Any] = {parameter: float(attrs[attr]) for parameter, attr in parameters.items()}
        return b.unary(op, x, name=name, **given)

    return write


def _neg(b: Block, x: Value, attrs: Mapping[str, Any], name: str) -> Value:
    return b.pointwise("mul", x, -1.0, name=name)


def _reciprocal(b: Block, x: Value, attrs: Mapping[str, Any], name: str) -> Value:
    return b.pointwise("real_div", 1.0, x, typed=x.dtype, name=name)


def _log(b: Block, x: Value, attrs: Mapping[str, Any], name: str) -> Value:
    return b.unary("log", x, name=name, epsilon=0.0)


def _gelu(b: Block, x: Value, attrs: Mapping[str, Any], name: str) -> Value:
    mode = "EXACT" if attrs["approximate"] == "none" else "TANH_APPROXIMATION"
    return b.unary("gelu", x, name=name, mode=mode)


def _softplus(b: Block, x: Value, attrs: Mapping[str, Any], name: str) -> Value:
    beta = float(attrs["beta"])
    if beta == 1:
        return b.unary("softplus", x, name=name)
    return b.pointwise("real_div", b.unary("softplus", b.pointwise("mul", x, beta)), beta, name=name)


def _selu(b: Block, x: Value, attrs: Mapping[str, Any], name: str) -> Value:
    return b.pointwise(
        "mul", b.unary("elu", x, alpha=float(attrs["alpha"])), float(attrs["gamma"]), name=name
    )


def _celu(b: Block, x: Value, attrs: Mapping[str, Any], name: str) -> Value:
    alpha = float(attrs["alpha"])
    bent = b.unary("elu", b.pointwise("real_div", x, alpha), alpha=alpha)
    low = b.pointwise("minimum", bent, 0.0)
    return b.pointwise("add", b.unary("relu", x), low, name=name)


def _mish(b: Block, x: Value, attrs: Mapping[str, Any], name: str) -> Value:
    return b.pointwise("mul", x, b.unary("tanh", b.unary("softplus", x)), name=name)


def _hard_swish(b: Block, x: Value, attrs: Mapping[str, Any], name: str) -> Value:
    gate = b.unary("sigmoid_hard", x, alpha=1 / 6, beta=0.5)
    return b.pointwise("mul", x, gate, name=name)


def _clip(b: Block, x: Value, attrs: Mapping[str, Any], name: str) -> Value:
    low, high = attrs["min"], attrs["max"]
    if low is None and high is None:
        return b.unary("identity", x, name=name)
    if low is not None:
        x = b.pointwise("maximum", x, float(low), name=name if high is None else "")
    return x if high is None else b.pointwise("minimum", x, float(high), name=name)


COMPOSED: dict[str, Activation] = {
    "neg": _neg,
    "reciprocal": _reciprocal,
    "log": _log,
    "gelu": _gelu,
    "softplus": _softplus,
    "selu": _selu,
    "celu": _celu,
    "mish": _mish,
    "hard_swish": _hard_swish,
    "clip": _clip,
    "elu": _one("elu", alpha="alpha"),
    "leaky_relu": _one("leaky_relu", alpha="slope"),
    "hard_sigmoid": _one("sigmoid_hard", alpha="alpha", beta="beta"),
}
