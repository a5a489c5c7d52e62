"""Element types as attributes name them."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..errors import GraphError

WHOLE = ("int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64")


def element(ar: Arithmetic, to: str) -> np.dtype[Any]:
    """What `cast` and its like call a type: bool, a type of whole numbers, or "float", the arithmetic's own."""
    if to == "float":
        return ar.dtype
    if to not in (*WHOLE, "bool"):
        raise GraphError(f"unknown element type {to!r}", expected=", ".join((*WHOLE, "bool", "float")))
    return np.dtype(to)
