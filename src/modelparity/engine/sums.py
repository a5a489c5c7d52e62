"""Sums of products in the parts that an arithmetic wants to see, because every order of summation is legitimate."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..graph import Array
from .arithmetic import Arithmetic

#: Elements from which it pays to lay numbers side by side before they go into a product of matrices.
SPREAD = 1 << 12


def in_parts(ar: Arithmetic, terms: int, part: Callable[[slice], Array]) -> Array:
    """The sum of ``terms`` products, of which ``part`` makes fresh sums of some (a slice of their places)."""
    strands = ar.order(terms)
    if not strands:
        return part(slice(None))
    total: Array | None = None
    for strand in strands:
        some: Array | None = None
        for places in strand:
            more = part(places)
            more = more if some is None else np.add(some, more, out=more)
            some = ar.partial(more, len(range(*places.indices(terms))))
        if some is not None:
            total = some if total is None else np.add(total, some, out=some)
    assert total is not None  # a sum has at least one strand of one part
    return total


def in_strand(ar: Arithmetic, terms: int) -> int:
    """How many of ``terms`` products are summed one after another: those of the longest strand."""
    strands = ar.order(terms) or ((slice(None),),)
    return max(sum(len(range(*places.indices(terms))) for places in strand) for strand in strands)


def product(ar: Arithmetic, x: Array, weight: Array) -> Array:
    """x @ weight, of operands that the arithmetic has had."""

    def part(places: slice) -> Array:
        some = x[..., places]
        if places.step is not None and some.size > SPREAD:
            some = np.ascontiguousarray(some)
        return some @ weight[..., places, :]

    return in_parts(ar, x.shape[-1], part)


def exactly(x: Array, y: Array, terms: int) -> tuple[Array, Array] | None:
    """Whole numbers as float64, if no sum of so many of their products is rounded there; None if not, or of floats.

    Products of matrices of floats are many times faster than those of whole numbers, for which no library is called.
    """
    if x.dtype.kind not in "iu" or y.dtype.kind not in "iu" or not x.size or not y.size:
        return None
    most = [max(abs(int(a.min())), abs(int(a.max()))) for a in (x, y)]
    if most[0] * most[1] * max(terms, 1) >= 1 << 53:
        return None
    return x.astype(np.float64), y.astype(np.float64)


def wrapped(z: Array, dtype: np.dtype[Any]) -> Array:
    """Whole numbers out of `exactly`, as elements of that type, which begin again where it ends."""
    result: Array = z.astype(np.int64).astype(dtype)
    return result
