"""Activations."""

from __future__ import annotations

from ....reading.channels import along_channels
from ..operators import Op, reads


@reads("relu6")
def relu6(op: Op) -> None:
    """y = min(max(x, 0), 6)"""
    op.give("clip", [op.input("x")], min=0.0, max=6.0)


@reads("clamped_relu")
def clamped_relu(op: Op) -> None:
    """y = min(x, beta) where x >= 0, else min(alpha x, beta)"""
    leaky = op.temp("leaky_relu", [op.input("x")], slope=op.attr("alpha"))
    op.give("clip", [leaky], max=op.attr("beta"))


@reads("elu")
def elu(op: Op) -> None:
    """y = x where x > 0, else alpha (exp(x) - 1)"""
    op.give("elu", [op.input("x")], alpha=op.attr("alpha"))


@reads("leaky_relu")
def leaky_relu(op: Op) -> None:
    """y = x where x >= 0, else alpha x"""
    op.give("leaky_relu", [op.input("x")], slope=op.attr("alpha"))


@reads("thresholded_relu")
def thresholded_relu(op: Op) -> None:
    """y = x where x >= alpha, else 0"""
    op.give("thresholded_relu", [op.input("x")], threshold=op.attr("alpha"))


@reads("prelu")
def prelu(op: Op) -> None:
    """y = x where x > 0, else alpha[channel] x"""
    op.give("prelu", [op.input("x"), along_channels(op, "alpha", op.rank("x"))])


@reads("gelu")
def gelu(op: Op) -> None:
    """y = x P(X <= x), exactly or approximated as ``mode`` says"""
    modes = {"EXACT": "none", "TANH_APPROXIMATION": "tanh", "SIGMOID_APPROXIMATION": "sigmoid"}
    mode, x = op.choice("mode", modes, "EXACT"), op.input("x")
    if mode == "sigmoid":
        share = op.temp("sigmoid", [op.temp("mul", [x, op.constant(1.702)])])
        op.give("mul", [x, share])
    else:
        op.give("gelu", [x], approximate=mode)


@reads("linear_activation")
def linear_activation(op: Op) -> None:
    """y = alpha x + beta"""
    scaled = op.temp("mul", [op.input("x"), op.constant(op.attr("alpha", kind=float), "alpha")])
    op.give("add", [scaled, op.constant(op.attr("beta", kind=float), "beta")])


@reads("scaled_tanh")
def scaled_tanh(op: Op) -> None:
    """y = alpha tanh(beta x)"""
    inner = op.temp("mul", [op.input("x"), op.constant(op.attr("beta", kind=float), "beta")])
    op.give("mul", [op.temp("tanh", [inner]), op.constant(op.attr("alpha", kind=float), "alpha")])


@reads("sigmoid_hard")
def sigmoid_hard(op: Op) -> None:
    """y = min(max(alpha x + beta, 0), 1)"""
    op.give("hard_sigmoid", [op.input("x")], alpha=op.attr("alpha"), beta=op.attr("beta"))


@reads("softplus_parametric")
def softplus_parametric(op: Op) -> None:
    """y = alpha[channel] log(1 + exp(beta[channel] x))"""
    rank = op.rank("x")
    inner = op.temp("mul", [op.input("x"), along_channels(op, "beta", rank)])
    op.give("mul", [op.temp("softplus", [inner]), along_channels(op, "alpha", rank)])


@reads("softmax")
def softmax(op: Op) -> None:
    """y = exp(x) / sum of exp(x) along ``axis``"""
    op.give("softmax", [op.input("x")], axis=op.attr("axis", -1))
