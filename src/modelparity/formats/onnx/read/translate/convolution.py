"""Convolution and its transpose, in floats and in whole numbers."""

from __future__ import annotations

from typing import Any

from .....ops._window import halves
from ....reading.channels import (
    Padding,
    channels_last,
    give_channels_first,
    kernel,
    spatial,
    to_first,
    to_last,
)
from ....reading.translating import whole_numbers
from ..inference import like
from ..node import Op, reads
from .activation import fused

#: ``auto_pad`` -> padding as core operators call it; "pads" where that attribute has it.
AUTO_PAD = {
    "NOTSET": "pads",
    "": "pads",
    "VALID": None,
    "SAME_UPPER": "same",
    "SAME_LOWER": "same_lower",
}


@reads("Conv")
def conv(op: Op) -> None:
    """y = W * x + b, with x (batch, in, spatial...) and W (out, in / groups, k...)"""
    y = convolved(op, channels_last(op, 0), kernel(op, 1), op.input(2, optional=True))
    give_channels_first(op, y, op.rank(1))


def convolved(op: Op, x: str, weight: str, bias: str = "") -> str:
    """The convolution with the node's settings, channels last."""
    kernel_fits(op, 1)
    attrs = settings(op, op.rank(1) - 2)
    return op.temp("conv", [x, weight, bias], **attrs, groups=op.attr("group", 1))


def kernel_fits(op: Op, place: int) -> None:
    """Compare the attribute ``kernel_shape`` with the weight."""
    size, shape = op.attr("kernel_shape", None), op.shape(place)[2:]
    if size is not None and any(n is not None and n != m for n, m in zip(shape, size, strict=False)):
        raise op.error("kernel_shape is not the weight's", found=size, expected=shape)


def settings(op: Op, n: int) -> dict[str, Any]:
    """Strides, dilations and padding over n spatial axes as the core operators take them."""
    return {
        "strides": spatial(op, "strides", n),
        "dilations": spatial(op, "dilations", n),
        "padding": padding(op, n),
    }


def padding(op: Op, n: int) -> Padding:
    """``auto_pad`` and ``pads`` (all begins, then all ends)."""
    kind, pads = op.choice("auto_pad", AUTO_PAD, "NOTSET"), op.attr("pads", None, whole_numbers)
    if kind != "pads" or pads is None:
        return None if kind == "pads" else kind
    if len(pads) != 2 * n:
        raise op.error("'pads' does not fit the spatial axes", found=pads, expected=f"{2 * n} numbers")
    return tuple(zip(pads[:n], pads[n:], strict=True))


@reads("ConvTranspose")
def conv_transpose(op: Op) -> None:
    """The transpose of a convolution, with x (batch, in, spatial...) and W (in, out / groups, k...)"""
    rank = op.rank(1)
    n = rank - 2
    kernel_fits(op, 1)
    attrs = settings(op, n)
    strides, dilations = attrs["strides"] or (1,) * n, attrs["dilations"] or (1,) * n
    extra = spatial(op, "output_padding", n) or (0,) * n
    sizes = spatial(op, "output_shape", n)
    size = op.shape(1)[2:]
    if sizes is not None:
        # What is cut off is what is left over; without auto_pad the odd element at the end.
        shape = op.shape(0)[2:]
        if not all(isinstance(m, int) for m in (*shape, *size)):
            raise op.error("output_shape needs the sizes of the input")
        pairs = []
        for m, k, s, d, e, out in zip(shape, size, strides, dilations, extra, sizes, strict=True):
            assert isinstance(m, int)
            assert isinstance(k, int)
            total = max(0, s * (m - 1) + e + d * (k - 1) + 1 - out)
            pairs.append(halves(total, lower=attrs["padding"] != "same"))
        attrs |= {"padding": tuple(pairs), "sizes": sizes}
    elif isinstance(attrs["padding"], str):
        if not all(isinstance(k, int) for k in size):
            raise op.error("auto_pad needs the sizes of the kernel")
        # The result becomes as long as the stride times the input: something is cut off, or added.
        over = [d * (k - 1) + 1 + e - s for k, s, d, e in zip(size, strides, dilations, extra, strict=True)]  # type: ignore[operator]
        lower = attrs["padding"] == "same_lower"
        attrs["padding"] = tuple(halves(max(0, n), lower=lower) for n in over)
        attrs["extra"] = tuple(e + max(0, -n) for e, n in zip(extra, over, strict=True))
    elif any(extra):
        attrs["extra"] = extra
    inputs = [channels_last(op, 0), kernel(op, 1, transposed=True), op.input(2, optional=True)]
    give_channels_first(op, op.temp("conv_transpose", inputs, groups=op.attr("group", 1), **attrs), rank)


@reads("FusedConv", domain="com.microsoft")
def fused_conv(op: Op) -> None:
    """y = f(W * x + b + z)"""
    rank = op.rank(1)
    windows = ("kernel_shape", "strides", "dilations", "pads", "auto_pad", "group")
    given = {name: op.attributes[name] for name in windows if name in op.attributes}
    kind = like("Conv", [op.kind(0), op.kind(1)], **given)
    y = convolved(op, channels_last(op, 0), kernel(op, 1), op.input(2, optional=True))
    y = op.temp("transpose", [y], axes=to_first(rank, rank - 2))
    if op.has(3):
        y = op.temp("add", [y, op.input(3)])
    fused(op, y, op.attr("activation", ""), op.attr("activation_params", ()), kind)


@reads("ConvInteger")
def conv_integer(op: Op) -> None:
    """y = (W - w0) * (x - x0) in whole numbers"""
    rank = op.rank(1)
    y = convolved(op, *whole_channels_last(op, rank, whole(op, 0, 2), whole(op, 1, 3, per_row=True)))
    give_channels_first(op, y, rank)


def whole_channels_last(op: Op, rank: int, x: str, weight: str) -> tuple[str, str]:
    """Whole numbers and a weight of them, (out, in, k...) in the file."""
    x = op.temp("transpose", [x], dtype="int32", axes=to_last(rank, rank - 2))
    return x, op.temp("transpose", [weight], dtype="int32", axes=(*range(2, rank), 1, 0))


def whole(op: Op, place: int, zero: int, *, per_row: bool = False) -> str:
    """An input of bytes less its zero point, as int32."""
    x = op.temp("cast", [op.input(place)], dtype="int32", to="int32")
    if not op.has(zero):
        return x
    offset = op.temp("cast", [op.input(zero)], dtype="int32", to="int32")
    if per_row and op.rank(zero) == 1:
        offset = op.temp("reshape", [offset], dtype="int32", shape=(-1, *(1,) * (op.rank(place) - 1)))
    return op.temp("sub", [x, offset], dtype="int32")
