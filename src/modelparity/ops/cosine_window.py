"""Cosine window: Hann, Hamming and Blackman windows of a length that an array gives."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.operator import operator
from ..graph import Array
from ._sizes import sizes_of


@operator(plain=True)
def cosine_window(
    ar: Arithmetic, size: Array, *, shares: Sequence[float] = (0.5, 0.5, 0.0), periodic: bool = True
) -> Array:
    """y[i] = shares[0] - shares[1] cos(2 pi i / n) + shares[2] cos(4 pi i / n)

    size () integer -> y (size); n is the size, or one less for a window that is not ``periodic``. Computed in
    float64 and rounded once. Raises `GraphError` for a negative or absurd size.
    Source: Harris, "On the use of windows for harmonic analysis", 1978; checked against scipy.signal.windows.
    """
    (count,) = sizes_of(size.reshape(1))
    turn = 2 * np.pi * np.arange(count) / max(1, count if periodic else count - 1)
    y = shares[0] - shares[1] * np.cos(turn) + shares[2] * np.cos(2 * turn)
    return ar.rounded(y.astype(ar.dtype))
