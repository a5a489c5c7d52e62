"""Activations and arithmetic element by element, in whatever layout their operands stand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .....engine.bound_node import Call
from ....layouts import PLAIN
from ..activations import COMPOSED, SAME, activate
from ..builder import Builder, refusal
from ..layers import Filler, Layers, field, fills
from ..lowering import lowers

BINARY = {
    "add": "add",
    "sub": "sub",
    "mul": "mul",
    "div": "real_div",
    "power": "pow",
    "maximum": "maximum",
    "minimum": "minimum",
    "floor_div": "floor_div",
    "mod": "mod",
}
LOGICAL = dict.fromkeys(
    (
        "equal",
        "not_equal",
        "greater",
        "greater_equal",
        "less",
        "less_equal",
        "logical_and",
        "logical_or",
        "logical_xor",
    )
)


@lowers(*SAME, *COMPOSED)
def unary(b: Builder, c: Call) -> None:
    """An activation stays in the layout of its operand."""
    form = b.common(c.node.inputs)
    (y,) = c.node.outputs
    if b.dtype(c.node.inputs[0]) == "int32":
        raise refusal(c, "MIL has it for floats only", "cast its operand")
    value = activate(b.block, c.node.op, b.get(c.node.inputs[0], form), c.attrs, b.claim(y, form))
    b.adopt(y, value, form)


@lowers(*BINARY, *LOGICAL)
def binary(b: Builder, c: Call) -> None:
    """One MIL operation, which broadcasts from the right as the graph does."""
    form, (y,) = b.common(c.node.inputs), c.node.outputs
    first, second = (b.operand(name, form, b.rank(y)) for name in c.node.inputs)
    b.result(y, BINARY.get(c.node.op, c.node.op), form=form, x=first, y=second)


@lowers("prelu")
def prelu(b: Builder, c: Call) -> None:
    """max(x, 0) + slope min(x, 0): MIL's own has one slope a channel of an image only."""
    form, (y,) = b.common(c.node.inputs), c.node.outputs
    x, slope = (b.operand(name, form, b.rank(y)) for name in c.node.inputs)
    low = b.block.pointwise("mul", slope, b.block.pointwise("minimum", x, 0.0))
    b.result(y, "add", form=form, x=b.block.unary("relu", x), y=low)


@lowers("softmax", "log_softmax")
def softmax(b: Builder, c: Call) -> None:
    """softmax; its logarithm is x minus the logarithm of the sum of exponentials."""
    x, (y,) = b.get(c.tensors["x"]), c.node.outputs
    axis = int(c.attrs["axis"]) % x.rank
    if c.node.op == "softmax":
        b.result(y, "softmax", x=x, axis=axis)
        return
    shape = tuple(1 if place == axis else n for place, n in enumerate(x.shape))
    total = b.block.op("reduce_log_sum_exp", x=x, axes=(axis,), keep_dims=True, sized=shape)
    b.result(y, "sub", x=x, y=total)


@lowers("cast")
def cast(b: Builder, c: Call) -> None:
    """cast, among the types that the program has."""
    x, (y,) = c.tensors["x"], c.node.outputs
    kinds = {"bool": "bool", "int32": "int32", "int64": "int32"}
    target = (
        b.writing.precision if c.attrs["to"].startswith(("float", "bfloat")) else kinds.get(c.attrs["to"])
    )
    if target is None:
        raise refusal(c, f"ML Programs have no {c.attrs['to']}")
    short = {"float32": "fp32", "float16": "fp16"}.get(target, target)
    b.result(y, "cast", form=PLAIN, x=b.get(x), dtype=short)


def _broadcast(name: str) -> Filler:
    def write(layer: Any, p: dict[str, Any], b: Layers) -> Sequence[str]:
        getattr(layer, name).SetInParent()
        return [b.name(b.value(p[key])) for key in ("x", "y")]

    return write


fills("add")(_broadcast("addBroadcastable"))
fills("sub")(_broadcast("subtractBroadcastable"))
fills("mul")(_broadcast("multiplyBroadcastable"))
fills("real_div")(_broadcast("divideBroadcastable"))
fills("softmax")(field("softmaxND", axis="axis"))
