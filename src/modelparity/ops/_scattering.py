"""How updates and what stands there become one, for the scattering operators."""

from __future__ import annotations

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..errors import GraphError
from ..graph import Array

#: The update rule of each mode, as a numpy function that can be applied at repeated places.
_RULES: dict[str, np.ufunc] = {
    "add": np.add,
    "sub": np.subtract,
    "mul": np.multiply,
    "div": np.divide,
    "max": np.maximum,
    "min": np.minimum,
}
MODES = ("update", *_RULES)


def scattered(ar: Arithmetic, x: Array, index: tuple[Array, ...], updates: Array, mode: str) -> Array:
    """A copy of x in which ``updates`` have been applied one after the other at ``index``.

    Later updates of one place win ("update") or are accumulated. Whole numbers divide towards zero.
    """
    if mode not in MODES:
        raise GraphError(f"unknown mode {mode!r}", expected=", ".join(MODES))
    y = x.copy()
    if mode == "update":
        y[index] = updates
        return y
    if mode == "div" and y.dtype.kind in "iu":
        quotients = y.astype(np.float64)
        np.divide.at(quotients, index, updates)
        return np.trunc(quotients).astype(y.dtype)
    _RULES[mode].at(y, index, updates.astype(y.dtype, copy=False))
    return ar.rounded(y)
