"""Constants, and the operations that everything starts with."""

from __future__ import annotations

from ..operators import Op, reads


@reads("const")
def const(op: Op) -> None:
    """A value of the file; it enters the graph when an operation computes with it."""
    op.fold(op.value("val"))


@reads("identity")
def identity(op: Op) -> None:
    """y = x"""
    op.give("identity", [op.input("x")])


@reads("relu")
def relu(op: Op) -> None:
    """y = max(x, 0)"""
    op.give("relu", [op.input("x")])


@reads("add")
def add(op: Op) -> None:
    """z = x + y"""
    op.give("add", op.inputs("x", "y"))


@reads("linear")
def linear(op: Op) -> None:
    """y = x W^T + b, with W (out, in)"""
    inputs = [op.input("x"), op.turned("weight", (1, 0))]
    op.give("dense", [*inputs, op.input("bias", optional=True)])


@reads("cast")
def cast(op: Op) -> None:
    """y = x as another element type."""
    names = {"fp16": "float", "fp32": "float", "fp64": "float", "bool": "bool"}
    wanted = op.attr("dtype")
    to = names.get(wanted, wanted)
    if to not in ("float", "bool", "int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64"):
        raise op.error("unknown element type", found=wanted)
    op.give("cast", [op.input("x")], to=to)
