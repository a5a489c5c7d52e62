"""Products of matrices."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .....engine.bound_node import Call
from ..builder import Builder
from ..layers import Layers, fill, fills
from ..lowering import lowers

#: MIL's linear takes so many axes; matmul takes more.
LINEAR = 3


@lowers("dense")
def dense(b: Builder, c: Call) -> None:
    """linear, whose weight is (out, in)."""
    x, (y,) = b.get(c.tensors["x"]), c.node.outputs
    weight, bias = c.tensors["weight"], c.tensors.get("bias")
    constant = all(name in b.graph.constants for name in (weight, bias) if name)
    if constant and x.rank <= LINEAR and b.rank(weight) == 2:
        matrix = b.block.weight(weight, b.graph.constants[weight].T)
        row: dict[str, Any] = {} if bias is None else {"bias": b.get(bias)}
        b.result(y, "linear", x=x, weight=matrix, **row)
        return
    if bias is None:
        b.result(y, "matmul", x=x, y=b.get(weight), transpose_x=False, transpose_y=False)
        return
    product = b.block.op(
        "matmul", x=x, y=b.get(weight), transpose_x=False, transpose_y=False, sized=b.shape(y)
    )
    b.result(y, "add", x=product, y=b.get(bias))


@lowers("matmul")
def matmul(b: Builder, c: Call) -> None:
    """matmul, which treats a vector on either side as the graph does."""
    x, y = (b.get(c.tensors[key]) for key in ("x", "y"))
    b.result(c.node.outputs[0], "matmul", x=x, y=y, transpose_x=False, transpose_y=False)


@fills("linear")
def linear_layer(layer: Any, p: dict[str, Any], b: Layers) -> Sequence[str]:
    """innerProduct."""
    weight = b.array(p["weight"])
    field = layer.innerProduct
    field.outputChannels, field.inputChannels = weight.shape
    fill(field.weights, weight)
    if "bias" in p:
        field.hasBias = True
        fill(field.bias, b.array(p["bias"]))
    return [b.name(p["x"])]
