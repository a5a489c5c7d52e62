"""Filterbank: bands, each a weighted sum of neighbouring elements of the last axis."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.facts import Facts, Shape, rank_of
from ..engine.operator import affine, operator, untouched
from ..errors import GraphError
from ..graph import Array
from ._sizes import bounded

#: Bands are summed together whose stretches differ in length by less than this factor.
ALIKE = 2.0


def _cost(shapes: Mapping[str, Shape], attrs: Mapping[str, Any], results: Sequence[Shape]) -> int:
    """At most: a band costs as many as its stretch is long."""
    return math.prod(results[0]) * shapes["filters"][-2]


@operator(untouched(lambda attrs, rank: (-1,)), facts=Facts(rank=rank_of("x"), cost=_cost))
def filterbank(ar: Arithmetic, x: Array, filters: Array) -> Array:
    """y[..., b] = sum over k from first(b) to last(b) of x[..., k] W[k, b]

    x (..., bin), filters W (bin, band) -> y (..., band). A band is summed from its first weight that is not zero to
    its last one, together with bands beside it that are about as long, so that rounding is that of a few terms where
    `dense` adds up all of them.
    Raises `GraphError` if the last axis of x is not as long as W has rows.
    Source: definition; checked against numpy.matmul.
    """
    if x.ndim < 2 or filters.ndim != 3 or x.shape[-1] != filters.shape[-2]:
        raise GraphError(
            "filters do not fit the last axis", found=filters.shape[1:], expected=f"({x.shape[-1:]}, bands)"
        )
    lanes = max(len(x), len(filters))
    y = np.zeros((lanes, *bounded(*x.shape[1:-1], filters.shape[-1])), ar.dtype)
    for bands, bins in _together((filters != 0).any(axis=0)):
        y[..., bands] = affine(ar, x[..., bins], filters[:, bins, bands])
    return y


def _together(there: Any) -> Iterator[tuple[slice, slice]]:
    """(bands, bins): stretches of bands of like lengths, and the bins that have weights in them."""
    some = there.any(axis=0)
    first = np.where(some, there.argmax(axis=0), 0)
    end = np.where(some, len(there) - there[::-1].argmax(axis=0), 0)
    lengths = end - first
    start = 0
    for band in range(1, len(some) + 1):
        if band < len(some) and _alike(lengths[start : band + 1]):
            continue
        if some[start]:
            yield slice(start, band), slice(int(first[start:band].min()), int(end[start:band].max()))
        start = band


def _alike(lengths: Array) -> bool:
    """Whether none is empty unless all are, and none much longer than another."""
    return bool(lengths.max() < ALIKE * lengths.min() or not lengths.any())
