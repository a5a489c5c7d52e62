"""Convolution, pooling, normalisation and padding: what a convolutional network does channels first."""

from __future__ import annotations

import numpy as np

from ....engine.bound_node import Call
from ...layouts import PLAIN, axis_in, first, spatial_axes
from ...writing.attributes import channel_bias, cut_off, kernel, per_axis
from ..builder import Builder, refusal
from ..lowering import lowers
from .normalisation import stretched


@lowers("conv")
def conv(b: Builder, c: Call) -> None:
    """Conv is a cross-correlation; a kernel that the graph flips is written flipped. W becomes (out, in, k...)."""
    weight = kernel(c, b.weight(c, "weight"))
    n = weight.ndim - 2
    written = b.initial(c.tensors["weight"], weight)
    inputs = [b.get(c.tensors["x"], first(n)), written]
    if (bias := channel_bias(b.constant(c, "bias"), len(weight))) is not None:
        inputs.append(b.initial(c.tensors["bias"], bias))
    b.result(
        c.node.outputs[0],
        "Conv",
        inputs,
        form=first(n),
        kernel_shape=weight.shape[2:],
        strides=per_axis(c, "strides", n),
        dilations=per_axis(c, "dilations", n),
        pads=_pads(b, c, n),
        group=c.attrs["groups"],
    )


@lowers("conv_transpose")
def conv_transpose(b: Builder, c: Call) -> None:
    """ConvTranspose, its kernel as it is; what is longer than its padding leaves is output_padding."""
    weight = b.weight(c, "weight")
    n = weight.ndim - 2
    strides, dilations = per_axis(c, "strides", n), per_axis(c, "dilations", n)
    before, after = cut_off(b, c)
    written = b.initial(c.tensors["weight"], weight.transpose(n, n + 1, *range(n)))
    inputs = [b.get(c.tensors["x"], first(n)), written]
    out = weight.shape[-1] * int(c.attrs["groups"])
    if (bias := channel_bias(b.constant(c, "bias"), out)) is not None:
        inputs.append(b.initial(c.tensors["bias"], bias))
    b.result(
        c.node.outputs[0],
        "ConvTranspose",
        inputs,
        form=first(n),
        kernel_shape=weight.shape[:n],
        strides=strides,
        dilations=dilations,
        pads=[*before, *(max(0, cut) for cut in after)],
        output_padding=[max(0, -cut) for cut in after],
        group=int(c.attrs["groups"]),
    )


@lowers("max_pool", "average_pool")
def pool(b: Builder, c: Call) -> None:
    """MaxPool and AveragePool; a stride that is left out is the size of the window."""
    n = len(c.attrs["size"])
    if c.node.op == "average_pool" and c.attrs["dilations"] is not None:
        raise refusal(c, "an AveragePool of this opset has no dilations")
    settings = {
        "kernel_shape": list(c.attrs["size"]),
        "strides": list(c.attrs["size"] if c.attrs["strides"] is None else c.attrs["strides"]),
        "pads": _pads(b, c, n),
        "ceil_mode": int(c.attrs["ceil"]),
    }
    if c.node.op == "max_pool":
        settings["dilations"] = per_axis(c, "dilations", n)
    else:
        settings["count_include_pad"] = int(c.attrs["count_padding"])
    op = "MaxPool" if c.node.op == "max_pool" else "AveragePool"
    x = b.get(c.tensors["x"], first(n))
    if op == "MaxPool" and any(node.op == "pad" and c.tensors["x"] in node.outputs for node in b.graph.nodes):
        # onnxruntime (seen in 1.31) fuses Pad into MaxPool, whose padding is minus infinity and not the pad's
        # value; two reshapes that cancel out keep the two apart and cost nothing.
        x = b.emit("Squeeze", [b.emit("Unsqueeze", [x, b.ints(0)]), b.ints(0)])
    b.result(c.node.outputs[0], op, [x], form=first(n), **settings)


@lowers("normalize")
def normalize(b: Builder, c: Call) -> None:
    """x + (-mean), times (gamma inv_std), plus beta: in this form runtimes fold it into a convolution before it.

    No weight is changed: the product is a node of its own, of constants only.
    """
    tensors = [c.tensors[key] for key in ("x", "mean", "inv_std", "gamma", "beta") if key in c.tensors]
    form, rank = b.common(tensors), b.rank(c.node.outputs[0])

    def operand(parameter: str) -> str:
        return b.operand(c.tensors[parameter], form, rank, real=True)

    if c.tensors["mean"] in b.graph.constants:
        y = b.emit("Add", [operand("x"), b.operand(c.tensors["mean"], form, rank, real=True, negated=True)])
    else:
        y = b.emit("Sub", [operand("x"), operand("mean")])
    scale = operand("inv_std")
    if "gamma" in c.tensors:
        scale = b.emit("Mul", [operand("gamma"), scale])
    if "beta" in c.tensors:
        y = b.emit("Mul", [y, scale])
        b.result(c.node.outputs[0], "Add", [y, operand("beta")], form=form)
    else:
        b.result(c.node.outputs[0], "Mul", [y, scale], form=form)


@lowers("batch_norm")
def batch_norm(b: Builder, c: Call) -> None:
    """BatchNormalization where there is one statistic a channel; plain operators where there are more."""
    x, rank = c.tensors["x"], b.rank(c.tensors["x"])
    parameters = {key: b.constant(c, key) for key in ("variance", "gamma", "beta")}
    mean = b.weight(c, "mean")
    native = b.native(x)
    form = native if spatial_axes(native) else PLAIN if rank == 2 else first(rank - 1)
    if any(a is not None and a.shape != mean.shape for a in parameters.values()) or mean.ndim != 1:
        centred = b.emit("Sub", [b.get(x), b.get(c.tensors["mean"])])
        shifted = b.emit("Add", [b.get(c.tensors["variance"]), b.scalar(float(c.attrs["epsilon"]))])
        stretched(b, c, ("Div", [centred, b.emit("Sqrt", [shifted])]))
        return
    neutral = {"gamma": np.ones(mean.shape, np.float32), "beta": np.zeros(mean.shape, np.float32)}
    terms = [
        b.get(c.tensors[key]) if key in c.tensors else b.initial(f"{c.node.name}/{key}", neutral[key])
        for key in ("gamma", "beta", "mean", "variance")
    ]
    b.result(
        c.node.outputs[0],
        "BatchNormalization",
        [b.get(x, form), *terms],
        form=form,
        epsilon=c.attrs["epsilon"],
    )


@lowers("pad")
def pad(b: Builder, c: Call) -> None:
    """Pad, along the same axes wherever the layout has put them."""
    x = c.tensors["x"]
    if c.attrs["mode"] == "wrap":
        raise refusal(c, "a Pad of this opset does not wrap")
    native, rank = b.native(x), b.rank(x)
    n = spatial_axes(native)
    form = native if n else PLAIN
    places = [axis_in(form, axis, rank) if n else axis for axis in range(rank)]
    size = n + 2 if n else rank
    widths = np.zeros((2, size), np.int64)
    widths[0, places], widths[1, places] = c.attrs["before"], c.attrs["after"]
    inputs = [b.get(x, form), b.ints(*widths.ravel().tolist())]
    if c.attrs["mode"] == "constant" and b.kinds[x] == "f":
        inputs.append(b.scalar(float(c.attrs["value"])))
    b.result(c.node.outputs[0], "Pad", inputs, form=form, mode=c.attrs["mode"])


def _pads(b: Builder, c: Call, n: int) -> list[int]:
    """((before, after), ...) as ONNX wants it: all befores, then all afters."""
    return [width for side in zip(*b.borders(c, n), strict=True) for width in side]
