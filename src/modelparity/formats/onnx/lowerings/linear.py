"""Affine maps and products of matrices."""

from __future__ import annotations

from ....engine.bound_node import Call
from ..builder import Builder
from ..lowering import lowers


@lowers("dense")
def dense(b: Builder, c: Call) -> None:
    """Gemm for a matrix of frames, MatMul and Add for more axes. W stays (in, out)."""
    y, x = c.node.outputs[0], c.tensors["x"]
    weight, bias = b.get(c.tensors["weight"]), c.tensors.get("bias")
    terms = [b.get(x), weight]
    if b.rank(x) == 2:
        b.result(y, "Gemm", [*terms, b.get(bias)] if bias else terms)
    elif bias:
        b.result(y, "Add", [b.emit("MatMul", terms), b.get(bias)])
    else:
        b.result(y, "MatMul", terms)


@lowers("matmul")
def matmul(b: Builder, c: Call) -> None:
    """MatMul has numpy's meaning."""
    b.result(c.node.outputs[0], "MatMul", [b.get(name) for name in c.node.inputs])


@lowers("einsum")
def einsum(b: Builder, c: Call) -> None:
    """Einsum."""
    operands = [b.get(name) for name in c.node.inputs]
    b.result(c.node.outputs[0], "Einsum", operands, equation=c.attrs["equation"])


@lowers("triangle", "band_part")
def triangle(b: Builder, c: Call) -> None:
    """Trilu, once for each side that is cut off."""
    x, a = b.get(c.tensors["x"]), c.attrs
    if c.node.op == "triangle":
        cuts = [(int(a["diagonal"]), int(a["part"] == "upper"))]
    else:
        cuts = [(-int(a["lower"]), 1)] * (a["lower"] >= 0) + [(int(a["upper"]), 0)] * (a["upper"] >= 0)
    for k, upper in cuts[:-1]:
        x = b.emit("Trilu", [x, b.ints(k)], upper=upper)
    if cuts:
        k, upper = cuts[-1]
        b.result(c.node.outputs[0], "Trilu", [x, b.ints(k)], upper=upper)
    else:
        b.result(c.node.outputs[0], "Identity", [x])
