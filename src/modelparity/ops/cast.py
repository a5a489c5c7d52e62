"""Cast: another element type."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..engine.arithmetic import Arithmetic
from ..engine.facts import Facts, Range, Ranges
from ..engine.operator import operator
from ..errors import GraphError
from ..graph import Array

_WHOLE = ("int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64")


def _range(given: Ranges, attrs: Mapping[str, Any]) -> Range | None:
    return given["x"] if attrs.get("to") == "float" else None


@operator(facts=Facts(range=_range))
def cast(ar: Arithmetic, x: Array, *, to: str) -> Array:
    """y = x as elements of type ``to``

    x (...) -> y (...). ``to`` is bool (not 0), a type of whole numbers (floats lose their fraction, towards 0), or
    float: whatever the arithmetic computes in, rounded to the node's declared type where arithmetic follows it.
    Raises `GraphError` for another type.
    Source: ONNX Cast, Core ML MIL ``cast``; checked against numpy.ndarray.astype.
    """
    if to not in (*_WHOLE, "bool", "float"):
        raise GraphError(f"unknown element type {to!r}", expected=", ".join((*_WHOLE, "bool", "float")))
    if to != "float":
        y: Array = (ar.whole(x) if x.dtype.kind == "f" and to != "bool" else x).astype(to)
        return y
    return ar.cast(x.astype(ar.dtype)) if x.dtype.kind != "f" else ar.cast(x)
