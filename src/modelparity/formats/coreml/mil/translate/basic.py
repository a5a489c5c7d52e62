"""Constants, and the operations that everything starts with."""

from __future__ import annotations

from ..operators import Op, mil


@mil("const")
def const(op: Op) -> None:
    """A value of the file; it enters the graph when an operation computes with it."""
    op.fold(op.value("val"))


@mil("identity")
def identity(op: Op) -> None:
    """y = x"""
    op.emit("identity", [op.tensor("x")])


@mil("relu")
def relu(op: Op) -> None:
    """y = max(x, 0)"""
    op.emit("relu", [op.tensor("x")])


@mil("add")
def add(op: Op) -> None:
    """z = x + y"""
    op.emit("add", [op.tensor("x"), op.tensor("y")])


@mil("linear")
def linear(op: Op) -> None:
    """y = x W^T + b, with W (out, in)"""
    inputs = [op.tensor("x"), op.weight("weight", (1, 0))]
    op.emit("dense", [*inputs, op.tensor("bias")] if op.has("bias") else inputs)


@mil("cast")
def cast(op: Op) -> None:
    """y = x as another element type."""
    names = {"fp16": "float", "fp32": "float", "fp64": "float", "bool": "bool"}
    wanted = op.const("dtype")
    to = names.get(wanted, wanted)
    if to not in ("float", "bool", "int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64"):
        raise op.error("unknown element type", found=wanted)
    op.emit("cast", [op.tensor("x")], to=to)
