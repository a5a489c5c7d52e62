"""Values of other shapes than the reference's: which turn of the axes is the reference's, and what is said of it.

Where the shape is the reference's, values never overrule that; where it is not, one way that agrees, and only one, is
taken and told.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations

import numpy as np

from ..graph import Array

#: Axes beyond which no turn is tried.
MOST = 4


def turned(got: Array, shape: tuple[int, ...]) -> Iterator[tuple[str, Array]]:
    """(what was done, the array) for each way in which axes make ``shape`` of another one, or of the same turned."""
    if got.ndim > 2 * MOST:
        return
    plain = got.reshape([size for size in got.shape if size != 1])
    wanted = tuple(size for size in shape if size != 1)
    if plain.ndim > MOST or sorted(plain.shape) != sorted(wanted):
        return
    for order in permutations(range(plain.ndim)):
        other = np.transpose(plain, order)
        moved = order != tuple(range(plain.ndim))
        if other.shape != wanted or (got.shape == shape and not moved):
            continue
        told = f"given as {got.shape}, which is {shape} "
        if got.ndim != len(shape):
            told += "with another number of axes of one"
            told += ", and transposed" if moved else ""
        else:
            told += "transposed" if plain.ndim <= 2 else f"with its axes in the order {_inverse(order)}"
        yield told, other.reshape(shape)


def common(got: Array, shape: tuple[int, ...]) -> Iterator[tuple[str, tuple[slice, ...], tuple[slice, ...]]]:
    """(what they are, places in ``got``, places in the reference) of parts that two of one length but another have.

    Only where the shapes differ along one axis.
    """
    if got.ndim != len(shape):
        return
    axes = [axis for axis, size in enumerate(shape) if size != got.shape[axis]]
    if len(axes) != 1:
        return
    (axis,) = axes
    size = min(got.shape[axis], shape[axis])
    before = (slice(None),) * axis
    if size:
        yield f"the first {size}", (*before, slice(0, size)), (*before, slice(0, size))
        ends = (slice(got.shape[axis] - size, None), slice(shape[axis] - size, None))
        yield f"the last {size}", (*before, ends[0]), (*before, ends[1])


def _inverse(order: tuple[int, ...]) -> tuple[int, ...]:
    """Where each axis of the reference stands in what was given."""
    return tuple(order.index(axis) for axis in range(len(order)))
