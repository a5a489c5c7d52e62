"""Convolution, pooling, normalisation and padding: what a convolutional network does channels first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from .....engine.bound_node import Call
from ....layouts import PLAIN, axis_in, first, spatial_axes
from ....writing.attributes import channel_bias, kernel, per_axis
from ...proto import module
from ..builder import Builder, refusal
from ..layers import Filler, Layers, fill, fills
from ..lowering import lowers
from ..values import Value


@lowers("conv")
def conv(b: Builder, c: Call) -> None:
    """conv is a cross-correlation; a kernel that the graph flips is written flipped. W becomes (out, in, k...)."""
    weight = kernel(c, b.weight(c, "weight"))
    n = weight.ndim - 2
    given: dict[str, Any] = {"weight": b.initial(c.tensors["weight"], weight)}
    if (bias := channel_bias(b.constant(c, "bias"), len(weight))) is not None:
        given["bias"] = b.initial(c.tensors["bias"], bias)
    b.result(
        c.node.outputs[0],
        "conv",
        form=first(n),
        x=b.get(c.tensors["x"], first(n)),
        **given,
        strides=per_axis(c, "strides", n),
        dilations=per_axis(c, "dilations", n),
        groups=int(c.attrs["groups"]),
        pad_type="custom",
        pad=_pads(b, c, n),
    )


@lowers("max_pool", "average_pool")
def pool(b: Builder, c: Call) -> None:
    """max_pool and avg_pool; a stride that is left out is the size of the window."""
    n = len(c.attrs["size"])
    if set(per_axis(c, "dilations", n)) != {1}:
        raise refusal(c, "MIL has no dilated pooling")
    if c.attrs["ceil"]:
        raise refusal(c, "its last partial window is not what MIL's ceil_mode means", "pad its input instead")
    settings: dict[str, Any] = {
        "kernel_sizes": tuple(int(k) for k in c.attrs["size"]),
        "strides": tuple(int(s) for s in (c.attrs["strides"] or c.attrs["size"])),
        "pad_type": "custom",
        "pad": _pads(b, c, n),
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


def _pads(b: Builder, c: Call, n: int) -> tuple[int, ...]:
    """((before, after), ...) one after another."""
    return tuple(width for pair in b.borders(c, n) for width in pair)


@fills("conv")
def conv_layer(layer: Any, p: dict[str, Any], b: Layers) -> Sequence[str]:
    """convolution, over two axes."""
    weight = b.array(p["weight"])
    if weight.ndim != 4:
        raise b.refusal("layers are filled for two spatial axes", found=f"{weight.ndim - 2} axes")
    field = layer.convolution
    field.outputChannels, field.kernelChannels = weight.shape[:2]
    field.nGroups = p["groups"]
    field.kernelSize.extend(weight.shape[2:])
    field.stride.extend(p["strides"])
    field.dilationFactor.extend(p["dilations"])
    _border(field.valid.paddingAmounts, p["pad"])
    fill(field.weights, weight)
    if "bias" in p:
        field.hasBias = True
        fill(field.bias, b.array(p["bias"]))
    return [b.name(p["x"])]


def _pool(kind: str) -> Filler:
    def write(layer: Any, p: dict[str, Any], b: Layers) -> Sequence[str]:
        if len(p["kernel_sizes"]) != 2:
            raise b.refusal("layers are filled for two spatial axes", found=f"{len(p['kernel_sizes'])} axes")
        field = layer.pooling
        field.type = module("NeuralNetwork").PoolingLayerParams.PoolingType.Value(kind)
        field.kernelSize.extend(p["kernel_sizes"])
        field.stride.extend(p["strides"])
        field.avgPoolExcludePadding = bool(p.get("exclude_padding_from_average", False))
        _border(field.valid.paddingAmounts, p["pad"])
        return [b.name(p["x"])]

    return write


fills("max_pool")(_pool("MAX"))
fills("avg_pool")(_pool("AVERAGE"))


@fills("pad")
def pad_layer(layer: Any, p: dict[str, Any], b: Layers) -> Sequence[str]:
    """constantPad, or a border of the last two axes that reflects or repeats what is there."""
    x, pads = p["x"], list(p["pad"])
    if p["mode"] == "constant":
        layer.constantPad.value = p["constant_val"]
        layer.constantPad.padAmounts.extend([0] * (2 * x.rank - len(pads)) + pads)
        return [b.name(x)]
    if x.rank < 2:
        raise b.refusal(f"layers pad by {p['mode']} along the last of two axes or more")
    field = layer.padding
    (field.reflection if p["mode"] == "reflect" else field.replication).SetInParent()
    _border(field.paddingAmounts, [0] * (4 - len(pads)) + pads)
    return [b.name(x)]


def _border(amounts: Any, pads: Sequence[int]) -> None:
    for before, after in zip(pads[::2], pads[1::2], strict=True):
        amounts.borderAmounts.add(startEdgeSize=before, endEdgeSize=after)
