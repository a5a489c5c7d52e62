"""Operators that work element by element, and the rules by which PyTorch mixes element types."""

from __future__ import annotations

import math

import torch
from torch import fx

from ... import counterparts
from ..call import Call, reads
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
def unary(c: Call) -> str:
    """A function of each element."""
    name = c.op.removeprefix("aten.").split(".")[0]
    x = c.tensor("self") if name in WHOLE else operands(c, "self")[0]
    return c.give(UNARY[name], [x])


@reads(*(f"aten.{name}" for name in BINARY))
def binary(c: Call) -> str:
    """A function of two elements."""
    return c.give(BINARY[c.op.split(".")[1]], operands(c, "self", "other"))


@reads("aten.add", "aten.sub", "aten.rsub")
def sums(c: Call) -> str:
    """x + alpha y and x - alpha y; rsub has them the other way about."""
    x, y = operands(c, "self", "other")
    alpha = c.get("alpha", 1)
    if c.op.startswith("aten.rsub"):
        x, y = y, x
        if alpha != 1:
            x, y = x, c.emit("mul", [y, converted(c, alpha, c.result.dtype)])
    elif alpha != 1:
        y = c.emit("mul", [y, converted(c, alpha, c.result.dtype)])
    return c.give("add" if c.op.startswith("aten.add") else "sub", [x, y])


@reads("aten.div")
def div(c: Call) -> str:
    """A quotient, rounded down (floor) or towards zero (trunc) where that is asked for."""
    mode = c.get("rounding_mode")
    x, y = operands(c, "self", "other")
    if mode == "floor":
        return c.give("floor_div", [x, y])
    if mode == "trunc":
        return c.give("trunc_div", [x, y])
    return c.give("div", [x, y])


@reads("aten.pow")
def power(c: Call) -> str:
    """x to a power; squares, roots and reciprocals by operators of their own, as PyTorch computes them."""
    exponent = c["exponent"]
    simple = {2: "square", 0.5: "sqrt", -0.5: "rsqrt", -1: "reciprocal"}
    if not isinstance(exponent, fx.Node) and exponent in simple and c.result.dtype.is_floating_point:
        return c.give(simple[exponent], operands(c, "self"))
    return c.give("power", operands(c, "self", "exponent"))


@reads(*(f"aten.{name}" for name in COMPARING))
def comparing(c: Call) -> str:
    """Comparisons of elements of one type."""
    dtype = common(c, "self", "other")
    return c.give(COMPARING[c.op.split(".")[1]], operands(c, "self", "other", dtype=dtype))


@reads(*(f"aten.{name}" for name in LOGICAL))
def logical(c: Call) -> str:
    """And, or and exclusive or; bit by bit of booleans is the same."""
    name = c.op.split(".")[1]
    if name.startswith("bitwise") and c.result.dtype is not torch.bool:
        return c.give(name, operands(c, "self", "other"))
    return c.give(LOGICAL[name], [c.tensor("self"), c.tensor("other")])


@reads("aten.logical_not", "aten.bitwise_not")
def inverted(c: Call) -> str:
    """Not; of whole numbers bit by bit, -1 - x."""
    if c.op == "aten.bitwise_not" and c.result.dtype is not torch.bool:
        return c.give("sub", [c.constant(-1), c.tensor("self")])
    return c.give("logical_not", [c.tensor("self")])


@reads("aten.isnan", "aten.isinf")
def special(c: Call) -> str:
    """NaN, or infinite of either sign."""
    return c.give("is_nan" if c.op == "aten.isnan" else "is_inf", [c.tensor("self")])


@reads("aten.nan_to_num")
def nan_to_num(c: Call) -> str:
    """NaN and infinities replaced; infinities by the largest numbers of the type unless told otherwise."""
    if not c.result.dtype.is_floating_point:
        return c.tensor("self")
    x, most = c.tensor("self"), torch.finfo(c.result.dtype).max
    low, high = c.get("neginf", -most), c.get("posinf", most)
    for level, value in ((math.inf, high), (-math.inf, low)):
        at = c.emit("equal", [x, c.constant(level)])
        x = c.emit("select", [at, c.constant(float(value)), x])
    nan = c.emit("is_nan", [x])
    return c.give("select", [nan, c.constant(float(c.get("nan", 0.0))), x])


@reads("aten.round")
def rounded(c: Call) -> str:
    """To whole numbers, or to a number of decimals."""
    decimals = c.get("decimals", 0)
    if not decimals:
        return c.give("round", [c.tensor("self")])
    scale = c.constant(10.0**decimals)
    return c.give("div", [c.emit("round", [c.emit("mul", [c.tensor("self"), scale])]), scale])


@reads("aten.log2", "aten.log10")
def logarithm(c: Call) -> str:
    """Logarithms to another base."""
    base = math.log(2.0 if c.op == "aten.log2" else 10.0)
    return c.give("div", [c.emit("log", operands(c, "self")), c.constant(base)])


@reads("aten.where")
def where(c: Call) -> str:
    """x where the condition holds, else y."""
    return c.give("select", [c.tensor("condition"), *operands(c, "self", "other")])


@reads("aten.masked_fill")
def masked_fill(c: Call) -> str:
    """A value where the mask is set."""
    value, x = operands(c, "value", "self")
    return c.give("select", [c.tensor("mask"), value, x])


@reads("aten.clamp", "aten.clamp_min", "aten.clamp_max", "aten.hardtanh", "aten.relu6")
def clamp(c: Call) -> str:
    """Kept between two bounds, which are numbers or tensors."""
    low, high = (c.get(name, c.get(other)) for name, other in (("min", "min_val"), ("max", "max_val")))
    (x,) = operands(c, "self")
    if c.result.dtype.is_floating_point and not isinstance(low, fx.Node) and not isinstance(high, fx.Node):
        return c.give("clip", [x], min=low, max=high)
    for bound, op in ((low, "maximum"), (high, "minimum")):
        if bound is not None:
            x = c.emit(op, [x, converted(c, bound, c.result.dtype)])
    return x


@reads("aten.addcmul", "aten.addcdiv")
def fused(c: Call) -> str:
    """x + value a b, and x + value a / b."""
    x, a, b = operands(c, "self", "tensor1", "tensor2")
    both = c.emit("mul" if c.op == "aten.addcmul" else "div", [a, b])
    if c.get("value", 1) != 1:
        both = c.emit("mul", [both, converted(c, c["value"], c.result.dtype)])
    return c.give("add", [x, both])


@reads("aten.lerp")
def lerp(c: Call) -> str:
    """x + weight (y - x)"""
    x, y, weight = operands(c, "self", "end", "weight")
    return c.give("add", [x, c.emit("mul", [weight, c.emit("sub", [y, x])])])
