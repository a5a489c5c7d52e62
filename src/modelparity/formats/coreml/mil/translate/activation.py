"""Activations."""

from __future__ import annotations

from ..operators import Op, mil
from ._operands import along_channels


@mil("relu6")
def relu6(op: Op) -> None:
    """y = min(max(x, 0), 6)"""
    op.emit("clip", [op.tensor("x")], min=0.0, max=6.0)


@mil("clamped_relu")
def clamped_relu(op: Op) -> None:
    """y = min(x, beta) where x >= 0, else min(alpha x, beta)"""
    leaky = op.temp("leaky_relu", [op.tensor("x")], slope=op.const("alpha"))
    op.emit("clip", [leaky], max=op.const("beta"))


@mil("elu")
def elu(op: Op) -> None:
    """y = x where x > 0, else alpha (exp(x) - 1)"""
    op.emit("elu", [op.tensor("x")], alpha=op.const("alpha"))


@mil("leaky_relu")
def leaky_relu(op: Op) -> None:
    """y = x where x >= 0, else alpha x"""
    op.emit("leaky_relu", [op.tensor("x")], slope=op.const("alpha"))


@mil("thresholded_relu")
def thresholded_relu(op: Op) -> None:
    """y = x where x >= alpha, else 0"""
    op.emit("thresholded_relu", [op.tensor("x")], threshold=op.const("alpha"))


@mil("prelu")
def prelu(op: Op) -> None:
    """y = x where x > 0, else alpha[channel] x"""
    op.emit("prelu", [op.tensor("x"), along_channels(op, "alpha", op.rank("x"))])


@mil("gelu")
def gelu(op: Op) -> None:
    """y = x P(X <= x), exactly or approximated as ``mode`` says"""
    mode, x = op.const("mode", "EXACT"), op.tensor("x")
    if mode == "SIGMOID_APPROXIMATION":
        share = op.temp("sigmoid", [op.temp("mul", [x, op.constant(1.702)])])
        op.emit("mul", [x, share])
        return
    approximate = {"EXACT": "none", "TANH_APPROXIMATION": "tanh"}.get(mode)
    if approximate is None:
        raise op.error(
            "unknown mode", found=mode, expected="EXACT, TANH_APPROXIMATION or SIGMOID_APPROXIMATION"
        )
    op.emit("gelu", [x], approximate=approximate)


@mil("linear_activation")
def linear_activation(op: Op) -> None:
    """y = alpha x + beta"""
    scaled = op.temp("mul", [op.tensor("x"), op.constant(float(op.const("alpha")), "alpha")])
    op.emit("add", [scaled, op.constant(float(op.const("beta")), "beta")])


@mil("scaled_tanh")
def scaled_tanh(op: Op) -> None:
    """y = alpha tanh(beta x)"""
    inner = op.temp("mul", [op.tensor("x"), op.constant(float(op.const("beta")), "beta")])
    op.emit("mul", [op.temp("tanh", [inner]), op.constant(float(op.const("alpha")), "alpha")])


@mil("sigmoid_hard")
def sigmoid_hard(op: Op) -> None:
    """y = min(max(alpha x + beta, 0), 1)"""
    op.emit("hard_sigmoid", [op.tensor("x")], alpha=op.const("alpha"), beta=op.const("beta"))


@mil("softplus_parametric")
def softplus_parametric(op: Op) -> None:
    """y = alpha[channel] log(1 + exp(beta[channel] x))"""
    rank = op.rank("x")
    inner = op.temp("mul", [op.tensor("x"), along_channels(op, "beta", rank)])
    op.emit("mul", [op.temp("softplus", [inner]), along_channels(op, "alpha", rank)])


@mil("softmax")
def softmax(op: Op) -> None:
    """y = exp(x) / sum of exp(x) along ``axis``"""
    op.emit("softmax", [op.tensor("x")], axis=op.const("axis", -1))
