"""Activations with settings."""

from __future__ import annotations

from ..aten_call import Op, reads


@reads("aten.gelu")
def gelu(op: Op) -> None:
    """Exact, or by tanh."""
    op.give("gelu", [op.input("self")], approximate=op.attr("approximate", "none"))


@reads("aten.leaky_relu")
def leaky_relu(op: Op) -> None:
    """A slope below zero."""
    op.give("leaky_relu", [op.input("self")], slope=op.attr("negative_slope", kind=float))


@reads("aten.elu", "aten.celu")
def elu(op: Op) -> None:
    """ELU, SELU (an ELU with a scale) and CELU."""
    alpha, scale, inner = (float(op.attr(name, 1)) for name in ("alpha", "scale", "input_scale"))
    x = op.input("self")
    if op.type == "aten.celu":
        op.give("celu", [x], alpha=alpha)
        return
    if inner != 1:
        raise op.error("a scale of the input is not read", found=inner)
    if scale == 1:
        op.give("elu", [x], alpha=alpha)
        return
    op.give("selu", [x], alpha=alpha, gamma=scale)


@reads("aten.softplus")
def softplus(op: Op) -> None:
    """Beyond ``threshold`` PyTorch leaves x as it is, which at the usual 20 is what the formula gives."""
    x, beta, threshold = op.input("self"), op.attr("beta", 1.0, float), op.attr("threshold", 20.0, float)
    if threshold >= 20:
        op.give("softplus", [x], beta=beta)
        return
    far = op.temp("greater", [op.temp("mul", [x, op.constant(beta)]), op.constant(threshold)])
    op.give("select", [far, x, op.temp("softplus", [x], beta=beta)])


@reads("aten.hardsigmoid")
def hardsigmoid(op: Op) -> None:
    """x / 6 + 1 / 2, kept within 0 and 1."""
    op.give("hard_sigmoid", [op.input("self")], alpha=1 / 6, beta=0.5)


@reads("aten.log_sigmoid", "aten.log_sigmoid_forward")
def log_sigmoid(op: Op) -> None:
    """-softplus(-x)"""
    op.give("neg", [op.temp("softplus", [op.temp("neg", [op.input("self")])])], output=0)


@reads("aten.threshold")
def threshold(op: Op) -> None:
    """x above a threshold, else a value."""
    x = op.input("self")
    above = op.temp("greater", [x, op.constant(op.attr("threshold", kind=float))])
    op.give("select", [above, x, op.constant(op.attr("value", kind=float))])


@reads("aten.glu")
def glu(op: Op) -> None:
    """The first half, gated by the sigmoid of the second."""
    axis = op.axis("dim")
    first, second = op.temps("split", [op.input("self")], 2, axis=axis, count=2)
    op.give("mul", [first, op.temp("sigmoid", [second])])


@reads("aten._softmax", "aten.softmax", "aten._safe_softmax")
def softmax(op: Op) -> None:
    """Along one axis; the safe one gives zeros where everything is -inf."""
    x, axis = op.input("self"), op.axis("dim")
    if op.type == "aten._safe_softmax":
        y = op.temp("softmax", [x], axis=axis)
        peak = op.temp("reduce_max", [x], axes=(axis,), keepdims=True)
        shut = op.temp("equal", [peak, op.constant(-float("inf"))])
        op.give("select", [shut, op.constant(0.0), y])
        return
    op.give("softmax", [x], axis=axis)


@reads("aten._log_softmax", "aten.log_softmax")
def log_softmax(op: Op) -> None:
    """Along one axis."""
    op.give("log_softmax", [op.input("self")], axis=op.axis("dim"))
