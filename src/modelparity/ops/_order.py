"""The order of elements along an axis."""

from __future__ import annotations

import numpy as np

from ..graph import Array


def ranked(x: Array, axis: int, *, descending: bool) -> Array:
    """Where the elements in order stand along ``axis``; equal ones keep theirs.

    x (lane, ..., n, ...), as an arithmetic wants it ranked -> (lane, ..., n, ...) int64.
    """
    if not descending:
        return np.argsort(x, axis=axis, kind="stable")
    backwards = np.argsort(np.flip(x, axis), axis=axis, kind="stable")
    return np.flip(x.shape[axis] - 1 - backwards, axis)
