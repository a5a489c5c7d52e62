"""Products of matrices, and attention."""

from __future__ import annotations

from ....reading.einsum import spelt
from ..aten_call import Op, reads
from ..nodes import value_of
from .casting import converted


@reads("aten.linear")
def linear(op: Op) -> None:
    """x W^T + b"""
    rank = op.rank("weight")
    bias = op.input("bias", optional=True)
    if rank == 2:
        weight = op.turned("weight", (1, 0))
        op.give("dense", [op.input("input"), weight, *([bias] if bias else [])])
        return
    y = op.temp("matmul", [op.input("input"), op.shaped("weight", (-1, 1))])
    y = op.temp("squeeze", [y], axes=(-1,))
    if bias:
        op.give("add", [y, bias])
    else:
        op.results(y)


@reads("aten.mm", "aten.bmm", "aten.matmul", "aten.mv", "aten.dot")
def matmul(op: Op) -> None:
    """Products of matrices, or of vectors as matrices with one row or column."""
    x, y = (op.tensor(one) for one in op.node.args[:2])
    ranks = [len(value_of(one).shape) for one in op.node.args[:2]]
    if ranks[0] == 1:
        x = op.temp("expand_dims", [x], axes=(0,))
    if ranks[1] == 1:
        y = op.temp("expand_dims", [y], axes=(1,))
    if 1 not in ranks:
        op.give("matmul", [x, y])
        return
    z = op.temp("matmul", [x, y])
    op.give("squeeze", [z], axes=[axis for axis, rank in ((-2, ranks[0]), (-1, ranks[1])) if rank == 1])


@reads("aten.addmm", "aten.baddbmm", "aten.addmv")
def addmm(op: Op) -> None:
    """beta bias + alpha x y"""
    bias, x, y = (op.tensor(one) for one in op.node.args[:3])
    beta, alpha = op.attr("beta", 1), op.attr("alpha", 1)
    if op.type == "aten.addmv":
        y = op.temp("expand_dims", [y], axes=(1,))
    product = op.temp("matmul", [x, y])
    if op.type == "aten.addmv":
        product = op.temp("squeeze", [product], axes=(-1,))
    if alpha != 1:
        product = op.temp("mul", [product, converted(op, alpha, op.result.dtype)])
    if beta == 0:
        op.results(product)
        return
    if beta != 1:
        bias = op.temp("mul", [bias, converted(op, beta, op.result.dtype)])
    op.give("add", [product, bias])


@reads("aten.einsum")
def einsum(op: Op) -> None:
    """Sums of products over letters."""
    op.ignore("path")  # in which order products are taken, for speed
    equation, tensors = "".join(str(op.attr("equation")).split()), list(op.attr("tensors"))
    lettered = spelt(equation, [value_of(one).ndim for one in tensors])
    if lettered is None:
        raise op.error("the equation does not fit the ranks", found=equation)
    op.give("einsum", [op.tensor(one) for one in tensors], equation=lettered)


@reads("aten.scaled_dot_product_attention")
def attention(op: Op) -> None:
    """Dropout is off in eval mode. A target that may attend to nothing gets zeros."""
    if op.attr("dropout_p", 0.0):
        raise op.error(
            "dropout draws numbers", found=op.attr("dropout_p"), fix="export the module in eval mode"
        )
    inputs = [*op.inputs("query", "key", "value"), op.input("attn_mask", optional=True)]
    scale = op.attr("scale", None)
    op.give(
        "attention",
        inputs,
        scale=None if scale is None else float(scale),
        causal=op.attr("is_causal", False, bool),
        grouped=op.attr("enable_gqa", False, bool),
        empty_row="zero",
    )


@reads("aten.bilinear")
def bilinear(op: Op) -> None:
    """x_1^T W_k x_2 + b_k"""
    lead = "".join(chr(ord("l") + at) for at in range(op.rank("input1") - 1))
    inputs = [op.input("input1"), op.input("weight"), op.input("input2")]
    y = op.temp("einsum", inputs, equation=f"{lead}i,kij,{lead}j->{lead}k")
    bias = op.input("bias", optional=True)
    if bias:
        op.give("add", [y, bias])
    else:
        op.results(y)
