"""onnxruntime's products with quantised weights."""

from __future__ import annotations

import numpy as np

from ..node import Op, reads
from ..scope import Kind

DOMAIN = "com.microsoft"


@reads("DynamicQuantizeMatMul", domain=DOMAIN)
def dynamic_quantize_matmul(op: Op) -> None:
    """y = (quantised x)(w - w0) scales + bias, x quantised by its own range"""
    y, scale, zero = op.temps("quantize_range", [op.input(0)], 3, dtype="float32")
    _scaled(op, y, op.input(1), scale, op.input(2), zero, op.input(3, optional=True), 4)


@reads("MatMulIntegerToFloat", domain=DOMAIN)
def matmul_integer_to_float(op: Op) -> None:
    """y = (x - x0)(w - w0) scales + bias"""
    one, two = (op.input(k, optional=True) for k in (4, 5))
    _scaled(op, op.input(0), op.input(1), op.input(2), op.input(3), one, two, 6)


def _scaled(op: Op, x: str, w: str, sx: str, sw: str, zx: str, zw: str, bias: int) -> None:
    sides = []
    for side, zero in ((x, zx), (w, zw)):
        whole = op.temp("cast", [side], dtype="int32", to="int32")
        if zero:
            offset = op.temp("cast", [zero], dtype="int32", to="int32")
            whole = op.temp("sub", [whole, offset], dtype="int32")
        sides.append(whole)
    product = op.temp("cast", [op.temp("matmul", sides, dtype="int32")], dtype="float32", to="float")
    factor = op.temp("mul", [sx, sw], dtype="float32")
    shape = op.kind(0).shape
    kind = Kind("float32", None if shape is None else (*shape[:-1], None))
    if op.has(bias):
        scaled = op.temp("mul", [product, factor], dtype="float32")
        op.give("add", [scaled, op.input(bias)], kind=kind)
    else:
        op.give("mul", [product, factor], kind=kind)


@reads("MatMulNBits", domain=DOMAIN)
def matmul_n_bits(op: Op) -> None:
    """y = x w + bias, w being packed in few bits with a scale for each block of each column"""
    op.ignore("accuracy_level")  # how much a runtime may round on the way
    inner, outer, bits, block = op.attr("K"), op.attr("N"), op.attr("bits", 4), op.attr("block_size")
    if op.has(4):
        op.declined("weights in another order of their rows")
    blocks = -(-inner // block)
    packed = op.temp("reshape", [op.input(1)], dtype="uint8", shape=(-1,))
    codes = op.temp("unpack_bits", [packed], dtype="uint8", bits=bits, shape=(outer, blocks * block))
    scale = op.temp("reshape", [op.input(2)], shape=(outer, blocks))
    if op.has(3) and op.dtype(3) == "uint8":
        row = -(-blocks * bits // 8)  # a row of zero points begins with a byte of its own
        flat = op.temp("reshape", [op.input(3)], dtype="uint8", shape=(-1,))
        wide = op.temp("unpack_bits", [flat], dtype="uint8", bits=bits, shape=(outer, row * 8 // bits))
        zero = op.temp("slice", [wide], dtype="uint8", starts=(0,), ends=(blocks,), axes=(1,))
    elif op.has(3):
        zero = op.temp("reshape", [op.input(3)], shape=(outer, blocks))
    else:
        zero = op.constant(np.full((outer, blocks), 1 << (bits - 1), np.uint8), "zero")
    weight = op.temp("dequantize", [codes, scale, zero])
    weight = op.temp("slice", [weight], starts=(0,), ends=(inner,), axes=(1,))
    weight = op.temp("transpose", [weight], axes=(1, 0))
    shape = op.kind(0).shape
    kind = Kind(op.dtype(), None if shape is None else (*shape[:-1], outer))
    op.give("dense", [op.input(0), weight, op.input(5, optional=True)], kind=kind)
