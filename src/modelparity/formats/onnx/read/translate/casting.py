"""Other element types."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..node import Op, reads
from ..scope import Kind
from ..tensors import PACKED, TEXT, element_type, held, is_float

#: Formats that are rounded to whatever the arithmetic.
SMALL = ("float8", "float4")


@reads("Cast")
def cast(op: Op) -> None:
    """y = x as elements of another type"""
    _cast(op, element_type(op.attr("to"), op.where))


@reads("CastLike")
def cast_like(op: Op) -> None:
    """y = x as elements of the type of another array"""
    _cast(op, op.dtype(1))


def _cast(op: Op, to: str) -> None:
    if to == TEXT or op.is_text():
        raise op.error("text made of numbers, or numbers of text", found=f"{op.kind(0).dtype} to {to}")
    if not held(to):
        raise op.error("complex numbers are not computed with", found=to)
    saturate, rounding = op.attr("saturate", True, bool), op.attr("round_mode", "up")
    kind = Kind(to, op.kind(0).shape)
    cast_to(op, op.input(0), op.dtype(0), to, kind=kind, saturate=saturate, rounding=rounding)


def cast_to(
    op: Op, x: str, source: str, to: str, *, kind: Kind, saturate: bool = True, rounding: str = "up"
) -> None:
    """The output as ``x`` brought to a type, in the steps that it takes."""
    if to.startswith(SMALL):
        attrs: dict[str, Any] = {"to": to, "saturate": saturate}
        if to == "float8e8m0":
            attrs["rounding"] = rounding
        if not is_float(source):
            x = op.temp("cast", [x], dtype="float32", to="float")
        op.give("round_float", [x], kind=kind, **attrs)
    elif to in PACKED:
        wide = op.temp("cast", [x], dtype="int64", to="int64")
        op.give("wrap_bits", [wide], kind=kind, bits=PACKED[to], signed=to.startswith("int"), to=held(to))
    else:
        op.give("cast", [x], kind=kind, to="float" if is_float(to) else to)


def limits(dtype: str) -> tuple[int, int]:
    """The least and the largest number of a type of whole numbers."""
    if dtype in PACKED:
        bits = PACKED[dtype]
        return (0, (1 << bits) - 1) if dtype.startswith("u") else (-(1 << (bits - 1)), (1 << (bits - 1)) - 1)
    info = np.iinfo(dtype)
    return int(info.min), int(info.max)
