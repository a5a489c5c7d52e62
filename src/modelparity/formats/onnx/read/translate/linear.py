"""Products of matrices."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import numpy as np

from ....reading.einsum import spelt
from ..inference import like
from ..node import Op, reads
from ..scope import Kind
from .activation import fused

T = TypeVar("T")


@reads("MatMul")
def matmul(op: Op) -> None:
    """z = x y, of stacked matrices; by a known matrix it is a dense layer"""
    if dense_weight(op, 1) and op.kind(0).shape is not None and op.rank(0) >= 1 and op.is_float():
        op.give("dense", op.inputs(0, 1))
    else:
        op.give("matmul", op.inputs(0, 1))


def dense_weight(op: Op, place: int) -> bool:
    """Whether an input is a matrix that is known when the file is read."""
    known = op.known(place)
    return known is not None and known.ndim == 2


@reads("Gemm")
def gemm(op: Op) -> None:
    """y = alpha x' w' + beta c, x' and w' being transposed or not"""
    general_product(op, op.give)


@reads("FusedGemm", domain="com.microsoft")
def fused_gemm(op: Op) -> None:
    """y = f(alpha x' w' + beta c)"""
    given = {name: op.attributes[name] for name in GEMM if name in op.attributes}
    places = range(3 if op.has(2) else 2)
    kind = like("Gemm", [op.kind(place) for place in places], **given)
    values = (op.attr(f"activation_{name}", None) for name in ("alpha", "beta", "gamma"))
    params = tuple(value for value in values if value is not None)
    fused(op, general_product(op, op.temp), op.attr("activation", ""), params, kind)


#: The attributes that FusedGemm has of Gemm.
GEMM = ("alpha", "beta", "transA", "transB")


def general_product(op: Op, give: Callable[[str, list[str]], T]) -> T:
    """alpha x' w' + beta c, ``give`` making the last node of it."""
    alpha, beta = op.attr("alpha", 1.0), op.attr("beta", 1.0)
    x, w, c = op.input(0), "", op.input(2, optional=True)
    if op.attr("transA", 0):
        x = op.temp("transpose", [x], axes=(1, 0))
    flipped = op.attr("transB", 0)
    known = op.known(1)
    if known is not None and flipped:
        w = op.constant(known.T, "weight")
    else:
        w = op.temp("transpose", [op.input(1)], axes=(1, 0)) if flipped else op.input(1)
    vector = c and op.kind(2).shape is not None and len(op.shape(2)) == 1 and op.is_float()
    if alpha == beta == 1.0 and vector:
        return give("dense", [x, w, c])
    product = "dense" if op.is_float() else "matmul"
    if not c or beta == 0.0:
        if alpha == 1.0:
            return give(product, [x, w])
        return give("mul", [op.temp(product, [x, w]), factor(op, alpha)])
    y = op.temp(product, [x, w])
    if alpha != 1.0:
        y = op.temp("mul", [y, factor(op, alpha)])
    if beta != 1.0:
        c = op.temp("mul", [c, factor(op, beta)])
    return give("add", [y, c])


def factor(op: Op, value: float) -> str:
    """A factor as a constant of the elements' type."""
    return op.constant(np.array(value, np.float32) if op.is_float() else np.array(value).astype(op.dtype()))


@reads("FusedMatMul", "TransposeMatMul", domain="com.microsoft")
def fused_matmul(op: Op) -> None:
    """z = alpha x' y', with the last two axes, or the first and the others (``transBatch``), swapped"""
    sides, kinds = [], []
    for place, letter in enumerate("AB"):
        x, rank = op.input(place), op.rank(place)
        axes = list(range(rank))
        if op.attr(f"transBatch{letter}", 0) and rank > 2:
            axes = [*axes[1:-1], 0, axes[-1]]
        if op.attr(f"trans{letter}", 0) and rank > 1:
            axes[-2:] = axes[-1], axes[-2]
        sides.append(x if axes == sorted(axes) else op.temp("transpose", [x], axes=tuple(axes)))
        kinds.append(Kind(op.dtype(place), tuple(op.shape(place)[axis] for axis in axes)))
    kind = like("MatMul", kinds)
    alpha = op.attr("alpha", 1.0)
    if alpha == 1.0:
        op.give("matmul", sides, kind=kind)
    else:
        op.give("mul", [op.temp("matmul", sides), op.constant(alpha, "alpha")], kind=kind)


@reads("Einsum")
def einsum(op: Op) -> None:
    """y = the sum of products that the equation says"""
    op.give("einsum", op.inputs(), equation=explicit(op, op.attr("equation").replace(" ", "")))


def explicit(op: Op, equation: str) -> str:
    """The equation with letters for an ellipsis, and with the result's letters if it leaves them out."""
    terms = equation.partition("->")[0].split(",")
    if len(terms) != op.count:
        raise op.error(
            "the equation is for another number of inputs", found=equation, expected=f"{op.count} terms"
        )
    # Only an ellipsis stands for axes that the equation does not count.
    lettered = spelt(equation, [op.rank(k) if "..." in term else len(term) for k, term in enumerate(terms)])
    if lettered is None:
        raise op.error("the equation does not fit the ranks", found=equation)
    return lettered


@reads("Det")
def det(op: Op) -> None:
    """y = the determinant"""
    op.give("det", [op.input(0)])
