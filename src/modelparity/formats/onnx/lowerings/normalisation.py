"""Normalisation by statistics of the input itself."""

from __future__ import annotations

import numpy as np

from ....engine.bound_node import Call
from ...layouts import first
from ...writing.attributes import axes
from ..builder import Builder
from ..lowering import lowers


@lowers("layer_norm")
def layer_norm(b: Builder, c: Call) -> None:
    """LayerNormalization over the last axes; plain operators over any others."""
    x, rank = c.tensors["x"], b.rank(c.tensors["x"])
    over = axes(c, rank)
    if over == tuple(range(over[0], rank)):
        gamma, beta = c.tensors.get("gamma"), c.tensors.get("beta")
        name = normal(b, b.get(x), gamma, beta, c, axis=over[0] - rank, sizes=b.shapes[x][over[0] :])
        if name is not None:
            return
    mean = b.emit("ReduceMean", [b.get(x)], axes=over, keepdims=1)
    centred = b.emit("Sub", [b.get(x), mean])
    variance = b.emit("ReduceMean", [b.emit("Mul", [centred, centred])], axes=over, keepdims=1)
    spread = b.emit("Sqrt", [b.emit("Add", [variance, b.scalar(float(c.attrs["epsilon"]))])])
    stretched(b, c, ("Div", [centred, spread]))


def normal(
    b: Builder,
    x: str,
    gamma: str | None,
    beta: str | None,
    c: Call,
    *,
    axis: int,
    sizes: tuple[int | str, ...],
) -> str | None:
    """LayerNormalization as the result of a node; None where its scale could not be written."""
    if gamma is None and not all(isinstance(size, int) for size in sizes):
        return None
    scale = b.get(gamma) if gamma else b.initial(f"{c.node.name}/gamma", np.ones(sizes, np.float32))
    inputs = [x, scale, *([b.get(beta)] if beta else [])]
    return b.result(
        c.node.outputs[0], "LayerNormalization", inputs, axis=axis, epsilon=float(c.attrs["epsilon"])
    )


@lowers("rms_norm")
def rms_norm(b: Builder, c: Call) -> None:
    """Plain operators: this operator set has no RMSNormalization."""
    x = b.get(c.tensors["x"])
    over = axes(c, b.rank(c.tensors["x"]))
    power = b.emit("ReduceMean", [b.emit("Mul", [x, x])], axes=over, keepdims=1)
    spread = b.emit("Sqrt", [b.emit("Add", [power, b.scalar(float(c.attrs["epsilon"]))])])
    stretched(b, c, ("Div", [x, spread]))


@lowers("instance_norm", "group_norm")
def group_norm(b: Builder, c: Call) -> None:
    """InstanceNormalization, with the channels of a group laid out as one long channel."""
    n = int(c.attrs["spatial"])
    x, rank = c.tensors["x"], b.rank(c.tensors["x"])
    if not n >= 1 or rank not in (n + 1, n + 2):
        _grouped_plainly(b, c, n)
        return
    form = first(n)
    channels = int(b.shapes[x][-1])
    groups = int(c.attrs.get("groups", channels))
    image = b.get(x, form)
    grouped = image if groups == channels else b.emit("Reshape", [image, b.ints(0, groups, -1)])
    scale = b.initial(f"{c.node.name}/scale", np.ones(groups, np.float32))
    shift = b.initial(f"{c.node.name}/shift", np.zeros(groups, np.float32))
    y = b.emit("InstanceNormalization", [grouped, scale, shift], epsilon=float(c.attrs["epsilon"]))
    if groups != channels:
        y = b.emit("Reshape", [y, b.emit("Shape", [image])])
    steps = [(op, key) for op, key in (("Mul", "gamma"), ("Add", "beta")) if key in c.tensors]
    for op, key in steps[:-1]:
        y = b.emit(op, [y, b.operand(c.tensors[key], form, rank)])
    if steps:
        b.result(
            c.node.outputs[0], steps[-1][0], [y, b.operand(c.tensors[steps[-1][1]], form, rank)], form=form
        )
    else:
        b.result(c.node.outputs[0], "Identity", [y], form=form)


def _grouped_plainly(b: Builder, c: Call, spatial: int) -> None:
    """No spatial axis, or several leading ones: (..., spatial..., group, channel in group), reduced and joined."""
    x, rank = b.get(c.tensors["x"]), b.rank(c.tensors["x"])
    channels = int(b.shapes[c.tensors["x"]][-1])
    groups = int(c.attrs.get("groups", channels))
    split = b.emit("Reshape", [x, b.ints(*[0] * (rank - 1), groups, channels // groups)])
    axes = [*range(rank - 1 - spatial, rank - 1), rank]
    centred = b.emit("Sub", [split, b.emit("ReduceMean", [split], axes=axes, keepdims=1)])
    variance = b.emit("ReduceMean", [b.emit("Mul", [centred, centred])], axes=axes, keepdims=1)
    spread = b.emit("Sqrt", [b.emit("Add", [variance, b.scalar(float(c.attrs["epsilon"]))])])
    y = b.emit("Div", [centred, spread])
    stretched(b, c, ("Reshape", [y, b.ints(*[0] * (rank - 1), channels)]))


def stretched(b: Builder, c: Call, step: tuple[str, list[str]]) -> None:
    """``step``, times gamma, plus beta, as far as the node has them; the last is the node's result."""
    for op, key in (("Mul", "gamma"), ("Add", "beta")):
        if key in c.tensors:
            step = (op, [b.emit(*step), b.get(c.tensors[key])])
    b.result(c.node.outputs[0], *step)
