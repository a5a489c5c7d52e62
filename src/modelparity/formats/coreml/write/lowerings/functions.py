"""Functions of elements that take several operations, or settings, and choices between elements."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .....engine.bound_node import Call
from .....graph import Array
from ..block import Block
from ..builder import Builder, refusal
from ..lowering import lowers
from ..values import Value

#: (block, operand, attributes, name of the result) -> result
Function = Callable[[Block, Value, Any, str], Value]


def _asinh(b: Block, x: Value, a: Any, name: str) -> Value:
    """sign(x) log(|x| + sqrt(x^2 + 1))."""
    size = b.unary("abs", x)
    root = b.unary("sqrt", b.pointwise("add", b.unary("square", x), 1.0))
    grown = b.unary("log", b.pointwise("add", size, root), epsilon=0.0)
    return b.pointwise("mul", grown, b.unary("sign", x), name=name)


def _acosh(b: Block, x: Value, a: Any, name: str) -> Value:
    """log(x + sqrt(x^2 - 1))."""
    root = b.unary("sqrt", b.pointwise("sub", b.unary("square", x), 1.0))
    return b.unary("log", b.pointwise("add", x, root), name=name, epsilon=0.0)


def _truncated(b: Block, x: Value, name: str) -> Value:
    return b.pointwise("mul", b.unary("floor", b.unary("abs", x)), b.unary("sign", x), name=name)


def _thresholded(b: Block, x: Value, a: Any, name: str) -> Value:
    kind = "greater_equal" if a["inclusive"] else "greater"
    kept = b.pointwise(kind, x, float(a["threshold"]), typed="bool")
    return b.op("select", cond=kept, a=x, b=0.0, sized=x.shape, typed=x.dtype, name=name)


def _shrink(b: Block, x: Value, a: Any, name: str) -> Value:
    """What is beyond the limits, moved towards zero."""
    above = b.pointwise("greater", x, float(a["lambd"]), typed="bool")
    below = b.pointwise("less", x, -float(a["lambd"]), typed="bool")
    low = b.pointwise("add", x, float(a["bias"]))
    rest = b.op("select", cond=below, a=low, b=0.0, sized=x.shape, typed=x.dtype)
    high = b.pointwise("sub", x, float(a["bias"]))
    return b.op("select", cond=above, a=high, b=rest, sized=x.shape, typed=x.dtype, name=name)


#: Operators of one array of floats.
_FUNCTIONS: dict[str, Function] = {
    "asinh": _asinh,
    "acosh": _acosh,
    "expm1": lambda b, x, a, name: b.pointwise("sub", b.unary("exp", x), 1.0, name=name),
    "log1p": lambda b, x, a, name: b.unary("log", b.pointwise("add", x, 1.0), name=name, epsilon=0.0),
    "log10": lambda b, x, a, name: b.pointwise(
        "mul", b.unary("log", x, epsilon=0.0), 0.43429448190325182, name=name
    ),
    "rsqrt": lambda b, x, a, name: b.pointwise("real_div", 1.0, b.unary("sqrt", x), typed=x.dtype, name=name),
    "trunc": lambda b, x, a, name: _truncated(b, x, name),
    "scale_shift": lambda b, x, a, name: b.pointwise(
        "add", b.pointwise("mul", x, float(a["alpha"])), float(a["beta"]), name=name
    ),
    "scaled_tanh": lambda b, x, a, name: b.pointwise(
        "mul", b.unary("tanh", b.pointwise("mul", x, float(a["beta"]))), float(a["alpha"]), name=name
    ),
    "thresholded_relu": _thresholded,
    "shrink": _shrink,
}


@lowers(*_FUNCTIONS)
def function(b: Builder, c: Call) -> None:
    """A formula, in the layout of its operand."""
    form, (y,) = b.common(c.node.inputs), c.node.outputs
    value = _FUNCTIONS[c.node.op](b.block, b.get(c.node.inputs[0], form), c.attrs, b.claim(y, form))
    b.adopt(y, value, form)


@lowers("is_nan", "is_inf")
def is_nan(b: Builder, c: Call) -> None:
    """What is not equal to itself; what is equal to an infinity."""
    form, (y,), a = b.common(c.node.inputs), c.node.outputs, c.attrs
    x = b.get(c.node.inputs[0], form)
    if c.node.op == "is_nan":
        b.result(y, "not_equal", form=form, x=x, y=x)
        return
    if not a["negative"] and not a["positive"]:
        raise refusal(c, "it asks for neither infinity")
    sides = b.block.unary("abs", x) if a["negative"] and a["positive"] else x
    b.result(y, "equal", form=form, x=sides, y=float("inf") if a["positive"] else float("-inf"))


@lowers("fmod", "trunc_div")
def quotient(b: Builder, c: Call) -> None:
    """A quotient cut towards zero, and what it leaves."""
    form, (y,) = b.common(c.node.inputs), c.node.outputs
    first, second = (b.operand(name, form, b.rank(y)) for name in c.node.inputs)
    if b.dtype(y) == "int32":
        raise refusal(c, "MIL's division of whole numbers rounds down", "cast its operands")
    ratio = b.block.pointwise("real_div", first, second)
    if c.node.op == "trunc_div":
        b.adopt(y, _truncated(b.block, ratio, b.claim(y, form)), form)
        return
    whole = _truncated(b.block, ratio, "")
    b.result(y, "sub", form=form, x=first, y=b.block.pointwise("mul", whole, second))


@lowers("select")
def select(b: Builder, c: Call) -> None:
    """select, whose condition is boolean and whose sides are of one shape or of none."""
    form, (y,) = b.common(c.node.inputs), c.node.outputs
    condition, first, second = (b.operand(name, form, b.rank(y)) for name in c.node.inputs)
    if condition.dtype != "bool":
        condition = b.block.unary("cast", condition, typed="bool", dtype="bool")
    b.result(y, "select", form=form, cond=condition, a=first, b=second)


@lowers("triangle", "band_part")
def triangle(b: Builder, c: Call) -> None:
    """A choice by a mask of the matrix's size; MIL's band_part knows no diagonal beside the main one's band."""
    x, (y,), a = b.get(c.tensors["x"]), c.node.outputs, c.attrs
    rows, columns = x.shape[-2:]
    if rows is None or columns is None:
        raise refusal(c, "its matrices have a size that is known only when it runs")
    away = np.arange(columns) - np.arange(rows)[:, None]
    if c.node.op == "triangle":
        kept = away >= a["diagonal"] if a["part"] == "upper" else away <= a["diagonal"]
    else:
        kept = ((-away <= a["lower"]) | (a["lower"] < 0)) & ((away <= a["upper"]) | (a["upper"] < 0))
    mask = b.initial(f"{c.node.name}_kept", np.broadcast_to(kept, [n or 1 for n in x.shape]).copy())
    if None in x.shape:
        raise refusal(c, "it has a size that is known only when it runs")
    nothing: Array = np.zeros(
        [n or 1 for n in x.shape], {"int32": np.int32, "bool": np.bool_}.get(x.dtype, np.float32)
    )
    b.result(y, "select", cond=mask, a=x, b=b.initial(f"{c.node.name}_nothing", nothing))
