"""Where elements of an array stand in another one, worked out from the elements whose place is known."""

from __future__ import annotations

import numpy as np

from ..graph import Array


def places(known: Array, shape: tuple[int, ...]) -> Array | None:
    """The place of every element in an array of ``shape``, counted in C order.

    ``known`` has, for each element of an array, its place there, or -1. An axis of the other array must follow one
    axis of this one, in whatever order: so axes lie where layouts and gates in another order are all that differs.
    None where they do not, or where an element is left whose place nothing tells.
    """
    told = known >= 0
    if not told.any():
        return None
    there = np.unravel_index(np.where(told, known, 0), shape)
    here: list[Array] = list(np.indices(known.shape))
    found = []
    for along in there:
        axis = next((one for one in (_followed(along, own, told) for own in here) if one is not None), None)
        if axis is None:
            return None
        found.append(axis)
    made: Array = np.ravel_multi_index(found, shape)
    return made


def _followed(along: Array, own: Array, told: Array) -> Array | None:
    """The other array's index for each element, if it depends on this ``own`` index alone and is always known."""
    table = np.full(own.max() + 1, -1)
    table[own[told]] = along[told]
    if (table < 0).any() or (table[own][told] != along[told]).any():
        return None
    result: Array = table[own]
    return result
