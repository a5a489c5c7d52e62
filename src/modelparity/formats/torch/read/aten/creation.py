"""Arrays made of a number or a range: constants where their sizes are fixed."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import fx

from .....errors import GraphError
from .....ops._sizes import bounded
from ..call import TYPES, Call, reads
from .casting import converted

_NUMPY = {"float": np.float64}


def element(dtype: torch.dtype) -> Any:
    """The type in which a constant of that type is kept."""
    return _NUMPY.get(TYPES[dtype], TYPES[dtype])


def filled(c: Call, sizes: Any, value: Any) -> str:
    """An array of one value."""
    dtype = c.result.dtype
    if dtype.is_complex:
        raise c.error("complex numbers are not read")
    if isinstance(value, fx.Node):
        one = converted(c, value, dtype)
        if not sizes:
            return one
        return c.give("broadcast_to", [one, c.shape_tensor(sizes)], values=True)
    if not any(isinstance(one, fx.Node) for one in sizes):
        return c.constant(np.broadcast_to(np.array(value, element(dtype)), [int(one) for one in sizes]))
    number = float(value) if dtype.is_floating_point else int(value)
    return c.give("fill", [c.shape_tensor(sizes)], value=number, to=TYPES[dtype])


def _bounded(c: Call) -> None:
    """Refuse a constant that would fill the memory, before it is made."""
    try:
        bounded(*(int(size) for size in c.result.shape))
    except GraphError as error:
        raise c.error(error.what, found=error.found, expected=error.expected) from None


@reads(
    "aten.full",
    "aten.zeros",
    "aten.ones",
    "aten.empty",
    "aten.new_full",
    "aten.new_zeros",
    "aten.new_ones",
    "aten.empty_permuted",
)
def full(c: Call) -> str:
    """Of given sizes. What is not filled is filled with zeros: a sound program reads none of it."""
    value = c.get("fill_value", 1 if "ones" in c.op else 0)
    return filled(c, c["size"], value)


@reads("aten.full_like", "aten.zeros_like", "aten.ones_like", "aten.empty_like", "aten.fill")
def like(c: Call) -> str:
    """Of another array's sizes."""
    value = c.get("fill_value", c.get("value", 1 if "ones" in c.op else 0))
    sizes, dtype = c.sizes("self"), c.result.dtype
    if all(isinstance(one, int) for one in sizes):
        return filled(c, sizes, value)
    if isinstance(value, fx.Node):
        return c.give("broadcast_to", [converted(c, value, dtype), c.tensor("self")])
    number = float(value) if dtype.is_floating_point else int(value)
    return c.give("fill_like", [c.tensor("self")], value=number, to=TYPES[dtype])


@reads("aten.scalar_tensor")
def scalar(c: Call) -> str:
    """A number as an array without axes."""
    return filled(c, [], c["s"])


@reads("aten.arange")
def arange(c: Call) -> str:
    """Numbers at even distances."""
    start, end, step = c.get("start", 0), c["end"], c.get("step", 1)
    dtype = c.result.dtype
    if not any(isinstance(one, fx.Node) for one in (start, end, step)):
        _bounded(c)
        return c.constant(np.arange(start, end, step).astype(element(dtype)))
    whole = not dtype.is_floating_point
    ends = []
    for one in (start, end, step):
        if isinstance(one, fx.Node):
            size = c.reading.size(one)
            ends.append(size if whole else c.emit("cast", [size], to="float"))
        else:
            ends.append(c.constant(np.int64(one) if whole else np.float64(one)))
    return c.give("range_1d", ends)


@reads("aten.linspace")
def linspace(c: Call) -> str:
    """So many numbers from one to another."""
    _bounded(c)
    return c.constant(np.linspace(float(c["start"]), float(c["end"]), int(c["steps"])))


@reads("aten.eye")
def eye(c: Call) -> str:
    """Ones on the diagonal."""
    _bounded(c)
    return c.constant(np.eye(int(c["n"]), int(c.get("m", c["n"])), dtype=element(c.result.dtype)))


@reads(
    "aten.rand",
    "aten.randn",
    "aten.randint",
    "aten.randperm",
    "aten.bernoulli",
    "aten.rand_like",
    "aten.randn_like",
    "aten.native_dropout",
    "aten.multinomial",
)
def random(c: Call) -> str:
    """Drawn numbers agree with nobody's."""
    raise c.error(
        "random numbers cannot be compared", fix="give them to the module as an input, or export in eval mode"
    )
