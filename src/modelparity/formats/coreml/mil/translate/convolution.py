"""Convolution, its transpose, and pooling: channels first in the file, channels last in the core operators."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from .....ops._window import windows_over
from ..operators import Op, mil
from ._operands import channels_last, emit_channels_first, numbers, turned

#: Pairs (before, after) a spatial axis, a name, or none.
Padding = tuple[tuple[int, int], ...] | str | None
POOLS = {"avg_pool": "average_pool", "l2_pool": "l2_pool", "max_pool": "max_pool"}


@mil("conv")
def conv(op: Op) -> None:
    """y = W * x + b, with x (batch, in, spatial...) and W (out, in / groups, k...)"""
    rank = op.rank("x")
    weight = turned(op, "weight", (*range(2, rank), 1, 0))
    _convolve(op, weight, rank)


@mil("conv_quantized")
def conv_quantized(op: Op) -> None:
    """As ``conv`` with the weight scale W + bias of bytes W."""
    rank = op.rank("x")
    kind = op.const("quantization_type")
    if kind != "linear":
        raise op.error("weights by a lookup table", found=kind, expected="quantization_type linear")
    if max(op.rank("quant_scale"), op.rank("quant_bias")) > 1:
        raise op.error(
            "quant_scale and quant_bias are neither numbers nor vectors", found=op.shape("quant_scale")
        )
    op.ignore("nbits")  # each weight has a byte of its own, however few of its bits are used
    weight = op.temp("cast", [turned(op, "weight", (*range(2, rank), 1, 0))], dtype=op.dtype("x"), to="float")
    scaled = op.temp("mul", [weight, op.tensor("quant_scale")], dtype=op.dtype("x"))
    _convolve(op, op.temp("add", [scaled, op.tensor("quant_bias")], dtype=op.dtype("x")), rank)


def _convolve(op: Op, weight: str, rank: int) -> None:
    inputs = [channels_last(op), weight, *([op.tensor("bias")] if op.has("bias") else [])]
    strides, dilations = _spatial(op, "strides", rank), _spatial(op, "dilations", rank)
    y = op.temp(
        "conv",
        inputs,
        strides=strides,
        dilations=dilations,
        groups=op.const("groups", 1),
        padding=_resolved(op, _padding(op, rank), op.shape("weight")[2:], strides, dilations),
    )
    emit_channels_first(op, y, rank)


@mil("conv_transpose")
def conv_transpose(op: Op) -> None:
    """The transpose of a convolution, with x (batch, in, spatial...) and W (in, out / groups, k...)"""
    rank = op.rank("x")
    inputs = [channels_last(op), turned(op, "weight", (*range(2, rank), 0, 1))]
    inputs += [op.tensor("bias")] if op.has("bias") else []
    y = op.temp(
        "conv_transpose",
        inputs,
        strides=_spatial(op, "strides", rank),
        padding=_padding(op, rank),
        dilations=_spatial(op, "dilations", rank),
        groups=op.const("groups", 1),
        sizes=numbers(op, "output_shape")[2:] if op.has("output_shape") else None,
    )
    emit_channels_first(op, y, rank)


@mil(*POOLS)
def pool(op: Op) -> None:
    """y = the average, the length, or the largest of what a window sees"""
    rank, size = op.rank("x"), numbers(op, "kernel_sizes")
    attrs: dict[str, Any] = {"ceil": bool(op.const("ceil_mode", False))}
    if op.type == "avg_pool":
        attrs["count_padding"] = not op.const("exclude_padding_from_average", False)
    strides = _spatial(op, "strides", rank) or (1,) * len(size)
    padding = _resolved(op, _padding(op, rank), size, strides, None)
    y = op.temp(POOLS[op.type], [channels_last(op)], size=size, strides=strides, padding=padding, **attrs)
    emit_channels_first(op, y, rank)


def _resolved(
    op: Op,
    padding: Padding,
    size: Sequence[int | None],
    strides: Sequence[int] | None,
    dilations: Sequence[int] | None,
) -> Padding:
    """Padding by name as numbers, where the sizes are known: what a graph says plainly can be written anywhere."""
    shape = [n for n in op.shape("x")[2:] if n is not None]
    kernel = [n for n in size if n is not None]
    if not isinstance(padding, str) or len(shape) != len(size) or len(kernel) != len(size):
        return padding
    return tuple((w.before, w.given) for w in windows_over(shape, kernel, strides, padding, dilations))


def _spatial(op: Op, param: str, rank: int) -> tuple[int, ...] | None:
    """One number a spatial axis, or None for the default."""
    if not op.has(param):
        return None
    found = numbers(op, param)
    if len(found) != rank - 2:
        raise op.error(
            f"{param!r} does not fit the spatial axes", found=found, expected=f"{rank - 2} numbers"
        )
    return found


def _padding(op: Op, rank: int) -> Padding:
    """``pad_type`` and ``pad`` as the core operators take them."""
    kind = op.const("pad_type", "valid")
    if kind != "custom":
        op.ignore("pad")  # which only custom padding reads
        if kind in ("same", "same_lower"):
            return str(kind)
        if kind != "valid":
            raise op.error("unknown pad_type", found=kind, expected="valid, same, same_lower or custom")
        return None
    if not op.has("pad"):
        return None
    pairs = np.asarray(op.const("pad")).reshape(-1)
    if pairs.size != 2 * (rank - 2):
        expected = f"{2 * (rank - 2)} numbers"
        raise op.error("'pad' does not fit the spatial axes", found=pairs.tolist(), expected=expected)
    return tuple((int(before), int(after)) for before, after in pairs.reshape(-1, 2))
