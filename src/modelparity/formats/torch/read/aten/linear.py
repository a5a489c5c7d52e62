"""Products of matrices, and attention."""

from __future__ import annotations

from ..call import Call, reads, value_of
from .casting import converted


@reads("aten.linear")
def linear(c: Call) -> str:
    """x W^T + b"""
    rank = c.rank("weight")
    bias = c.tensor("bias")
    if rank == 2:
        weight = c.laid("weight", "transposed", (1, 0))
        return c.give("dense", [c.tensor("input"), weight, *([bias] if bias else [])])
    y = c.emit("matmul", [c.tensor("input"), c.shaped("weight", "column", (-1, 1))])
    y = c.emit("squeeze", [y], axes=(-1,))
    return c.give("add", [y, bias]) if bias else y


@reads("aten.mm", "aten.bmm", "aten.matmul", "aten.mv", "aten.dot")
def matmul(c: Call) -> str:
    """Products of matrices, or of vectors as matrices with one row or column."""
    x, y = (c.operand(one) for one in c.node.args[:2])
    ranks = [len(value_of(one).shape) for one in c.node.args[:2]]
    if ranks[0] == 1:
        x = c.emit("expand_dims", [x], axes=(0,))
    if ranks[1] == 1:
        y = c.emit("expand_dims", [y], axes=(1,))
    if 1 not in ranks:
        return c.give("matmul", [x, y])
    z = c.emit("matmul", [x, y])
    return c.give("squeeze", [z], axes=[axis for axis, rank in ((-2, ranks[0]), (-1, ranks[1])) if rank == 1])


@reads("aten.addmm", "aten.baddbmm", "aten.addmv")
def addmm(c: Call) -> str:
    """beta bias + alpha x y"""
    bias, x, y = (c.operand(one) for one in c.node.args[:3])
    beta, alpha = c.get("beta", 1), c.get("alpha", 1)
    if c.op == "aten.addmv":
        y = c.emit("expand_dims", [y], axes=(1,))
    product = c.emit("matmul", [x, y])
    if c.op == "aten.addmv":
        product = c.emit("squeeze", [product], axes=(-1,))
    if alpha != 1:
        product = c.emit("mul", [product, converted(c, alpha, c.result.dtype)])
    if beta == 0:
        return product
    if beta != 1:
        bias = c.emit("mul", [bias, converted(c, beta, c.result.dtype)])
    return c.give("add", [product, bias])


@reads("aten.einsum")
def einsum(c: Call) -> str:
    """Sums of products over letters."""
    equation = "".join(str(c["equation"]).split())
    if "->" not in equation:
        letters = equation.replace(",", "")
        equation += "->" + "".join(sorted(one for one in set(letters) if letters.count(one) == 1))
    return c.give("einsum", [c.operand(one) for one in c["tensors"]], equation=equation)


@reads("aten.scaled_dot_product_attention")
def attention(c: Call) -> str:
    """Dropout is off in eval mode. A target that may attend to nothing gets zeros."""
    if c.get("dropout_p", 0.0):
        raise c.error("dropout draws numbers", found=c["dropout_p"], fix="export the module in eval mode")
    names = ["query", "key", "value", "attn_mask"]
    inputs = [c.tensor(name) for name in names]
    scale = c.get("scale")
    return c.give(
        "attention",
        inputs if inputs[3] else inputs[:3],
        scale=None if scale is None else float(scale),
        causal=bool(c.get("is_causal", False)),
        grouped=bool(c.get("enable_gqa", False)),
        empty_row="zero",
    )


@reads("aten.bilinear")
def bilinear(c: Call) -> str:
    """x_1^T W_k x_2 + b_k"""
    lead = "".join(chr(ord("l") + at) for at in range(c.rank("input1") - 1))
    inputs = [c.tensor("input1"), c.tensor("weight"), c.tensor("input2")]
    y = c.emit("einsum", inputs, equation=f"{lead}i,kij,{lead}j->{lead}k")
    bias = c.tensor("bias")
    return c.give("add", [y, bias]) if bias else y
