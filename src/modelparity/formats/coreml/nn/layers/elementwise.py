"""Activations, unary and binary functions, comparisons and logic."""

from __future__ import annotations

import numpy as np

from ..fields import Fields
from ..layer import Op
from ..registry import reads
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


@reads(*_UNARY)
def unary_function(op: Op) -> None:
    """One operator."""
    op.expects(1)
    op.give(_UNARY[op.type], [op.input(0)])


@reads(*_BINARY)
def binary_function(op: Op) -> None:
    """One operator that broadcasts as numpy does."""
    op.expects(2)
    op.give(_BINARY[op.type], op.inputs())


@reads(*_COMPARED)
def comparison(op: Op) -> None:
    """1 where it holds, else 0; the second operand may be a parameter."""
    op.expects((1, 2))
    other = op.input(1) if op.count == 2 else op.scalar(op.attr("alpha"), "alpha")
    op.ignore("alpha")
    op.results(op.floats(op.temp(_COMPARED[op.type], [op.input(0), other])))


@reads(*_LOGIC)
def logic(op: Op) -> None:
    """0 is false, anything else true."""
    op.expects(2)
    op.results(op.floats(op.temp(_LOGIC[op.type], op.inputs())))


@reads("logicalNot")
def logical_not(op: Op) -> None:
    """1 where the input is 0, else 0."""
    op.expects(1)
    op.results(op.floats(op.temp("logical_not", [op.input(0)])))


@reads(*_JOINED)
def joined(op: Op) -> None:
    """One operator over all inputs; a sum or product of one input takes a parameter as the other."""
    single = op.type in ("add", "multiply")
    op.expects((1, None))
    y = op.input(0)
    for other in op.inputs()[1:]:
        y = op.temp(_JOINED[op.type], [y, other])
    if single and op.count == 1:
        y = op.temp(_JOINED[op.type], [y, op.scalar(op.attr("alpha"), "alpha")])
    elif single:
        op.ignore("alpha")
    if op.type == "average":
        y = op.temp("div", [y, op.scalar(op.count, "count")])
    op.results(op.temp("identity", [y]) if y in op.inputs() else y)


@reads("clip")
def clip(op: Op) -> None:
    """min(max(x, minVal), maxVal)"""
    op.expects(1)
    op.give("clip", [op.input(0)], min=op.attr("minVal"), max=op.attr("maxVal"))


@reads("clampedReLU")
def clamped_relu(op: Op) -> None:
    """min(beta, x or alpha x)"""
    op.expects(1)
    y = op.temp("leaky_relu", [op.input(0)], slope=op.attr("alpha"))
    op.give("minimum", [y, op.scalar(op.attr("beta"), "beta")])


@reads("gelu")
def gelu(op: Op) -> None:
    """Exact, or by tanh, or by the logistic function of 1.702 x."""
    op.expects(1)
    mode = op.attr("mode")
    if mode == "SIGMOID_APPROXIMATION":
        gate = op.temp("sigmoid", [op.temp("mul", [op.input(0), op.scalar(1.702, "slope")])])
        op.give("mul", [op.input(0), gate])
        return
    op.give("gelu", [op.input(0)], approximate="none" if mode == "EXACT" else "tanh")


@reads("unary")
def unary(op: Op) -> None:
    """f(scale x + shift)"""
    op.expects(1)
    y = op.input(0)
    kind, scale, shift, epsilon = (
        op.attr("type"),
        op.attr("scale") or 1.0,
        op.attr("shift"),
        op.attr("epsilon") or 1e-6,
    )
    if scale != 1:
        y = op.temp("mul", [y, op.scalar(scale, "scale")])
    if shift:
        y = op.temp("add", [y, op.scalar(shift, "shift")])
    # The format's text has no epsilon in LOG, but Apple's own tests of log expect the one that is given.
    if kind in ("RSQRT", "INVERSE") or (kind == "LOG" and op.attr("epsilon")):
        y = op.temp("add", [y, op.scalar(epsilon, "epsilon")])
    if kind in ("POWER", "THRESHOLD"):
        y = op.temp("power" if kind == "POWER" else "maximum", [y, op.scalar(op.attr("alpha"), "alpha")])
    else:
        op.ignore("alpha")
        names = {
            "SQRT": "sqrt",
            "RSQRT": "rsqrt",
            "INVERSE": "reciprocal",
            "EXP": "exp",
            "LOG": "log",
            "ABS": "abs",
        }
        y = op.temp(names[kind], [y])
    op.results(y)


@reads("activation")
def activation(op: Op) -> None:
    """One of thirteen functions."""
    op.expects(1)
    op.results(activate(op, op.p, op.input(0)))


def activate(op: Op, params: Fields, x: str) -> str:
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
        return op.temp(plain[kind], [x])
    if not kind:
        raise op.error("no activation is given")
    p = getattr(params, kind)
    if kind == "linear":
        y = op.temp("mul", [x, op.scalar(p.alpha, "alpha")])
        return op.temp("add", [y, op.scalar(p.beta, "beta")])
    if kind == "leakyReLU":
        return op.temp("leaky_relu", [x], slope=p.alpha)
    if kind == "thresholdedReLU":
        return op.temp("thresholded_relu", [x], threshold=p.alpha)
    if kind == "scaledTanh":
        return op.temp("scaled_tanh", [x], alpha=p.alpha, beta=p.beta)
    if kind == "sigmoidHard":
        return op.temp("hard_sigmoid", [x], alpha=p.alpha, beta=p.beta)
    if kind == "ELU":
        return op.temp("elu", [x], alpha=p.alpha)
    if kind == "PReLU":
        op.at_least(3)
        return op.temp("prelu", [x, _channels(op, p, "alpha")])
    op.at_least(3)
    y = op.temp("softplus", [op.temp("mul", [x, _channels(op, p, "beta")])])
    return op.temp("mul", [y, _channels(op, p, "alpha")])


def _channels(op: Op, p: Fields, name: str) -> str:
    """A parameter with one number a channel, or one for all, shaped (channel, 1, 1)."""
    count = stored(p, name)
    values = op.weight(name, (count,), fields=p)
    return op.constant(np.reshape(values, (-1, 1, 1)), name)
