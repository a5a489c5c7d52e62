"""Operators that work element by element, and the rules by which PyTorch mixes element types."""

from __future__ import annotations

import math

import torch
from torch import fx

from ... import counterparts
from ..aten_call import Op, reads
from .casting import common, converted, operands

#: One array in, one out, under another name or the same.
UNARY = {
    **counterparts.UNARY,
    "acos": "acos",
    "acosh": "acosh",
    "asin": "asin",
    "asinh": "asinh",
    "atan": "atan",
    "atanh": "atanh",
    "ceil": "ceil",
    "cos": "cos",
    "cosh": "cosh",
    "exp2": "exp2",
    "expm1": "expm1",
    "floor": "floor",
    "log1p": "log1p",
    "rsqrt": "rsqrt",
    "sign": "sign",
    "sin": "sin",
    "sinh": "sinh",
    "tan": "tan",
    "trunc": "trunc",
}
#: These keep whole numbers whole; the others compute with floating-point numbers.
WHOLE = {"abs", "ceil", "floor", "neg", "relu", "sign", "trunc"}
BINARY = {
    **counterparts.BINARY,
    "remainder": "mod",
    "fmod": "fmod",
    "atan2": "atan2",
    "floor_divide": "floor_div",
}
COMPARING = {
    "eq": "equal",
    "ne": "not_equal",
    "lt": "less",
    "le": "less_equal",
    "gt": "greater",
    "ge": "greater_equal",
}
LOGICAL = {
    "logical_and": "logical_and",
    "logical_or": "logical_or",
    "logical_xor": "logical_xor",
    "bitwise_and": "logical_and",
    "bitwise_or": "logical_or",
    "bitwise_xor": "logical_xor",
}


@reads(*(f"aten.{name}" for name in UNARY))
def unary(op: Op) -> None:
    """A function of each element."""
    name = op.type.removeprefix("aten.").split(".")[0]
    x = op.input("self") if name in WHOLE else operands(op, "self")[0]
    op.give(UNARY[name], [x])


@reads(*(f"aten.{name}" for name in BINARY))
def binary(op: Op) -> None:
    """A function of two elements."""
    op.give(BINARY[op.type.split(".")[1]], operands(op, "self", "other"))


@reads("aten.add", "aten.sub", "aten.rsub")
def sums(op: Op) -> None:
    """x + alpha y and x - alpha y; rsub has them the other way about."""
    x, y = operands(op, "self", "other")
    alpha = op.attr("alpha", 1)
    if op.type.startswith("aten.rsub"):
        x, y = y, x
        if alpha != 1:
            x, y = x, op.temp("mul", [y, converted(op, alpha, op.result.dtype)])
    elif alpha != 1:
        y = op.temp("mul", [y, converted(op, alpha, op.result.dtype)])
    op.give("add" if op.type.startswith("aten.add") else "sub", [x, y])


@reads("aten.div")
def div(op: Op) -> None:
    """A quotient, rounded down (floor) or towards zero (trunc) where that is asked for."""
    mode = op.attr("rounding_mode", None)
    x, y = operands(op, "self", "other")
    if mode == "floor":
        op.give("floor_div", [x, y])
        return
    if mode == "trunc":
        op.give("trunc_div", [x, y])
        return
    op.give("div", [x, y])


@reads("aten.pow")
def power(op: Op) -> None:
    """x to a power; squares, roots and reciprocals by operators of their own, as PyTorch computes them."""
    exponent = op.attr("exponent")
    simple = {2: "square", 0.5: "sqrt", -0.5: "rsqrt", -1: "reciprocal"}
    if not isinstance(exponent, fx.Node) and exponent in simple and op.result.dtype.is_floating_point:
        op.give(simple[exponent], operands(op, "self"))
        return
    op.give("power", operands(op, "self", "exponent"))


@reads(*(f"aten.{name}" for name in COMPARING))
def comparing(op: Op) -> None:
    """Comparisons of elements of one type."""
    dtype = common(op, "self", "other")
    op.give(COMPARING[op.type.split(".")[1]], operands(op, "self", "other", dtype=dtype))


@reads(*(f"aten.{name}" for name in LOGICAL))
def logical(op: Op) -> None:
    """And, or and exclusive or; bit by bit of booleans is the same."""
    name = op.type.split(".")[1]
    if name.startswith("bitwise") and op.result.dtype is not torch.bool:
        op.give(name, operands(op, "self", "other"))
        return
    op.give(LOGICAL[name], [op.input("self"), op.input("other")])


@reads("aten.logical_not", "aten.bitwise_not")
def inverted(op: Op) -> None:
    """Not; of whole numbers bit by bit, -1 - x."""
    if op.type == "aten.bitwise_not" and op.result.dtype is not torch.bool:
        op.give("sub", [op.constant(-1), op.input("self")])
        return
    op.give("logical_not", [op.input("self")])


@reads("aten.isnan", "aten.isinf")
def special(op: Op) -> None:
    """NaN, or infinite of either sign."""
    op.give("is_nan" if op.type == "aten.isnan" else "is_inf", [op.input("self")])


@reads("aten.nan_to_num")
def nan_to_num(op: Op) -> None:
    """NaN and infinities replaced; infinities by the largest numbers of the type unless told otherwise."""
    if not op.result.dtype.is_floating_point:
        op.results(op.input("self"))
        return
    x, most = op.input("self"), torch.finfo(op.result.dtype).max
    low, high = op.attr("neginf", -most), op.attr("posinf", most)
    for level, value in ((math.inf, high), (-math.inf, low)):
        at = op.temp("equal", [x, op.constant(level)])
        x = op.temp("select", [at, op.constant(float(value)), x])
    nan = op.temp("is_nan", [x])
    op.give("select", [nan, op.constant(op.attr("nan", 0.0, float)), x])


@reads("aten.round")
def rounded(op: Op) -> None:
    """To whole numbers, or to a number of decimals."""
    decimals = op.attr("decimals", 0)
    if not decimals:
        op.give("round", [op.input("self")])
        return
    scale = op.constant(10.0**decimals)
    op.give("div", [op.temp("round", [op.temp("mul", [op.input("self"), scale])]), scale])


@reads("aten.log2", "aten.log10")
def logarithm(op: Op) -> None:
    """Logarithms to another base."""
    base = math.log(2.0 if op.type == "aten.log2" else 10.0)
    op.give("div", [op.temp("log", operands(op, "self")), op.constant(base)])


@reads("aten.where")
def where(op: Op) -> None:
    """x where the condition holds, else y."""
    op.give("select", [op.input("condition"), *operands(op, "self", "other")])


@reads("aten.masked_fill")
def masked_fill(op: Op) -> None:
    """A value where the mask is set."""
    value, x = operands(op, "value", "self")
    op.give("select", [op.input("mask"), value, x])


@reads("aten.clamp", "aten.clamp_min", "aten.clamp_max", "aten.hardtanh", "aten.relu6")
def clamp(op: Op) -> None:
    """Kept between two bounds, which are numbers or tensors."""
    low, high = (
        op.attr(name, op.attr(other, None)) for name, other in (("min", "min_val"), ("max", "max_val"))
    )
    (x,) = operands(op, "self")
    if op.result.dtype.is_floating_point and not isinstance(low, fx.Node) and not isinstance(high, fx.Node):
        op.give("clip", [x], min=low, max=high)
        return
    for bound, core in ((low, "maximum"), (high, "minimum")):
        if bound is not None:
            x = op.temp(core, [x, converted(op, bound, op.result.dtype)])
    op.results(x)


@reads("aten.addcmul", "aten.addcdiv")
def fused(op: Op) -> None:
    """x + value a b, and x + value a / b."""
    x, a, b = operands(op, "self", "tensor1", "tensor2")
    both = op.temp("mul" if op.type == "aten.addcmul" else "div", [a, b])
    if op.attr("value", 1) != 1:
        both = op.temp("mul", [both, converted(op, op.attr("value"), op.result.dtype)])
    op.give("add", [x, both])


@reads("aten.lerp")
def lerp(op: Op) -> None:
    """x + weight (y - x)"""
    x, y, weight = operands(op, "self", "end", "weight")
    op.give("add", [x, op.temp("mul", [weight, op.temp("sub", [y, x])])])
