"""Normalisation."""

from __future__ import annotations

import math

import torch

from ..call import Call, reads
from .convolution import last, second


def _alone(c: Call, y: str, others: int = 2) -> tuple[str, ...]:
    """The result without the statistics that PyTorch returns beside it for training."""
    if any(user.args[1] != 0 for user in c.node.users if len(user.args) > 1):
        raise c.error("statistics as results are not read")
    return (y, *("",) * others)


@reads("aten._native_batch_norm_legit_no_training")
def batch_norm(c: Call) -> tuple[str, ...]:
    """With stored statistics; channels are the second axis."""
    shape = (-1, *(1,) * (c.rank("input") - 2))
    mean, variance, gamma, beta = (
        c.shaped(name, "beside", shape) for name in ("running_mean", "running_var", "weight", "bias")
    )
    inputs = [c.tensor("input"), mean, variance, gamma, beta]
    while not inputs[-1]:
        inputs.pop()
    return _alone(c, c.give("batch_norm", inputs, epsilon=float(c["eps"])))


@reads("aten._native_batch_norm_legit.no_stats")
def over_batch(c: Call) -> tuple[str, ...]:
    """With the statistics of the batch itself: instance normalisation comes so."""
    rank = c.rank("input")
    shape = (-1, *(1,) * (rank - 2))
    inputs = [c.tensor("input"), c.shaped("weight", "beside", shape), c.shaped("bias", "beside", shape)]
    while not inputs[-1]:
        inputs.pop()
    axes = tuple(axis for axis in range(rank) if axis != 1)
    return _alone(c, c.give("layer_norm", inputs, axes=axes, epsilon=float(c["eps"])))


@reads("aten.native_layer_norm", "aten.layer_norm")
def layer_norm(c: Call) -> str | tuple[str, ...]:
    """Over the last axes."""
    inputs = [c.tensor("input"), c.tensor("weight"), c.tensor("bias")]
    while not inputs[-1]:
        inputs.pop()
    axes = tuple(range(-len(c["normalized_shape"]), 0))
    y = c.give("layer_norm", inputs, axes=axes, epsilon=float(c.get("eps", 1e-5)))
    return y if c.op == "aten.layer_norm" else _alone(c, y)


@reads("aten.rms_norm")
def rms_norm(c: Call) -> str:
    """Over the last axes; epsilon is the type's own unless given."""
    weight = c.tensor("weight")
    epsilon = c.get("eps", torch.finfo(c.result.dtype).eps)
    axes = tuple(range(-len(c["normalized_shape"]), 0))
    inputs = [c.tensor("input"), *([weight] if weight else [])]
    return c.give("rms_norm", inputs, axes=axes, epsilon=float(epsilon))


@reads("aten.native_group_norm")
def group_norm(c: Call) -> tuple[str, ...]:
    """Groups of channels, over space."""
    rank = c.rank("input")
    inputs = [last(c, "input", rank - 2), c.tensor("weight"), c.tensor("bias")]
    while not inputs[-1]:
        inputs.pop()
    y = c.emit("group_norm", inputs, groups=int(c["group"]), spatial=rank - 2, epsilon=float(c["eps"]))
    return _alone(c, second(c, y, rank, rank - 2))


@reads("aten.linalg_vector_norm")
def norm(c: Call) -> str:
    """Norms of vectors: sums of absolute values or of squares, or the greatest."""
    return _norm(c, c.tensor("self"), float(c.get("ord", 2)), c.axes("dim"), bool(c.get("keepdim", False)))


@reads("aten._cdist_forward")
def distances(c: Call) -> str:
    """The norm of the difference of every row of one and every row of the other."""
    x = c.emit("expand_dims", [c.tensor("x1")], axes=(-2,))
    y = c.emit("expand_dims", [c.tensor("x2")], axes=(-3,))
    return _norm(c, c.emit("sub", [x, y]), float(c["p"]), (-1,), False)


def _norm(c: Call, x: str, order: float, axes: tuple[int, ...], keep: bool) -> str:
    ops = {2.0: "reduce_l2", 1.0: "reduce_l1", math.inf: "reduce_max", -math.inf: "reduce_min"}
    if order not in ops:
        raise c.error("this order of a norm is not read", found=order, expected="1, 2 or infinity")
    if math.isinf(order):
        x = c.emit("abs", [x])
    return c.give(ops[order], [x], axes=axes, keepdims=keep)
