"""Indices that an array brings, checked against what they point into."""

from __future__ import annotations

import numpy as np

from ..errors import GraphError
from ..graph import Array

#: What an index outside the axis means: an error; counted from the end if negative (else an error); or nothing.
BOUNDS = ("raise", "wrap", "ignore")


def checked(indices: Array, size: Array | int, bounds: str) -> tuple[Array, Array]:
    """Indices as int64 in range, and which of them are meant (all, unless ``bounds`` is "ignore").

    indices (...), size (...) or one number -> (...), (...) booleans. Raises `GraphError` for an index out of
    range, for what is no index, and for an unknown ``bounds``.
    """
    if bounds not in BOUNDS:
        raise GraphError(f"unknown treatment of bounds {bounds!r}", expected=", ".join(BOUNDS))
    if indices.dtype.kind not in "iu":
        raise GraphError("indices are not integers", found=indices.dtype, expected="an integer type")
    places = indices.astype(np.int64)
    if bounds == "wrap":
        places = np.where(places < 0, places + size, places)
    inside = (places >= 0) & (places < size)
    if bounds == "ignore":
        return np.where(inside, places, 0), inside
    if not inside.all():
        where = tuple(int(i) for i in np.argwhere(~inside)[0])
        limit = np.broadcast_to(np.asarray(size), inside.shape)[where]
        raise GraphError(
            f"index {int(indices[where])} at {where} is out of range",
            expected=f"{-limit if bounds == 'wrap' else 0} to {limit - 1}",
        )
    return places, inside
