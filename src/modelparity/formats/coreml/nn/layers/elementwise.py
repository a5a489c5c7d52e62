"""Activations, unary and binary functions, comparisons and logic."""

from __future__ import annotations

import numpy as np

from ..fields import Fields
from ..layer import Layer
from ..registry import layer
from ..weights import stored

#: Layers of one input without parameters, with the operator that each is.
_UNARY = {
    "ceil": "ceil",
    "floor": "floor",
    "sign": "sign",
    "round": "round",
    "exp2": "exp2",
    "sin": "sin",
    "cos": "cos",
    "tan": "tan",
    "asin": "asin",
    "acos": "acos",
    "atan": "atan",
    "sinh": "sinh",
    "cosh": "cosh",
    "tanh": "tanh",
    "asinh": "asinh",
    "acosh": "acosh",
    "atanh": "atanh",
    "erf": "erf",
}
_BINARY = {
    "modBroadcastable": "mod",
    "minBroadcastable": "minimum",
    "maxBroadcastable": "maximum",
    "addBroadcastable": "add",
    "powBroadcastable": "power",
    "divideBroadcastable": "div",
    "floorDivBroadcastable": "floor_div",
    "multiplyBroadcastable": "mul",
    "subtractBroadcastable": "sub",
}
_COMPARED = {
    "equal": "equal",
    "notEqual": "not_equal",
    "lessThan": "less",
    "lessEqual": "less_equal",
    "greaterThan": "greater",
    "greaterEqual": "greater_equal",
}
_LOGIC = {"logicalOr": "logical_or", "logicalXor": "logical_xor", "logicalAnd": "logical_and"}
_JOINED = {"add": "add", "multiply": "mul", "max": "maximum", "min": "minimum", "average": "add"}


@layer(*_UNARY)
def unary_function(layer: Layer) -> None:
    """One operator."""
    layer.count(1)
    layer.give(layer.emit(_UNARY[layer.kind], layer.x))


@layer(*_BINARY)
def binary_function(layer: Layer) -> None:
    """One operator that broadcasts as numpy does."""
    layer.count(2)
    layer.give(layer.emit(_BINARY[layer.kind], *layer.inputs))


@layer(*_COMPARED)
def comparison(layer: Layer) -> None:
    """1 where it holds, else 0; the second operand may be a parameter."""
    layer.count((1, 2))
    other = layer.inputs[1] if len(layer.inputs) == 2 else layer.scalar(layer.p.alpha, "alpha")
    layer.p.ignore("alpha")
    layer.give(layer.floats(layer.emit(_COMPARED[layer.kind], layer.x, other)))


@layer(*_LOGIC)
def logic(layer: Layer) -> None:
    """0 is false, anything else true."""
    layer.count(2)
    layer.give(layer.floats(layer.emit(_LOGIC[layer.kind], *layer.inputs)))


@layer("logicalNot")
def logical_not(layer: Layer) -> None:
    """1 where the input is 0, else 0."""
    layer.count(1)
    layer.give(layer.floats(layer.emit("logical_not", layer.x)))


@layer(*_JOINED)
def joined(layer: Layer) -> None:
    """One operator over all inputs; a sum or product of one input takes a parameter as the other."""
    single = layer.kind in ("add", "multiply")
    layer.count((1, None))
    y = layer.x
    for other in layer.inputs[1:]:
        y = layer.emit(_JOINED[layer.kind], y, other)
    if single and len(layer.inputs) == 1:
        y = layer.emit(_JOINED[layer.kind], y, layer.scalar(layer.p.alpha, "alpha"))
    elif single:
        layer.p.ignore("alpha")
    if layer.kind == "average":
        y = layer.emit("div", y, layer.scalar(len(layer.inputs), "count"))
    layer.give(layer.emit("identity", y) if y in layer.inputs else y)


@layer("clip")
def clip(layer: Layer) -> None:
    """min(max(x, minVal), maxVal)"""
    layer.count(1)
    layer.give(layer.emit("clip", layer.x, min=layer.p.minVal, max=layer.p.maxVal))


@layer("clampedReLU")
def clamped_relu(layer: Layer) -> None:
    """min(beta, x or alpha x)"""
    layer.count(1)
    y = layer.emit("leaky_relu", layer.x, slope=layer.p.alpha)
    layer.give(layer.emit("minimum", y, layer.scalar(layer.p.beta, "beta")))


@layer("gelu")
def gelu(layer: Layer) -> None:
    """Exact, or by tanh, or by the logistic function of 1.702 x."""
    layer.count(1)
    mode = layer.p.choice("mode")
    if mode == "SIGMOID_APPROXIMATION":
        gate = layer.emit("sigmoid", layer.emit("mul", layer.x, layer.scalar(1.702, "slope")))
        layer.give(layer.emit("mul", layer.x, gate))
        return
    layer.give(layer.emit("gelu", layer.x, approximate="none" if mode == "EXACT" else "tanh"))


@layer("unary")
def unary(layer: Layer) -> None:
    """f(scale x + shift)"""
    layer.count(1)
    p, y = layer.p, layer.x
    kind, scale, shift, epsilon = p.choice("type"), p.scale or 1.0, p.shift, p.epsilon or 1e-6
    if scale != 1:
        y = layer.emit("mul", y, layer.scalar(scale, "scale"))
    if shift:
        y = layer.emit("add", y, layer.scalar(shift, "shift"))
    # The format's text has no epsilon in LOG, but Apple's own tests of log expect the one that is given.
    if kind in ("RSQRT", "INVERSE") or (kind == "LOG" and p.epsilon):
        y = layer.emit("add", y, layer.scalar(epsilon, "epsilon"))
    if kind in ("POWER", "THRESHOLD"):
        y = layer.emit("power" if kind == "POWER" else "maximum", y, layer.scalar(p.alpha, "alpha"))
    else:
        p.ignore("alpha")
        names = {
            "SQRT": "sqrt",
            "RSQRT": "rsqrt",
            "INVERSE": "reciprocal",
            "EXP": "exp",
            "LOG": "log",
            "ABS": "abs",
        }
        y = layer.emit(names[kind], y)
    layer.give(y)


@layer("activation")
def activation(layer: Layer) -> None:
    """One of thirteen functions."""
    layer.count(1)
    layer.give(activate(layer, layer.p, layer.x))


def activate(layer: Layer, params: Fields, x: str) -> str:
    """An ``ActivationParams`` message applied to a tensor."""
    kind = params.which("NonlinearityType")
    plain = {
        "ReLU": "relu",
        "tanh": "tanh",
        "sigmoid": "sigmoid",
        "softsign": "softsign",
        "softplus": "softplus",
    }
    if kind in plain:
        return layer.emit(plain[kind], x)
    if not kind:
        raise layer.error("no activation is given")
    p = getattr(params, kind)
    if kind == "linear":
        y = layer.emit("mul", x, layer.scalar(p.alpha, "alpha"))
        return layer.emit("add", y, layer.scalar(p.beta, "beta"))
    if kind == "leakyReLU":
        return layer.emit("leaky_relu", x, slope=p.alpha)
    if kind == "thresholdedReLU":
        return layer.emit("thresholded_relu", x, threshold=p.alpha)
    if kind == "scaledTanh":
        return layer.emit("scaled_tanh", x, alpha=p.alpha, beta=p.beta)
    if kind == "sigmoidHard":
        return layer.emit("hard_sigmoid", x, alpha=p.alpha, beta=p.beta)
    if kind == "ELU":
        return layer.emit("elu", x, alpha=p.alpha)
    if kind == "PReLU":
        layer.at_least(3)
        return layer.emit("prelu", x, _channels(layer, p, "alpha"))
    layer.at_least(3)
    y = layer.emit("softplus", layer.emit("mul", x, _channels(layer, p, "beta")))
    return layer.emit("mul", y, _channels(layer, p, "alpha"))


def _channels(layer: Layer, p: Fields, name: str) -> str:
    """A parameter with one number a channel, or one for all, shaped (channel, 1, 1)."""
    count = stored(p, name)
    values = layer.weight(name, (count,), fields=p)
    return layer.const(np.reshape(values, (-1, 1, 1)), name)
