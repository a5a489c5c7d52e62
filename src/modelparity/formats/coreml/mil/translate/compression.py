"""Compressed weights and quantised tensors: decompressed by nodes, so that the file's own arrays stay constants.

Older programs (up to iOS 17) pack indices and masks into bytes; from iOS 18 on their element types say so.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from .....graph import Array
from ....reading.translating import known_as
from ..operators import Op, reads
from ..types import Packed


@reads("constexpr_affine_dequantize")
def affine_dequantize(op: Op) -> None:
    """scale (data - zero point), both of which are one number or one for each place along ``axis``."""
    axis, rank = op.attr("axis", kind=int), op.rank("quantized_data")
    scale, zero = (along(op, param, axis, rank) for param in ("scale", "zero_point"))
    op.give("dequantize", [op.input("quantized_data"), scale, zero])


@reads("constexpr_cast")
def constexpr_cast(op: Op) -> None:
    """The same numbers in another type."""
    op.give(
        "cast", [op.input("source_val")], to=op.choice("output_dtype", {"fp32": "float", "fp16": "float"})
    )


@reads("constexpr_lut_to_dense")
def lut_to_dense(op: Op) -> None:
    """Values from a table, or (iOS 18) from one table a block, whose entries may be vectors."""
    if not op.has("shape"):
        op.give("lut_to_dense", op.inputs("indices", "lut"), axis=axis_of(op))
        return
    shape = shape_of(op)
    table = op.const("lut")
    entries = table.size
    bits = max(entries.bit_length() - 1, 0)
    if table.ndim != 1 or entries != 1 << bits or not 1 <= bits <= 8:
        raise op.error("the table has no power of two of entries", found=table.shape)
    indices = unpacked(op, "indices", bits, shape)
    lut = op.constant(table.reshape((1,) * len(shape) + (entries, 1)), "lut")
    op.give("lut_to_dense", [indices, lut], axis=None)


@reads("constexpr_sparse_to_dense")
def sparse_to_dense(op: Op) -> None:
    """Zeros, but for the places that the mask marks."""
    mask = unpacked(op, "mask", 1, shape_of(op)) if op.has("shape") else op.input("mask")
    op.give("sparse_to_dense", [op.input("nonzero_data"), mask])


@reads("constexpr_blockwise_shift_scale")
def blockwise_shift_scale(op: Op) -> None:
    """scale (data - offset), block by block."""
    inputs = op.inputs("data", "scale")
    op.give("dequantize", [*inputs, op.input("offset", optional=True)])


@reads("constexpr_sparse_blockwise_shift_scale")
def sparse_blockwise_shift_scale(op: Op) -> None:
    """As `blockwise_shift_scale`, on the elements that a mask marks; gives the mask too."""
    mask = op.input("data_mask")
    dense = op.temp("sparse_to_dense", [op.input("nonzero_data"), mask], dtype=op.dtype("nonzero_data"))
    inputs = [dense, op.input("scale")]
    inputs += [op.input("offset", optional=True)]
    dense = op.temp("dequantize", inputs, dtype=op.outputs[1][1].dtype)
    op.give("identity", [mask], output=0)
    op.give("compress", [dense, mask], output=1)


@reads("constexpr_lut_to_sparse")
def lut_to_sparse(op: Op) -> None:
    """As `lut_to_dense`, on the elements that a mask marks; gives the mask, widened as vectors ask, too."""
    mask, values = op.input("indices_mask"), op.outputs[1][1].dtype
    dense = op.temp(
        "sparse_to_dense", [op.input("indices_nonzero_data"), mask], dtype=op.dtype("indices_nonzero_data")
    )
    axis, vector = axis_of(op), op.shape("lut")[-1]
    dense = op.temp("lut_to_dense", [dense, op.input("lut")], dtype=values, axis=axis)
    if vector == 1:
        op.give("identity", [mask], output=0)
    else:  # a table of two vectors, all zeros and all ones, widens the mask as the data is widened
        rank = op.rank("indices_mask")
        table = np.repeat(np.arange(2, dtype=np.uint8), vector or 1).reshape((1,) * rank + (2, vector or 1))
        op.give("lut_to_dense", [mask, op.constant(table, "widened")], output=0, axis=axis)
    op.give("compress", [dense, op.outputs[0][0]], output=1)


@reads("dequantize")
def dequantize(op: Op) -> None:
    """scale (input - zero point), which are one number or one for each place along ``axis``."""
    axis, rank = axis_of(op, "axis") or 0, op.rank("input")
    inputs = [op.input("input"), along(op, "scale", axis, rank)]
    op.give("dequantize", [*inputs, along(op, "zero_point", axis, rank)] if op.has("zero_point") else inputs)


@reads("quantize")
def quantize(op: Op) -> None:
    """The whole number nearest to input / scale (ties to even), plus the zero point, kept within the type."""
    to = op.choice("output_dtype", known_as("int8", "uint8"))
    axis, rank = axis_of(op, "axis") or 0, op.rank("input")
    x = op.temp("div", [op.input("input"), along(op, "scale", axis, rank)], dtype=op.dtype("input"))
    x = op.temp("round", [x], dtype="float32")
    if op.has("zero_point"):
        zero = op.temp("cast", [along(op, "zero_point", axis, rank)], dtype="float32", to="float")
        x = op.temp("add", [x, zero], dtype="float32")
    low, high = (-128.0, 127.0) if to == "int8" else (0.0, 255.0)
    x = op.temp("clip", [x], dtype="float32", min=low, max=high)
    op.give("cast", [x], to=to)


def along(op: Op, param: str, axis: int, rank: int) -> str:
    """A scalar as it is, a vector laid along ``axis`` of an array of that rank."""
    if op.rank(param) == 0:
        return op.input(param)
    if op.rank(param) != 1 or not -rank <= axis < rank:
        raise op.error(f"{param!r} must be a scalar or a vector along an axis", found=str(op.type_of(param)))
    axis %= rank
    axes = tuple(place for place in range(rank) if place != axis)
    return op.temp("expand_dims", [op.input(param)], dtype=op.dtype(param), axes=axes)


def axis_of(op: Op, param: str = "vector_axis") -> int | None:
    """An optional axis."""
    return op.attr(param, kind=int) if op.has(param) else None


def shape_of(op: Op) -> tuple[int, ...]:
    """The decompressed shape that older operations are given; it must be the declared one."""
    shape = tuple(int(n) for n in op.const("shape").reshape(-1))
    if shape != op.out.shape:
        raise op.error("the shape is not the declared one", found=shape, expected=op.out.shape)
    return shape


def unpacked(op: Op, param: str, bits: int, shape: Sequence[int]) -> str:
    """The numbers that are packed into the bytes of a parameter."""
    raw: Array = op.const(param)
    if raw.dtype != np.uint8 or raw.ndim != 1 or raw.size != -(-math.prod(shape) * bits // 8):
        raise op.error(
            f"the bytes of {param!r} do not fill the shape", found=raw.shape, expected=tuple(shape)
        )
    packed = Packed(raw, bits, tuple(shape), signed=False)
    return op.temp("unpack_bits", [op.input(param)], dtype="uint8", **packed.attrs)
