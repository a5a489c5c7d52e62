"""Functions of elements that take several ONNX nodes, or settings."""

from __future__ import annotations

from functools import partial

from ....engine.bound_node import Call
from ..builder import Builder
from ..lowering import lowers


@lowers("square", "rsqrt", "exp2", "expm1", "log1p", "log10", "trunc")
def function(b: Builder, c: Call) -> None:
    """Functions of one array that this operator set has in parts only."""
    form = b.common(c.node.inputs)
    x, last = b.get(c.node.inputs[0], form), partial(b.result, c.node.outputs[0], form=form)
    if c.node.op == "square":
        last("Mul", [x, x])
    elif c.node.op == "rsqrt":
        last("Reciprocal", [b.emit("Sqrt", [x])])
    elif c.node.op == "exp2":
        last("Pow", [b.scalar(2.0), x])
    elif c.node.op == "expm1":
        last("Sub", [b.emit("Exp", [x]), b.scalar(1.0)])
    elif c.node.op == "log1p":
        last("Log", [b.emit("Add", [x, b.scalar(1.0)])])
    elif c.node.op == "log10":
        last("Mul", [b.emit("Log", [x]), b.scalar(0.43429448190325182)])
    else:
        last("Mul", [b.emit("Floor", [b.emit("Abs", [x])]), b.emit("Sign", [x])])


@lowers("scale_shift", "scaled_tanh", "thresholded_relu", "shrink", "is_inf")
def with_settings(b: Builder, c: Call) -> None:
    """Functions of one array with numbers of their own."""
    form, a = b.common(c.node.inputs), c.attrs
    x, last = b.get(c.node.inputs[0], form), partial(b.result, c.node.outputs[0], form=form)
    if c.node.op == "scale_shift":
        last("Add", [b.emit("Mul", [x, b.scalar(float(a["alpha"]))]), b.scalar(float(a["beta"]))])
    elif c.node.op == "scaled_tanh":
        inner = b.emit("Tanh", [b.emit("Mul", [x, b.scalar(float(a["beta"]))])])
        last("Mul", [inner, b.scalar(float(a["alpha"]))])
    elif c.node.op == "thresholded_relu":  # ONNX's own is not inclusive
        op = "Less" if a["inclusive"] else "LessOrEqual"
        below = b.emit(op, [x, b.scalar(float(a["threshold"]))])
        last("Where", [below, b.scalar(0.0), x])
    elif c.node.op == "shrink":
        last("Shrink", [x], lambd=float(a["lambd"]), bias=float(a["bias"]))
    else:
        last("IsInf", [x], detect_negative=int(a["negative"]), detect_positive=int(a["positive"]))


@lowers("not_equal")
def not_equal(b: Builder, c: Call) -> None:
    """The contrary of Equal."""
    form, x, y = _two(b, c)
    b.result(c.node.outputs[0], "Not", [b.emit("Equal", [x, y])], form=form)


@lowers("mod", "fmod", "floor_div", "trunc_div")
def quotient(b: Builder, c: Call) -> None:
    """Mod, whose sign for numbers with a fraction is the dividend's alone, and Div, which cuts whole numbers."""
    form, x, y = _two(b, c)
    last = partial(b.result, c.node.outputs[0], form=form)
    real = b.kinds[c.node.outputs[0]] == "f"
    if c.node.op == "fmod" or (c.node.op == "mod" and not real):
        last("Mod", [x, y], fmod=int(c.node.op == "fmod"))
    elif c.node.op == "mod":
        last(*_remainder(b, x, y))
    elif c.node.op == "floor_div":
        if real:
            last("Floor", [b.emit("Div", [x, y])])
        else:
            last("Div", [b.emit("Sub", [x, b.emit("Mod", [x, y])]), y])
    elif real:
        whole = b.emit("Div", [x, y])
        last("Mul", [b.emit("Floor", [b.emit("Abs", [whole])]), b.emit("Sign", [whole])])
    else:
        last("Div", [x, y])


def _remainder(b: Builder, x: str, y: str) -> tuple[str, list[str]]:
    """The remainder with the divisor's sign: C's, and the divisor once more where it has the other one."""
    left = b.emit("Mod", [x, y], fmod=1)
    turned = b.emit("Less", [b.emit("Mul", [left, y]), b.scalar(0.0)])
    return "Where", [turned, b.emit("Add", [left, y]), left]


@lowers("select")
def select(b: Builder, c: Call) -> None:
    """Where, whose condition is boolean."""
    form, rank = b.common(c.node.inputs), b.rank(c.node.outputs[0])
    condition, x, y = (b.operand(name, form, rank) for name in c.node.inputs)
    if b.kinds[c.tensors["condition"]] != "b":
        condition = b.emit("Cast", [condition], to=9)  # 9: boolean
    b.result(c.node.outputs[0], "Where", [condition, x, y], form=form)


def _two(b: Builder, c: Call) -> tuple[str, str, str]:
    """The layout, and both operands in it."""
    form, rank = b.common(c.node.inputs), b.rank(c.node.outputs[0])
    x, y = (b.operand(name, form, rank) for name in c.node.inputs)
    return form, x, y
