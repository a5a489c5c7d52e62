"""Products of matrices, and attention."""

from __future__ import annotations

from ..operators import Op, mil
from ._operands import turned


@mil("matmul")
def matmul(op: Op) -> None:
    """z = x y, either with its last two axes exchanged first"""
    sides = []
    for param in ("x", "y"):
        rank = op.rank(param)
        if op.const(f"transpose_{param}", False) and rank > 1:
            sides.append(turned(op, param, (*range(rank - 2), rank - 1, rank - 2)))
        else:
            sides.append(op.tensor(param))
    op.emit("matmul", sides)


@mil("einsum")
def einsum(op: Op) -> None:
    """What the equation says of two arrays."""
    op.emit("einsum", op.tensors("values"), equation=op.const("equation"))


@mil("scaled_dot_product_attention")
def attention(op: Op) -> None:
    """y = softmax(query key^T / sqrt(width) + mask) value; a boolean mask is true where a place takes part."""
    inputs = [op.tensor("query"), op.tensor("key"), op.tensor("value")]
    op.emit("attention", [*inputs, op.tensor("attn_mask")] if op.has("attn_mask") else inputs)
