"""Convolution, its transpose, and pooling: channels first in the file, channels last in the core operators."""

from __future__ import annotations

from typing import Any

from ....reading.channels import (
    Padding,
    channels_last,
    give_channels_first,
    kernel,
    resolved,
    spatial,
)
from ....reading.translating import whole_numbers
from ..operators import Op, reads

#: ``pad_type`` -> padding as core operators call it; "pad" where that parameter has it.
PAD_TYPES = {"valid": None, "same": "same", "same_lower": "same_lower", "custom": "pad"}
POOLS = {"avg_pool": "average_pool", "l2_pool": "l2_pool", "max_pool": "max_pool"}


@reads("conv")
def conv(op: Op) -> None:
    """y = W * x + b, with x (batch, in, spatial...) and W (out, in / groups, k...)"""
    _convolve(op, kernel(op, "weight"))


@reads("conv_quantized")
def conv_quantized(op: Op) -> None:
    """As ``conv`` with the weight scale W + bias of bytes W."""
    kind = op.attr("quantization_type")
    if kind != "linear":
        raise op.error("weights by a lookup table", found=kind, expected="quantization_type linear")
    if max(op.rank("quant_scale"), op.rank("quant_bias")) > 1:
        raise op.error(
            "quant_scale and quant_bias are neither numbers nor vectors", found=op.shape("quant_scale")
        )
    op.ignore("nbits")  # each weight has a byte of its own, however few of its bits are used
    weight = op.temp("cast", [kernel(op, "weight")], dtype=op.dtype("x"), to="float")
    scaled = op.temp("mul", [weight, op.input("quant_scale")], dtype=op.dtype("x"))
    _convolve(op, op.temp("add", [scaled, op.input("quant_bias")], dtype=op.dtype("x")))


def _convolve(op: Op, weight: str) -> None:
    inputs, attrs = [channels_last(op, "x"), weight, op.input("bias", optional=True)], _settings(op)
    attrs["padding"] = resolved(op.shape("x")[2:], op.shape("weight")[2:], **attrs)
    give_channels_first(op, op.temp("conv", inputs, groups=op.attr("groups", 1), **attrs), op.rank("x"))


def _settings(op: Op) -> dict[str, Any]:
    n = op.rank("x") - 2
    found = {name: spatial(op, name, n) for name in ("strides", "dilations")}
    return {**found, "padding": _padding(op, n)}


@reads("conv_transpose")
def conv_transpose(op: Op) -> None:
    """The transpose of a convolution, with x (batch, in, spatial...) and W (in, out / groups, k...)"""
    inputs = [channels_last(op, "x"), kernel(op, "weight", transposed=True), op.input("bias", optional=True)]
    sizes = op.numbers("output_shape")[2:] if op.has("output_shape") else None
    y = op.temp("conv_transpose", inputs, groups=op.attr("groups", 1), sizes=sizes, **_settings(op))
    give_channels_first(op, y, op.rank("x"))


@reads(*POOLS)
def pool(op: Op) -> None:
    """y = the average, the length, or the largest of what a window sees"""
    rank, size = op.rank("x"), op.numbers("kernel_sizes")
    attrs: dict[str, Any] = {"ceil": op.attr("ceil_mode", False, bool)}
    if op.type == "avg_pool":
        attrs["count_padding"] = not op.attr("exclude_padding_from_average", False)
    attrs["strides"] = spatial(op, "strides", rank - 2) or (1,) * len(size)
    attrs["padding"] = resolved(op.shape("x")[2:], size, _padding(op, rank - 2), attrs["strides"])
    y = op.temp(POOLS[op.type], [channels_last(op, "x")], size=size, **attrs)
    give_channels_first(op, y, rank)


def _padding(op: Op, n: int) -> Padding:
    """``pad_type`` and ``pad`` as the core operators take them."""
    kind = op.choice("pad_type", PAD_TYPES, "valid")
    if kind != "pad" or not op.has("pad"):
        op.ignore("pad")  # which only custom padding reads
        return None if kind == "pad" else kind
    found = op.attr("pad", kind=whole_numbers)
    if len(found) != 2 * n:
        raise op.error("'pad' does not fit the spatial axes", found=found, expected=f"{2 * n} numbers")
    return tuple(zip(found[::2], found[1::2], strict=True))
