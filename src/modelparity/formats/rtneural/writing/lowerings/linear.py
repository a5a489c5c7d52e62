"""Affine maps, and what acts on each number of a frame."""

from __future__ import annotations

import numpy as np

from .....engine.bound_node import Call
from .....graph import Array
from ..chain import Chain, refusal
from ..lowering import INSTEAD, lowers


@lowers("dense")
def dense(chain: Chain, call: Call) -> None:
    """W stays (in, out)."""
    chain.flat(call)
    weight, bias = chain.weight(call, "weight"), chain.constant(call, "bias")
    chain.resized(weight.shape[1])
    chain.add(call, "dense", [weight] if bias is None else [weight, np.broadcast_to(bias, weight.shape[1:])])


@lowers("matmul")
def matmul(chain: Chain, call: Call) -> None:
    """Frames times a constant matrix: a dense layer without bias."""
    first, second = call.node.inputs[:2]
    if first != chain.tensor or second not in chain.constants or chain.constants[second].ndim != 2:
        raise refusal(call, "only frames times a constant matrix is a dense layer")
    chain.flat(call)
    weight = chain.constants[second]
    chain.resized(weight.shape[1])
    chain.add(call, "dense", [weight])


@lowers("add", "sub", "mul", "div")
def arithmetic(chain: Chain, call: Call) -> None:
    """A constant for each number of the frame: the bias of a dense layer before it, or a batch normalisation."""
    names = call.node.inputs
    other = next((name for name in names if name != chain.tensor), None)
    if other is None or other not in chain.constants:
        raise refusal(call, "both sides are computed", INSTEAD["add"])
    op, value = call.node.op, chain.constants[other]
    if op in ("sub", "div") and names[0] == other:
        raise refusal(call, f"a constant {'minus' if op == 'sub' else 'over'} the frame")
    if op == "div":
        value = 1 / value
    value = per_number(chain, call, value)
    last = chain.layers[-1] if chain.layers else {}
    sign = -1 if op == "sub" else 1
    if (
        op in ("add", "sub")
        and last.get("type") == "dense"
        and len(last["weights"]) == 1
        and not last["activation"]
    ):
        last["weights"].append((sign * value).astype(np.float32).astype(np.float64).tolist())
        return
    zero, one = np.zeros(chain.width), np.ones(chain.width)
    if op in ("mul", "div"):
        chain.add(call, "batchnorm", [value, zero, zero, one], epsilon=0.0)
    else:
        chain.add(call, "batchnorm", [one, sign * value, zero, one], epsilon=0.0)


@lowers("identity", "dropout", "cast")
def identity(chain: Chain, call: Call) -> None:
    """Nothing."""
    if call.node.op == "cast" and not str(call.attrs.get("dtype", call.attrs.get("to", "float"))).startswith(
        "float"
    ):
        raise refusal(call, "RTNeural computes with floating-point numbers only")


@lowers("prelu")
def prelu(chain: Chain, call: Call) -> None:
    """One slope a number of the frame, or one for all."""
    slope = chain.weight(call, "slope")
    chain.add(
        call, "prelu", [slope.reshape(1, 1) if slope.size == 1 else per_number(chain, call, slope)[None]]
    )


@lowers("leaky_relu")
def leaky_relu(chain: Chain, call: Call) -> None:
    """A PReLU whose slope nobody trained."""
    chain.add(call, "prelu", [np.full((1, 1), call.attrs["slope"])])


@lowers("tanh", "relu", "sigmoid")
def activation(chain: Chain, call: Call) -> None:
    """RTNeural's own."""
    chain.activate(call, call.node.op)


@lowers("elu")
def elu(chain: Chain, call: Call) -> None:
    """With alpha 1 only: a file cannot say another."""
    if call.attrs["alpha"] != 1:
        raise refusal(call, f"alpha {call.attrs['alpha']:g}; a file can only say 1")
    chain.activate(call, "elu")


@lowers("softmax")
def softmax(chain: Chain, call: Call) -> None:
    """Over the whole frame. RTNeural does not subtract the maximum first: logits beyond 88 overflow a float."""
    chain.expect_order(call)
    axis = call.attrs["axis"]
    if not -1 <= axis < len(chain.roles) or chain.roles[axis].size != chain.width:
        raise refusal(call, "it runs along another axis than the whole frame's")
    chain.activate(call, "softmax")


def per_number(chain: Chain, call: Call, value: Array) -> Array:
    """A constant that broadcasts against the tensor, as one number for each of the frame's."""
    roles = chain.roles
    if value.ndim > len(roles):
        raise refusal(call, "its constant has more axes than the frame")
    shape = (1,) * (len(roles) - value.ndim) + value.shape
    if any(role.size is None and n != 1 for role, n in zip(roles, shape, strict=True)):
        raise refusal(call, "its constant changes over time")
    kept = value.reshape([n for role, n in zip(roles, shape, strict=True) if role.size is not None])
    full: Array = np.broadcast_to(kept, [role.size or 1 for role in chain.parts])
    places = {role.name: place for place, role in enumerate(chain.parts)}
    held = [places[name] for name in chain.order]
    units = [place for place in range(full.ndim) if place not in held]
    return full.transpose(*units, *held).reshape(-1)
