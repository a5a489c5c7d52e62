"""Activations with settings."""

from __future__ import annotations

from ..call import Call, reads


@reads("aten.gelu")
def gelu(c: Call) -> str:
    """Exact, or by tanh."""
    return c.give("gelu", [c.tensor("self")], approximate=c.get("approximate", "none"))


@reads("aten.leaky_relu")
def leaky_relu(c: Call) -> str:
    """A slope below zero."""
    return c.give("leaky_relu", [c.tensor("self")], slope=float(c["negative_slope"]))


@reads("aten.elu", "aten.celu")
def elu(c: Call) -> str:
    """ELU, SELU (an ELU with a scale) and CELU."""
    alpha, scale, inner = (float(c.get(name, 1)) for name in ("alpha", "scale", "input_scale"))
    x = c.tensor("self")
    if c.op == "aten.celu":
        return c.give("celu", [x], alpha=alpha)
    if inner != 1:
        raise c.error("a scale of the input is not read", found=inner)
    if scale == 1:
        return c.give("elu", [x], alpha=alpha)
    return c.give("selu", [x], alpha=alpha, gamma=scale)


@reads("aten.softplus")
def softplus(c: Call) -> str:
    """Beyond ``threshold`` PyTorch leaves x as it is, which at the usual 20 is what the formula gives."""
    x, beta, threshold = c.tensor("self"), float(c.get("beta", 1)), float(c.get("threshold", 20))
    if threshold >= 20:
        return c.give("softplus", [x], beta=beta)
    far = c.emit("greater", [c.emit("mul", [x, c.constant(beta)]), c.constant(threshold)])
    return c.give("select", [far, x, c.emit("softplus", [x], beta=beta)])


@reads("aten.hardsigmoid")
def hardsigmoid(c: Call) -> str:
    """x / 6 + 1 / 2, kept within 0 and 1."""
    return c.give("hard_sigmoid", [c.tensor("self")], alpha=1 / 6, beta=0.5)


@reads("aten.log_sigmoid", "aten.log_sigmoid_forward")
def log_sigmoid(c: Call) -> str | tuple[str, ...]:
    """-softplus(-x)"""
    y = c.give("neg", [c.emit("softplus", [c.emit("neg", [c.tensor("self")])])])
    return (y, "") if c.op.endswith("forward") else y


@reads("aten.threshold")
def threshold(c: Call) -> str:
    """x above a threshold, else a value."""
    x = c.tensor("self")
    above = c.emit("greater", [x, c.constant(float(c["threshold"]))])
    return c.give("select", [above, x, c.constant(float(c["value"]))])


@reads("aten.glu")
def glu(c: Call) -> str:
    """The first half, gated by the sigmoid of the second."""
    axis = c.axis("dim")
    first, second = c.several("split", [c.tensor("self")], 2, axis=axis, count=2)
    return c.give("mul", [first, c.emit("sigmoid", [second])])


@reads("aten.prelu", "aten._prelu_kernel")
def prelu(c: Call) -> str:
    """A slope a channel; channels are the second axis, or the only one."""
    rank, many = c.rank("self"), c.sizes("weight")
    if c.op == "aten.prelu" and many != [1] and rank > 2:
        return c.give("prelu", [c.tensor("self"), c.shaped("weight", "beside", (-1, *(1,) * (rank - 2)))])
    return c.give("prelu", [c.tensor("self"), c.tensor("weight")])


@reads("aten._softmax", "aten.softmax", "aten._safe_softmax")
def softmax(c: Call) -> str:
    """Along one axis; the safe one gives zeros where everything is -inf."""
    x, axis = c.tensor("self"), c.axis("dim")
    if c.op == "aten._safe_softmax":
        y = c.emit("softmax", [x], axis=axis)
        peak = c.emit("reduce_max", [x], axes=(axis,), keepdims=True)
        shut = c.emit("equal", [peak, c.constant(-float("inf"))])
        return c.give("select", [shut, c.constant(0.0), y])
    return c.give("softmax", [x], axis=axis)


@reads("aten._log_softmax", "aten.log_softmax")
def log_softmax(c: Call) -> str:
    """Along one axis."""
    return c.give("log_softmax", [c.tensor("self")], axis=c.axis("dim"))
