"""Convolution and its transpose, in two and three dimensions."""

from __future__ import annotations

from typing import Any

from ..layer import Op
from ..registry import reads
from ._channels import border_pairs, over_space, same_padding


@reads("convolution")
def convolution(op: Op) -> None:
    """Spatial convolution; the weight may be an input; a deconvolution is a transposed convolution."""
    op.expects((1, 2))
    op.at_least(4)
    outs, inner, groups = (
        op.attr("outputChannels", kind=int),
        op.attr("kernelChannels", kind=int),
        op.attr("nGroups", kind=int) or 1,
    )
    size, strides = op.p.numbers("kernelSize", 2, 3), op.p.numbers("stride", 2)
    if not outs or not inner or outs % groups:
        found = f"{outs} outputs, {inner} kernel channels, {groups} groups"
        raise op.error(
            "channels are not valid", found=found, expected="positive numbers, outputs in even groups"
        )
    padding, dilations = _padding(op), op.p.numbers("dilationFactor", 2)
    bias = [op.constant(op.weight("bias", (outs,)), "bias")] if op.attr("hasBias") else []
    if op.attr("isDeconvolution"):
        op.expects(1)
        array = op.weight("weights", (inner, outs // groups, *size), axis=1).transpose(2, 3, 0, 1)
        inputs = [op.constant(array, "weights"), *bias]
        sizes = op.p.numbers("outputShape", 2) if op.attr("outputShape") else None
        attrs: dict[str, Any] = {"padding": "same" if sizes else padding, "sizes": sizes}
    else:
        op.ignore("outputShape")
        attrs = {"padding": padding}
        if op.count == 2:
            inputs = [op.temp("transpose", [op.input(1)], axes=(2, 3, 1, 0)), *bias]
        else:
            array = op.weight("weights", (outs, inner, *size)).transpose(2, 3, 1, 0)
            inputs = [op.constant(array, "weights"), *bias]
    core = "conv_transpose" if op.attr("isDeconvolution") else "conv"
    # The specification's comment says that a deconvolution ignores dilation; Apple's tests expect it to count.
    attrs |= {"strides": strides, "dilations": dilations, "groups": groups}
    op.results(over_space(op, op.input(0), 2, lambda x: op.temp(core, [x, *inputs], **attrs)))


def _padding(op: Op) -> tuple[tuple[int, int], ...] | str:
    kind = op.p.which("ConvolutionPaddingType")
    if not kind:
        raise op.error("no padding type is given", expected="valid or same")
    return border_pairs(op, op.attr("valid").paddingAmounts) if kind == "valid" else same_padding(op)


AXES = ("Depth", "Height", "Width")
EDGES = ("Front", "Back", "Top", "Bottom", "Left", "Right")


def custom_padding(op: Op) -> tuple[tuple[int, int], ...] | str | None:
    """Padding as three-dimensional layers give it: amounts, none, or "same"."""
    amounts = [int(op.attr(f"customPadding{edge}")) for edge in EDGES]
    kind = op.attr("paddingType")
    if min(amounts) < 0:
        raise op.error("negative padding", found=tuple(amounts))
    if kind == "CUSTOM":
        return tuple(zip(amounts[::2], amounts[1::2], strict=True))
    return "same" if kind == "SAME" else None


def along(op: Op, what: str, *, default: int = 0) -> tuple[int, ...]:
    """A positive number for each of depth, height and width; 0 becomes ``default`` if there is one."""
    found = tuple(int(op.attr(f"{what}{axis}")) or default for axis in AXES)
    if min(found) < 1:
        raise op.error(f"{what} is not valid", found=found, expected="positive numbers")
    return found


@reads("convolution3d")
def convolution_3d(op: Op) -> None:
    """As two-dimensional convolution, over depth, height and width."""
    op.expects(1)
    rank = op.rank()
    if rank != 5:
        raise op.error("rank of the input does not fit", found=rank, expected=5)
    outs, ins, groups = (
        op.attr("outputChannels", kind=int),
        op.attr("inputChannels", kind=int),
        op.attr("nGroups", kind=int) or 1,
    )
    size, strides, dilations = (
        along(op, "kernel"),
        along(op, "stride", default=1),
        along(op, "dilation", default=1),
    )
    if outs < 1 or ins < 1 or groups < 1 or outs % groups or ins % groups:
        found = f"{ins} inputs, {outs} outputs, {groups} groups"
        raise op.error("channels are not valid", found=found, expected="positive numbers, in even groups")
    padding = custom_padding(op)
    bias = [op.constant(op.weight("bias", (outs,)), "bias")] if op.attr("hasBias") else []
    attrs: dict[str, Any] = {"strides": strides, "dilations": dilations, "groups": groups, "padding": padding}
    if op.attr("isDeconvolution"):
        # As coremltools writes it; the specification's comment names these two axes in the other order.
        array = op.weight("weights", (ins, outs // groups, *size), axis=1).transpose(2, 3, 4, 0, 1)
        if op.attr("outputShape"):
            attrs |= {"sizes": op.p.numbers("outputShape", 3), "padding": "same"}
    else:
        op.ignore("outputShape")
        array = op.weight("weights", (outs, ins // groups, *size)).transpose(2, 3, 4, 1, 0)
    inputs = [op.constant(array, "weights"), *bias]
    core = "conv_transpose" if op.attr("isDeconvolution") else "conv"
    op.results(over_space(op, op.input(0), 3, lambda x: op.temp(core, [x, *inputs], **attrs)))
