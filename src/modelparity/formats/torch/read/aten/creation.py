"""Arrays made of a number or a range: constants where their sizes are fixed."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import fx

from .....errors import GraphError
from .....ops._sizes import bounded
from ..aten_call import TYPES, Op, reads
from .casting import converted

_NUMPY = {"float": np.float64}


def element(dtype: torch.dtype) -> Any:
    """The type in which a constant of that type is kept."""
    return _NUMPY.get(TYPES[dtype], TYPES[dtype])


def filled(op: Op, sizes: Any, value: Any) -> None:
    """An array of one value."""
    dtype = op.result.dtype
    if dtype.is_complex:
        raise op.error("complex numbers are not read")
    if isinstance(value, fx.Node):
        one = converted(op, value, dtype)
        if sizes:
            op.give("broadcast_to", [one, op.shape_tensor(sizes)], values=True)
        else:
            op.results(one)
        return
    if not any(isinstance(one, fx.Node) for one in sizes):
        shape = [int(one) for one in sizes]
        op.results(op.constant(np.broadcast_to(np.array(value, element(dtype)), shape)))
        return
    number = float(value) if dtype.is_floating_point else int(value)
    op.give("fill", [op.shape_tensor(sizes)], value=number, to=TYPES[dtype])


def _bounded(op: Op) -> None:
    """Refuse a constant that would fill the memory, before it is made."""
    try:
        bounded(*(int(size) for size in op.result.shape))
    except GraphError as error:
        raise op.error(error.what, found=error.found, expected=error.expected) from None


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
def full(op: Op) -> None:
    """Of given sizes. What is not filled is filled with zeros: a sound program reads none of it."""
    value = op.attr("fill_value", 1 if "ones" in op.type else 0)
    filled(op, op.attr("size"), value)


@reads("aten.full_like", "aten.zeros_like", "aten.ones_like", "aten.empty_like", "aten.fill")
def like(op: Op) -> None:
    """Of another array's sizes."""
    value = op.attr("fill_value", op.attr("value", 1 if "ones" in op.type else 0))
    sizes, dtype = op.shape("self"), op.result.dtype
    if all(isinstance(one, int) for one in sizes):
        filled(op, sizes, value)
        return
    if isinstance(value, fx.Node):
        op.give("broadcast_to", [converted(op, value, dtype), op.input("self")])
        return
    number = float(value) if dtype.is_floating_point else int(value)
    op.give("fill_like", [op.input("self")], value=number, to=TYPES[dtype])


@reads("aten.scalar_tensor")
def scalar(op: Op) -> None:
    """A number as an array without axes."""
    filled(op, [], op.attr("s"))


@reads("aten.arange")
def arange(op: Op) -> None:
    """Numbers at even distances."""
    start, end, step = op.attr("start", 0), op.attr("end"), op.attr("step", 1)
    dtype = op.result.dtype
    if not any(isinstance(one, fx.Node) for one in (start, end, step)):
        _bounded(op)
        op.results(op.constant(np.arange(start, end, step).astype(element(dtype))))
        return
    whole = not dtype.is_floating_point
    ends = []
    for one in (start, end, step):
        if isinstance(one, fx.Node):
            size = op.values.size(one)
            ends.append(size if whole else op.temp("cast", [size], to="float"))
        else:
            ends.append(op.constant(np.int64(one) if whole else np.float64(one)))
    op.give("range_1d", ends)


@reads("aten.linspace")
def linspace(op: Op) -> None:
    """So many numbers from one to another."""
    _bounded(op)
    start, end = op.attr("start", kind=float), op.attr("end", kind=float)
    op.results(op.constant(np.linspace(start, end, op.attr("steps", kind=int))))


@reads("aten.eye")
def eye(op: Op) -> None:
    """Ones on the diagonal."""
    _bounded(op)
    rows = op.attr("n", kind=int)
    op.results(op.constant(np.eye(rows, op.attr("m", rows, int), dtype=element(op.result.dtype))))


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
def random(op: Op) -> None:
    """Drawn numbers agree with nobody's."""
    raise op.error(
        "random numbers differ from run to run",
        fix="give them to the module as an input, or export in eval mode",
    )
