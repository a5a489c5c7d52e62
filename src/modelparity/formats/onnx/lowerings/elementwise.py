"""Activations and arithmetic element by element, in whatever layout their operands stand."""

from __future__ import annotations

from functools import partial

from ....engine.bound_node import Call
from ..activations import ACTIVATIONS, activate
from ..builder import Builder
from ..counterparts import BINARY
from ..lowering import lowers

TWO = {
    **{ours: name for name, ours in BINARY.items()},
    "div": "Div",
    "power": "Pow",
    "maximum": "Max",
    "minimum": "Min",
    "prelu": "PRelu",
}


@lowers(*ACTIVATIONS)
def unary(b: Builder, c: Call) -> None:
    """An activation stays in the layout of its operand."""
    form = b.common(c.node.inputs)
    last = partial(b.result, c.node.outputs[0], form=form)
    activate(b, c.node.op, b.get(c.node.inputs[0], form), c.attrs, last)


@lowers(*TWO)
def binary(b: Builder, c: Call) -> None:
    """One ONNX node, which broadcasts from the right as the graph does."""
    form, rank = b.common(c.node.inputs), b.rank(c.node.outputs[0])
    operands = [b.operand(name, form, rank) for name in c.node.inputs]
    b.result(c.node.outputs[0], TWO[c.node.op], operands, form=form)
