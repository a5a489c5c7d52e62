"""Convolution and its transpose, in two and three dimensions."""

from __future__ import annotations

from typing import Any

from ..layer import Layer
from ..registry import layer
from ._channels import border_pairs, over_space, same_padding


@layer("convolution")
def convolution(layer: Layer) -> None:
    """Spatial convolution; the weight may be an input; a deconvolution is a transposed convolution."""
    layer.count((1, 2))
    layer.at_least(4)
    p = layer.p
    outs, inner, groups = int(p.outputChannels), int(p.kernelChannels), int(p.nGroups) or 1
    size, strides = p.numbers("kernelSize", 2, 3), p.numbers("stride", 2)
    if not outs or not inner or outs % groups:
        found = f"{outs} outputs, {inner} kernel channels, {groups} groups"
        raise layer.error(
            "channels cannot be", found=found, expected="positive numbers, outputs in even groups"
        )
    padding, dilations = _padding(layer), p.numbers("dilationFactor", 2)
    bias = [layer.const(layer.weight("bias", (outs,)), "bias")] if p.hasBias else []
    if p.isDeconvolution:
        layer.count(1)
        array = layer.weight("weights", (inner, outs // groups, *size), axis=1).transpose(2, 3, 0, 1)
        inputs = [layer.const(array, "weights"), *bias]
        sizes = p.numbers("outputShape", 2) if p.outputShape else None
        attrs: dict[str, Any] = {"padding": "same" if sizes else padding, "sizes": sizes}
    else:
        p.ignore("outputShape")
        attrs = {"padding": padding}
        if len(layer.inputs) == 2:
            inputs = [layer.emit("transpose", layer.inputs[1], axes=(2, 3, 1, 0)), *bias]
        else:
            array = layer.weight("weights", (outs, inner, *size)).transpose(2, 3, 1, 0)
            inputs = [layer.const(array, "weights"), *bias]
    op = "conv_transpose" if p.isDeconvolution else "conv"
    # The specification's comment says that a deconvolution ignores dilation; Apple's tests expect it to count.
    attrs |= {"strides": strides, "dilations": dilations, "groups": groups}
    layer.give(over_space(layer, layer.x, 2, lambda x: layer.emit(op, x, *inputs, **attrs)))


def _padding(layer: Layer) -> tuple[tuple[int, int], ...] | str:
    kind = layer.p.which("ConvolutionPaddingType")
    if not kind:
        raise layer.error("no padding type is given", expected="valid or same")
    return border_pairs(layer, layer.p.valid.paddingAmounts) if kind == "valid" else same_padding(layer)


AXES = ("Depth", "Height", "Width")
EDGES = ("Front", "Back", "Top", "Bottom", "Left", "Right")


def custom_padding(layer: Layer) -> tuple[tuple[int, int], ...] | str | None:
    """Padding as three-dimensional layers give it: amounts, none, or "same"."""
    amounts = [int(getattr(layer.p, f"customPadding{edge}")) for edge in EDGES]
    kind = layer.p.choice("paddingType")
    if min(amounts) < 0:
        raise layer.error("negative padding", found=tuple(amounts))
    if kind == "CUSTOM":
        return tuple(zip(amounts[::2], amounts[1::2], strict=True))
    return "same" if kind == "SAME" else None


def along(layer: Layer, what: str, *, default: int = 0) -> tuple[int, ...]:
    """A positive number for each of depth, height and width; 0 becomes ``default`` if there is one."""
    found = tuple(int(getattr(layer.p, f"{what}{axis}")) or default for axis in AXES)
    if min(found) < 1:
        raise layer.error(f"{what} cannot be", found=found, expected="positive numbers")
    return found


@layer("convolution3d")
def convolution_3d(layer: Layer) -> None:
    """As two-dimensional convolution, over depth, height and width."""
    layer.count(1)
    p, rank = layer.p, layer.rank()
    if rank != 5:
        raise layer.error("rank of the input does not fit", found=rank, expected=5)
    outs, ins, groups = int(p.outputChannels), int(p.inputChannels), int(p.nGroups) or 1
    size, strides, dilations = (
        along(layer, "kernel"),
        along(layer, "stride", default=1),
        along(layer, "dilation", default=1),
    )
    if outs < 1 or ins < 1 or groups < 1 or outs % groups or ins % groups:
        found = f"{ins} inputs, {outs} outputs, {groups} groups"
        raise layer.error("channels cannot be", found=found, expected="positive numbers, in even groups")
    padding = custom_padding(layer)
    bias = [layer.const(layer.weight("bias", (outs,)), "bias")] if p.hasBias else []
    attrs: dict[str, Any] = {"strides": strides, "dilations": dilations, "groups": groups, "padding": padding}
    if p.isDeconvolution:
        # As coremltools writes it; the specification's comment names these two axes in the other order.
        array = layer.weight("weights", (ins, outs // groups, *size), axis=1).transpose(2, 3, 4, 0, 1)
        if p.outputShape:
            attrs |= {"sizes": p.numbers("outputShape", 3), "padding": "same"}
    else:
        p.ignore("outputShape")
        array = layer.weight("weights", (outs, ins // groups, *size)).transpose(2, 3, 4, 1, 0)
    inputs = [layer.const(array, "weights"), *bias]
    op = "conv_transpose" if p.isDeconvolution else "conv"
    layer.give(over_space(layer, layer.x, 3, lambda x: layer.emit(op, x, *inputs, **attrs)))
