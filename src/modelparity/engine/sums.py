"""Sums of products in the parts that an arithmetic wants to see, because every order of summation is legitimate."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ..graph import Array
from .arithmetic import Arithmetic


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
    """How many of ``terms`` products are summed one after another: those of a strand."""
    return -(-terms // max(len(ar.order(terms)), 1))


def product(ar: Arithmetic, x: Array, weight: Array) -> Array:
    """x @ weight, of operands that the arithmetic has had."""
    return in_parts(ar, x.shape[-1], lambda places: x[..., places] @ weight[..., places, :])
