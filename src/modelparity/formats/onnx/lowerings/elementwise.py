"""Activations and arithmetic element by element, in whatever layout their operands stand."""

from __future__ import annotations

from ....call import Call
from ..builder import Builder
from ..lowering import lowers

#: Operators that ONNX has under another name, with no setting.
UNARY = {
    "abs": "Abs", "ceil": "Ceil", "cos": "Cos", "erf": "Erf", "exp": "Exp", "floor": "Floor",
    "hard_swish": "HardSwish", "identity": "Identity", "log": "Log", "mish": "Mish", "neg": "Neg",
    "reciprocal": "Reciprocal", "relu": "Relu", "sigmoid": "Sigmoid", "sign": "Sign", "sin": "Sin",
    "softplus": "Softplus", "softsign": "Softsign", "sqrt": "Sqrt", "tan": "Tan", "tanh": "Tanh",
}  # fmt: skip
BINARY = {"add": "Add", "sub": "Sub", "mul": "Mul", "div": "Div"}


@lowers(*UNARY, *BINARY)
def same(b: Builder, c: Call) -> None:
    """One ONNX node, which broadcasts from the right as the graph does."""
    form = b.common(c.node.inputs)
    rank = b.rank(c.node.outputs[0])
    operands = [b.operand(name, form, rank) for name in c.node.inputs]
    b.result(c.node.outputs[0], {**UNARY, **BINARY}[c.node.op], operands, form=form)
