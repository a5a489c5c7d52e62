"""Fill like: an array of one value, of the shape of another."""

from __future__ import annotations

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.facts import Facts, rank_of
from ..engine.operator import operator
from ..graph import Array
from ._element import element


@operator(plain=True, facts=Facts(rank=rank_of("x")))
def fill_like(ar: Arithmetic, x: Array, *, value: float = 0.0, to: str = "float") -> Array:
    """y[...] = value

    x (...), of which only the shape counts -> y (...) of type ``to``. ``value`` is stored as the arithmetic
    stores a weight. Source: definition; checked against numpy.full_like.
    """
    return ar.cast(np.full(x.shape, np.asarray(value, element(ar, to))))
