"""Convolutions: channels come second here and last in core operators."""

from __future__ import annotations

from typing import Any

from ....reading.channels import Padding, channels_last, give_channels_first, kernel, resolved
from ....reading.translating import whole_numbers
from ..aten_call import Op, reads


@reads("aten.convolution", "aten.conv1d", "aten.conv2d", "aten.conv3d")
def convolution(op: Op) -> None:
    """Plain and transposed, of one to three dimensions, with groups."""
    rank, spatial = op.rank("input"), op.rank("weight") - 2
    strides, dilations = _each(op, "stride", spatial, 1), _each(op, "dilation", spatial, 1)
    attrs: dict[str, Any] = {
        "strides": strides,
        "dilations": dilations,
        "groups": op.attr("groups", kind=int),
    }
    x, bias = channels_last(op, "input", spatial), op.input("bias", optional=True)
    if not op.attr("transposed", False, bool):
        op.ignore("output_padding")  # of transposed convolutions alone
        padding = _padding(op, spatial, strides, dilations)
        y = op.temp("conv", [x, kernel(op, "weight"), bias], padding=padding, **attrs)
        give_channels_first(op, y, rank, spatial)
        return
    pads, more = _each(op, "padding", spatial, 0), _each(op, "output_padding", spatial, 0)
    over = [max(m - n, 0) for n, m in zip(pads, more, strict=True)]
    inputs = [x, kernel(op, "weight", transposed=True), "" if any(over) else bias]
    padding = tuple((n, max(n - m, 0)) for n, m in zip(pads, more, strict=True))
    y = op.temp("conv_transpose", inputs, padding=padding, **attrs)
    if any(over):  # what no input reaches holds nothing but the bias
        lead = rank - spatial - 1
        y = op.temp("pad", [y], before=(0,) * rank, after=(*(0,) * lead, *over, 0))
        y = op.temp("add", [y, bias]) if bias else y
    give_channels_first(op, y, rank, spatial)


def _each(op: Op, name: str, spatial: int, default: int) -> tuple[int, ...]:
    """One number a spatial axis, of which one may stand for all."""
    found = op.attr(name, (default,), whole_numbers)
    return found * spatial if len(found) == 1 else found


def _padding(op: Op, spatial: int, strides: tuple[int, ...], dilations: tuple[int, ...]) -> Padding:
    """So much before and after, or by name: PyTorch's "same" has the odd element at the end too."""
    given = op.attr("padding", (0,))
    if not isinstance(given, str):
        return tuple((n, n) for n in _each(op, "padding", spatial, 0))
    name = op.choice("padding", {"valid": None, "same": "same"})
    shape = [n if isinstance(n, int) else None for n in op.shape("input")[-spatial:]]
    return resolved(shape, op.shape("weight")[2:], name, strides, dilations)
