"""Products of matrices, and attention."""

from __future__ import annotations

from ..operators import Op, reads


@reads("matmul")
def matmul(op: Op) -> None:
    """z = x y, either with its last two axes exchanged first"""
    sides = []
    for param in ("x", "y"):
        rank = op.rank(param)
        if op.attr(f"transpose_{param}", False) and rank > 1:
            sides.append(op.turned(param, (*range(rank - 2), rank - 1, rank - 2)))
        else:
            sides.append(op.input(param))
    op.give("matmul", sides)


@reads("einsum")
def einsum(op: Op) -> None:
    """What the equation says of two arrays."""
    op.give("einsum", op.inputs("values"), equation=op.attr("equation"))


@reads("scaled_dot_product_attention")
def attention(op: Op) -> None:
    """y = softmax(query key^T / sqrt(width) + mask) value; a boolean mask is true where a place takes part."""
    inputs = op.inputs("query", "key", "value")
    op.give("attention", [*inputs, op.input("attn_mask", optional=True)])
