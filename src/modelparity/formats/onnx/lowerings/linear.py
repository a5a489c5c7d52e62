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
