"""List write: elements of a list replaced; the list grows to hold them."""

from __future__ import annotations

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.operator import not_causal, operator
from ..errors import GraphError
from ..graph import Array
from ._sizes import bounded


def _into(ar: Arithmetic, x: Array, values: Array, indices: Array, *, grows: bool = True) -> Array:
    """`list_write`, the list itself taking the values."""
    if (
        indices.shape == (1,)
        and 0 <= (one := indices.item()) < x.shape[1]
        and x.shape[2:] == values.shape[1:]
    ):
        x[:, one] = values
        return x
    return list_write(ar, x, values, indices, grows=grows)


@operator(not_causal("what it writes into the list may be at any place"), in_place=_into)
def list_write(ar: Arithmetic, x: Array, values: Array, indices: Array, *, grows: bool = True) -> Array:
    """y = x but y[indices[i]] = values[i]; places that nobody wrote are zeros

    A list is its elements stacked. x (length, ...), values (n, ...), indices (n) integers from 0 on, or one
    element (...) and its index () -> y (length or largest index + 1, ...). A list without elements takes the
    shape of the values. Exact.
    Raises `GraphError` for an index below 0, beyond a list that does not grow, or elements of another shape.
    Source: Core ML MIL ``list_write`` and ``list_scatter``; checked against Python lists.
    """
    if indices.ndim == 1:
        indices, values = indices[:, None], values[:, None]
    if indices.ndim != 2 or indices.dtype.kind not in "iu" or values.shape[1:2] != indices.shape[1:]:
        raise GraphError("values and indices do not fit", found=f"{values.shape[1:]} and {indices.shape[1:]}")
    if x.shape[2:] != values.shape[2:] and x.size:
        raise GraphError("elements of another shape", found=values.shape[2:], expected=x.shape[2:])
    low, high = (int(indices.min()), int(indices.max())) if indices.size else (0, -1)
    if low < 0 or (high >= x.shape[1] and not grows):
        raise GraphError(
            "an index is not in the list", found=f"{low} to {high}", expected=f"0 to {x.shape[1] - 1}"
        )
    length, element = max(x.shape[1], high + 1), values.shape[2:]
    bounded(length, *element)
    lanes = max(len(x), len(values), len(indices))
    y = np.zeros((lanes, length, *element), x.dtype)
    if x.size:
        y[:, : x.shape[1]] = x
    if len(indices) == 1:
        y[:, indices[0]] = values
        return y
    for lane, places in enumerate(indices):  # every lane writes at places of its own
        y[lane, places] = values[min(lane, len(values) - 1)]
    return y
