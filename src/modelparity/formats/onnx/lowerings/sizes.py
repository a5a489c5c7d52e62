"""Element types, and arrays that are made of sizes."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx

from ....engine.bound_node import Call
from ....graph import Array
from ..builder import Builder, refusal
from ..lowering import lowers

#: Types of whole numbers that a written file does not keep, and that numbers are cut to on the way.
_NARROW = {
    "int8": onnx.TensorProto.INT8,
    "uint8": onnx.TensorProto.UINT8,
    "int16": onnx.TensorProto.INT16,
    "uint16": onnx.TensorProto.UINT16,
    "int32": onnx.TensorProto.INT32,
    "uint32": onnx.TensorProto.UINT32,
}


@lowers("cast")
def cast(b: Builder, c: Call) -> None:
    """Cast; whole numbers are int64 in the file, those of a narrower type cut to it first."""
    x, to = b.get(c.tensors["x"]), c.attrs["to"]
    if to in ("float", "bool"):
        kind = onnx.TensorProto.FLOAT if to == "float" else onnx.TensorProto.BOOL
    elif to == "uint64":
        raise refusal(c, "whole numbers are written as int64")
    else:
        kind = onnx.TensorProto.INT64
        if to in _NARROW:
            x = b.emit("Cast", [x], to=_NARROW[to])
    b.result(c.node.outputs[0], "Cast", [x], to=kind)


@lowers("shape")
def shape(b: Builder, c: Call) -> None:
    """Shape."""
    b.result(c.node.outputs[0], "Shape", [b.get(c.tensors["x"])])


@lowers("broadcast_to")
def broadcast_to(b: Builder, c: Call) -> None:
    """Expand, to a shape that is known, that an input has, or that an input holds."""
    b.result(c.node.outputs[0], "Expand", [b.get(c.tensors["x"]), _wanted(b, c)])


def _wanted(b: Builder, c: Call) -> str:
    like = c.tensors.get("like")
    if like is None:
        return b.ints(*map(int, c.attrs["shape"]))
    return b.get(like) if c.attrs["values"] else b.emit("Shape", [b.get(like)])


@lowers("fill_like", "fill")
def fill(b: Builder, c: Call) -> None:
    """One number, expanded."""
    x = c.tensors["x" if c.node.op == "fill_like" else "shape"]
    sizes = b.emit("Shape", [b.get(x)]) if c.node.op == "fill_like" else b.get(x)
    number = b.initial(f"{c.node.name}/value", element(c.attrs["value"], c.attrs["to"]))
    b.result(c.node.outputs[0], "Expand", [number, sizes])


def element(value: float, to: str) -> Array:
    """A number as an array without axes, of the type that the file has for ``to``."""
    return np.array(value, np.float32 if to == "float" else np.bool_ if to == "bool" else np.int64)


@lowers("range_1d")
def range_1d(b: Builder, c: Call) -> None:
    """Range."""
    ends = [b.get(c.tensors[key]) for key in ("start", "end", "step")]
    b.result(c.node.outputs[0], "Range", ends)


@lowers("reshape_to")
def reshape_to(b: Builder, c: Call) -> None:
    """Reshape by an input; a 0 counts from the left, or is one."""
    if c.attrs["zeros"] == "right":
        raise refusal(c, "its zeros count from the right")
    operands = [b.get(c.tensors["x"]), b.get(c.tensors["shape"])]
    b.result(c.node.outputs[0], "Reshape", operands, allowzero=int(c.attrs["zeros"] == "literal"))


@lowers("reshape_like")
def reshape_like(b: Builder, c: Call) -> None:
    """Reshape, by parts of the shapes of others."""
    parts = []
    for name, begin, end in zip(c.variadic, c.attrs["begins"], c.attrs["ends"], strict=True):
        bounds: dict[str, Any] = {"start": int(begin)} | ({} if end is None else {"end": int(end)})
        parts.append(b.emit("Shape", [b.get(name)], **bounds))
    sizes = b.emit("Concat", parts, axis=0)
    b.result(c.node.outputs[0], "Reshape", [b.get(c.tensors["x"]), sizes])
