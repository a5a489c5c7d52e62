"""Elementwise operations of one array and of two, and comparisons."""

from __future__ import annotations

from ..operators import Op, reads
from ._operands import as_numbers, whole

#: MIL operation -> core operator of one array.
UNARY = {
    "abs": "abs",
    "acos": "acos",
    "asin": "asin",
    "atan": "atan",
    "atanh": "atanh",
    "ceil": "ceil",
    "cos": "cos",
    "cosh": "cosh",
    "erf": "erf",
    "exp": "exp",
    "floor": "floor",
    "logical_not": "logical_not",
    "round": "round",
    "sign": "sign",
    "sin": "sin",
    "sinh": "sinh",
    "sqrt": "sqrt",
    "square": "square",
    "tan": "tan",
    "tanh": "tanh",
    "sigmoid": "sigmoid",
    "silu": "silu",
    "softplus": "softplus",
    "softsign": "softsign",
}
#: MIL operation -> core operator of two arrays, broadcast from the right.
BINARY = {
    "sub": "sub",
    "mul": "mul",
    "mod": "mod",
    "floor_div": "floor_div",
    "maximum": "maximum",
    "minimum": "minimum",
    "equal": "equal",
    "not_equal": "not_equal",
    "greater": "greater",
    "greater_equal": "greater_equal",
    "less": "less",
    "less_equal": "less_equal",
    "logical_and": "logical_and",
    "logical_or": "logical_or",
    "logical_xor": "logical_xor",
}
#: What adds a small number before it works, and MIL's name and default of that number.
GUARDED = {"inverse": ("reciprocal", 1e-4), "log": ("log", 1e-45), "rsqrt": ("rsqrt", 1e-12)}


@reads(*UNARY)
def unary(op: Op) -> None:
    """y = f(x)"""
    op.give(UNARY[op.type], [op.input("x")])


@reads(*BINARY)
def binary(op: Op) -> None:
    """z = f(x, y)"""
    op.give(BINARY[op.type], op.inputs("x", "y"))


@reads("real_div", "pow")
def through_numbers(op: Op) -> None:
    """z = x / y or x^y; of whole numbers the fraction is dropped."""
    core = {"real_div": "div", "pow": "power"}[op.type]
    if not whole(op, "x"):
        op.give(core, op.inputs("x", "y"))
        return
    exact = op.temp(core, [as_numbers(op, "x"), as_numbers(op, "y")], dtype="float32")
    op.give("cast", [exact], to=op.out.dtype)


@reads("exp2")
def exp2(op: Op) -> None:
    """y = 2^x; of whole numbers the fraction is dropped."""
    if not whole(op, "x"):
        op.give("exp2", [op.input("x")])
        return
    op.give("cast", [op.temp("exp2", [as_numbers(op, "x")], dtype="float32")], to=op.out.dtype)


@reads(*GUARDED)
def guarded(op: Op) -> None:
    """y = f(x + epsilon)"""
    core, default = GUARDED[op.type]
    epsilon = op.attr("epsilon", default)
    x = op.input("x")
    if epsilon:
        x = op.temp("add", [x, op.constant(float(epsilon), "epsilon")])
    op.give(core, [x])


@reads("clip")
def clip(op: Op) -> None:
    """y = min(max(x, alpha), beta)"""
    op.give("clip", [op.input("x")], min=op.attr("alpha"), max=op.attr("beta"))


@reads("threshold")
def threshold(op: Op) -> None:
    """y = max(x, alpha)"""
    op.give("clip", [op.input("x")], min=op.attr("alpha"))
