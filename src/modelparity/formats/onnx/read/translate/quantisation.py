"""Quantised numbers: scales, zero points, and operators on bytes."""

from __future__ import annotations

from typing import Any

from ....reading.channels import give_channels_first
from ..inference import like
from ..node import Op, reads
from ..scope import Kind
from ..tensors import NAMES, held
from .casting import SMALL, limits
from .convolution import convolved, whole, whole_channels_last


@reads("DequantizeLinear")
def dequantize_linear(op: Op) -> None:
    """y = (x - zero point) scale, for all, along an axis or block by block"""
    op.ignore("output_dtype")  # inference has it
    _dequantized(op)


@reads("DequantizeLinear", domain="com.microsoft")
def contrib_dequantize_linear(op: Op) -> None:
    """As in ONNX."""
    _dequantized(op, kind=Kind(op.dtype(1), op.kind().shape))


def _dequantized(op: Op, **more: Any) -> None:
    scale, zero = per_axis(op, 1), per_axis(op, 2) if op.has(2) else ""
    op.give("dequantize", [op.input(0), scale, zero], **more)


def per_axis(op: Op, place: int, of: int = 0) -> str:
    """A scale or zero point so that it lies along its axis of an input, or block by block."""
    op.ignore("block_size")  # the shape of the scale says it too
    axis = op.attr("axis", 1)
    rank = op.kind(place).shape
    if rank is None or len(rank) != 1 or (op.rank(of) == 1 and rank == op.shape(of)):
        return op.input(place)
    if rank == (1,):
        return op.temp("reshape", [op.input(place)], dtype=op.dtype(place), shape=())
    over = [1] * op.rank(of)
    over[op.axis(axis, of)] = -1
    return op.temp("reshape", [op.input(place)], dtype=op.dtype(place), shape=tuple(over))


@reads("QuantizeLinear")
def quantize_linear(op: Op) -> None:
    """y = round(x / scale) + zero point, ties to even, saturated"""
    op.ignore("precision")  # of the division; the arithmetic says
    code = op.attr("output_dtype", 0)
    to = op.kinds[0].dtype or (NAMES[code] if code else op.dtype(2) if op.has(2) else "uint8")
    _quantized(op, to)


@reads("QuantizeLinear", domain="com.microsoft")
def contrib_quantize_linear(op: Op) -> None:
    """As in ONNX."""
    to = op.dtype(2) if op.has(2) else "uint8"
    _quantized(op, to, kind=Kind(to, op.kind().shape))


def _quantized(op: Op, to: str, **more: Any) -> None:
    scale, zero = per_axis(op, 1), per_axis(op, 2) if op.has(2) else ""
    x = op.input(0)
    if not op.is_float(0):
        x = op.temp("cast", [x], dtype="float32", to="float")
    saturate = op.attr("saturate", True, bool)
    inputs = [x, scale, zero]
    if to.startswith(SMALL):
        scaled = op.temp("quantize", inputs, dtype="float32", to="float")
        op.give("round_float", [scaled], to=to, saturate=saturate, **more)
        return
    low, high = limits(to)
    op.give("quantize", inputs, to=held(to), low=low, high=high, **more)


@reads("DynamicQuantizeLinear")
def dynamic_quantize_linear(op: Op) -> None:
    """y, scale, zero = bytes whose range is that of x, 0 included"""
    op.results(*op.temps("quantize_range", [op.input(0)], 3))


@reads("MatMulInteger")
def matmul_integer(op: Op) -> None:
    """z = (x - x0) (y - y0) in whole numbers"""
    op.give("matmul", [_rows(op, 0, 2), whole(op, 1, 3)])


def _rows(op: Op, place: int, zero: int) -> str:
    """The left side less its zero point, which may be one a row."""
    if op.has(zero) and op.rank(zero) == 1 and op.rank(place) >= 2 and op.shape(zero) != (1,):
        x = op.temp("cast", [op.input(place)], dtype="int32", to="int32")
        offset = op.temp("cast", [op.input(zero)], dtype="int32", to="int32")
        offset = op.temp("reshape", [offset], dtype="int32", shape=(-1, 1))
        return op.temp("sub", [x, offset], dtype="int32")
    return whole(op, place, zero)


@reads("QLinearMatMul")
def qlinear_matmul(op: Op) -> None:
    """y = round((x - x0)(w - w0) sx sw / sy) + y0"""
    product = op.temp("matmul", [_rows(op, 0, 2), whole(op, 3, 5)], dtype="int32")
    op.give("requantize", [product, *_scales(op, 1, 4), op.input(6), op.input(7)], **_range(op))


def _range(op: Op) -> dict[str, Any]:
    to = op.dtype(7)
    if to.startswith(SMALL):
        op.declined("quantised products in floating-point bytes")
    low, high = limits(to)
    return {"to": held(to), "low": low, "high": high}


def _scales(op: Op, one: int, two: int) -> list[str]:
    """Scales of the two sides: of rows of the left, of columns of the right."""
    left = op.input(one)
    if op.rank(one) == 1 and op.shape(one) != (1,):
        left = op.temp("reshape", [left], dtype="float32", shape=(-1, 1))
    return [left, op.input(two)]


@reads("QLinearConv")
def qlinear_conv(op: Op) -> None:
    """y = round(((w - w0) * (x - x0) + b) sx sw / sy) + y0"""
    # Its weight is input 3: the settings are looked up as if it were a plain convolution.
    rank = op.rank(3)
    x, w = whole_channels_last(op, rank, whole(op, 0, 2), whole(op, 3, 5, per_row=True))
    plain = Op(op.scope, op.node, op.version, [op.value(0), op.value(3)], op.kinds, op.attributes, op.where)
    y = convolved(plain, x, w, op.input(8, optional=True))
    op.ignore(*op.attributes)  # `convolved` has looked at them
    scaled = op.temp("requantize", [y, *op.inputs(1, 4, 6, 7)], **_range(op))
    give_channels_first(op, scaled, rank)


@reads("QLinearAdd", "QLinearMul", domain="com.microsoft")
def qlinear_binary(op: Op) -> None:
    """z = quantised(f(x, y)) of quantised x and y"""
    sides = [op.temp("dequantize", op.inputs(*k), dtype="float32") for k in ((0, 1, 2), (3, 4, 5))]
    result = op.temp("add" if op.type == "QLinearAdd" else "mul", sides, dtype="float32")
    _requantized(op, result, 6, 7, like("Add", [_float(op, 0), _float(op, 3)]))


@reads("QLinearSigmoid", "QLinearLeakyRelu", domain="com.microsoft")
def qlinear_unary(op: Op) -> None:
    """y = quantised(f(x)) of quantised x"""
    x = op.temp("dequantize", op.inputs(0, 1, 2), dtype="float32")
    if op.type == "QLinearSigmoid":
        y = op.temp("sigmoid", [x], dtype="float32")
    else:
        y = op.temp("leaky_relu", [x], dtype="float32", slope=op.attr("alpha", 0.01))
    _requantized(op, y, 3, 4, op.kind())


@reads("QLinearGlobalAveragePool", domain="com.microsoft")
def qlinear_global_average_pool(op: Op) -> None:
    """y = quantised(mean over space) of quantised x"""
    rank = op.rank()
    axes = tuple(range(1, rank - 1)) if op.attr("channels_last", 0) else tuple(range(2, rank))
    x = op.temp("dequantize", op.inputs(0, 1, 2), dtype="float32")
    mean = op.temp("reduce_mean", [x], dtype="float32", axes=axes, keepdims=True)
    sizes = tuple(1 if place in axes else n for place, n in enumerate(op.shape()))
    _requantized(op, mean, 3, 4, Kind("float32", sizes))


@reads("QLinearConcat", domain="com.microsoft")
def qlinear_concat(op: Op) -> None:
    """y = quantised(the arrays one after the other) of quantised arrays"""
    parts = [
        op.temp("dequantize", op.inputs(k, k + 1, k + 2), dtype="float32") for k in range(2, op.count, 3)
    ]
    axis = op.attr("axis")
    kind = like("Concat", [_float(op, k) for k in range(2, op.count, 3)], axis=axis)
    _requantized(op, op.temp("concat", parts, dtype="float32", axis=axis), 0, 1, kind)


def _float(op: Op, place: int) -> Kind:
    """An input as it is once dequantised."""
    return Kind("float32", op.kind(place).shape, op.kind(place).either)


def _requantized(op: Op, x: str, scale: int, zero: int, kind: Kind) -> None:
    """The result, quantised; of the shape of ``kind``."""
    to = op.dtype(zero) if op.has(zero) else op.dtype(0)
    low, high = limits(to)
    op.give(
        "quantize", [x, *op.inputs(scale, zero)], kind=Kind(to, kind.shape), to=held(to), low=low, high=high
    )
