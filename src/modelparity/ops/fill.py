"""Fill: an array of one value, of a shape that an array gives."""

from __future__ import annotations

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.operator import operator
from ..graph import Array
from ._element import element
from ._sizes import sizes_of


@operator(plain=True)
def fill(ar: Arithmetic, shape: Array, *, value: float = 0.0, to: str = "float") -> Array:
    """y[...] = value

    shape (rank) integers -> y of that shape and of type ``to``. ``value`` is stored as the arithmetic stores a
    weight. Raises `GraphError` for a negative or absurd size.
    Source: ONNX ConstantOfShape; checked against numpy.full.
    """
    return ar.cast(np.full(sizes_of(shape), np.asarray(value, element(ar, to))))
