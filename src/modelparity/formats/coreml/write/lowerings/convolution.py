"""Convolution, pooling, normalisation and padding: what a convolutional network does channels first."""

from __future__ import annotations

from typing import Any

import numpy as np

from .....engine.bound_node import Call
from ....layouts import PLAIN, axis_in, first, spatial_axes
from ..builder import Builder, refusal
from ..lowering import lowers
from ..values import Value


@lowers("conv")
def conv(b: Builder, c: Call) -> None:
    """conv is a cross-correlation; a kernel that the graph flips is written flipped. W becomes (out, in, k...)."""
    weight = b.constant(c, "weight")
    assert weight is not None
    n = weight.ndim - 2
    if c.attrs["flip"]:
        weight = np.flip(weight, tuple(range(n)))
    given: dict[str, Any] = {
        "weight": b.block.weight(c.tensors["weight"], weight.transpose(n + 1, n, *range(n)))
    }
    bias = b.constant(c, "bias")
    if bias is not None and (bias.size > 1 or bias.any()):  # one a channel in MIL; a lone zero says nothing
        given["bias"] = b.block.weight(c.tensors["bias"], np.broadcast_to(bias, (weight.shape[-1],)))
    b.result(
        c.node.outputs[0],
        "conv",
        form=first(n),
        x=b.get(c.tensors["x"], first(n)),
        **given,
        strides=_per_axis(c, "strides", n),
        dilations=_per_axis(c, "dilations", n),
        groups=int(c.attrs["groups"]),
        pad_type="custom",
        pad=_pads(c, n),
    )


@lowers("max_pool", "average_pool")
def pool(b: Builder, c: Call) -> None:
    """max_pool and avg_pool; a stride that is left out is the size of the window."""
    n = len(c.attrs["size"])
    if set(_per_axis(c, "dilations", n)) != {1}:
        raise refusal(c, "MIL has no dilated pooling")
    if c.attrs["ceil"]:
        raise refusal(c, "its last partial window is not what MIL's ceil_mode means", "pad its input instead")
    settings: dict[str, Any] = {
        "kernel_sizes": tuple(int(k) for k in c.attrs["size"]),
        "strides": tuple(int(s) for s in (c.attrs["strides"] or c.attrs["size"])),
        "pad_type": "custom",
        "pad": _pads(c, n),
        "ceil_mode": False,
    }
    if c.node.op == "average_pool":
        settings["exclude_padding_from_average"] = not c.attrs["count_padding"]
    op = "max_pool" if c.node.op == "max_pool" else "avg_pool"
    b.result(c.node.outputs[0], op, form=first(n), x=b.get(c.tensors["x"], first(n)), **settings)


@lowers("normalize")
def normalize(b: Builder, c: Call) -> None:
    """(x - mean) times (gamma inv_std), plus beta; no weight is changed, the product is an operation of its own."""
    tensors = [c.tensors[key] for key in ("x", "mean", "inv_std", "gamma", "beta") if key in c.tensors]
    form, rank, (y,) = b.common(tensors), b.rank(c.node.outputs[0]), c.node.outputs

    def operand(parameter: str) -> Value:
        return b.operand(c.tensors[parameter], form, rank, real=True)

    centred = b.block.pointwise("sub", operand("x"), operand("mean"))
    scale = operand("inv_std")
    if "gamma" in c.tensors:
        scale = b.block.pointwise("mul", operand("gamma"), scale)
    if "beta" not in c.tensors:
        b.result(y, "mul", form=form, x=centred, y=scale)
        return
    b.result(y, "add", form=form, x=b.block.pointwise("mul", centred, scale), y=operand("beta"))


@lowers("batch_norm")
def batch_norm(b: Builder, c: Call) -> None:
    """Plain operations: MIL's own folds the statistics in an order of its choice."""
    tensors = list(c.tensors.values())
    form, rank, (y,) = b.common(tensors), b.rank(c.node.outputs[0]), c.node.outputs
    given = {key: b.operand(name, form, rank) for key, name in c.tensors.items()}
    root = b.block.unary("sqrt", b.block.pointwise("add", given["variance"], float(c.attrs["epsilon"])))
    centred = b.block.pointwise("sub", given["x"], given["mean"])
    stretched(b, y, form, ("real_div", centred, root), given)


def stretched(b: Builder, y: str, form: str, step: tuple[str, Value, Value], given: dict[str, Value]) -> None:
    """``step``, times gamma, plus beta, as far as they are given; the last is the node's result."""
    for op, key in (("mul", "gamma"), ("add", "beta")):
        if key in given:
            step = (op, b.block.pointwise(*step), given[key])
    b.result(y, step[0], form=form, x=step[1], y=step[2])


@lowers("pad")
def pad(b: Builder, c: Call) -> None:
    """pad, along the same axes wherever the layout has put them."""
    x, (y,) = c.tensors["x"], c.node.outputs
    native, rank = b.native(x), b.rank(x)
    n = spatial_axes(native)
    form = native if n else PLAIN
    places = [axis_in(form, axis, rank) if n else axis for axis in range(rank)]
    widths = np.zeros((n + 2 if n else rank, 2), np.int32)
    widths[places, 0], widths[places, 1] = c.attrs["before"], c.attrs["after"]
    padded = np.flatnonzero(widths.any(axis=1))
    widths = widths[padded[0] :] if len(padded) else widths[-1:]  # MIL pads the last axes
    mode = {"edge": "replicate"}.get(c.attrs["mode"], c.attrs["mode"])
    if mode == "wrap":
        raise refusal(c, "MIL does not pad by wrapping round")
    if mode != "constant" and len(widths) > 2:
        raise refusal(c, f"MIL pads by {mode} along the last two axes only")
    b.result(
        y,
        "pad",
        form=form,
        x=b.get(x, form),
        pad=tuple(widths.ravel().tolist()),
        mode=mode,
        constant_val=float(c.attrs["value"]),
    )


def _per_axis(c: Call, setting: str, n: int) -> tuple[int, ...]:
    given = c.attrs[setting]
    return (1,) * n if given is None else tuple(int(value) for value in given)


def _pads(c: Call, n: int) -> tuple[int, ...]:
    """((before, after), ...) one after another."""
    padding = c.attrs["padding"]
    if isinstance(padding, str):
        raise refusal(c, f"padding {padding!r} is not spelled out", "give widths before and after each axis")
    return (0,) * (2 * n) if padding is None else tuple(int(width) for pair in padding for width in pair)
