"""Element types: what PyTorch mixes, casts and copies."""

from __future__ import annotations

from typing import Any

import torch
from torch import fx

from ..aten_call import TYPES, Op, reads
from ..nodes import value_of


def converted(op: Op, value: Any, dtype: torch.dtype) -> str:
    """A node or number as elements of a type; a node is cast only between kinds."""
    if not isinstance(value, fx.Node):
        number: float = float(value) if dtype.is_floating_point else int(value)
        return op.constant(bool(value) if dtype is torch.bool else number)
    known = value_of(value)
    fraction = isinstance(known, torch.SymFloat | float)
    own = known.dtype if isinstance(known, torch.Tensor) else torch.float64 if fraction else torch.int64
    name = op.tensor(value)
    if dtype.is_complex or own.is_complex:
        raise op.error("complex numbers are not read")
    if TYPES[own] == TYPES[dtype] or (not dtype.is_floating_point and own is not torch.bool):
        return name
    return op.temp("cast", [name], to=TYPES[dtype])


def operands(op: Op, *names: str, dtype: torch.dtype | None = None) -> list[str]:
    """Arguments as elements of one type, that of the result unless given."""
    wanted = op.result.dtype if dtype is None else dtype
    return [converted(op, op.attr(name), wanted) for name in names]


def common(op: Op, *names: str) -> torch.dtype:
    """The type in which PyTorch compares arguments."""
    return torch.float32 if any(op.is_float(name) for name in names) else torch.int64


@reads("aten._to_copy", "aten.to", "prims.convert_element_type")
def cast(op: Op) -> None:
    """Another element type; between floating-point types the arithmetic decides, so only a half one is a cast."""
    source = op.node.args[0]
    dtype = op.result.dtype
    if dtype.is_complex:
        raise op.error("complex numbers are not read")
    own = value_of(source).dtype
    if TYPES[own] == TYPES[dtype] and (own == dtype or not op.values.declared):
        op.results(op.tensor(source))
        return
    if {own, dtype} == {torch.float32, torch.float64}:
        op.give("identity", [op.tensor(source)])
        return
    op.give("cast", [op.tensor(source)], to=TYPES[dtype])


@reads("aten.copy")
def copy(op: Op) -> None:
    """One array's elements in the shape and the type of another."""
    x = converted(op, op.attr("src"), op.result.dtype)
    if list(value_of(op.attr("src")).shape) == list(op.result.shape):
        op.results(x)
        return
    op.give("broadcast_to", [x, op.input("self")])


@reads(
    "aten.clone",
    "aten.alias",
    "aten.detach",
    "aten.contiguous",
    "aten.lift_fresh_copy",
    "aten.lift_fresh",
    "aten.dropout",
    "aten.feature_dropout",
    "aten.alpha_dropout",
)
def same(op: Op) -> None:
    """What only concerns memory, gradients or training."""
    op.ignore("p")  # how much is dropped, in training
    if op.attr("train", None):
        raise op.error("dropout in training mode draws numbers", fix="export the module in eval mode")
    op.results(op.tensor(op.node.args[0]))


@reads(
    "aten._assert_tensor_metadata",
    "aten._assert_scalar",
    "aten._assert_async",
    "aten.sym_constrain_range",
    "aten.sym_constrain_range_for_size",
)
def assertion(op: Op) -> None:
    """Says what must hold and computes nothing."""
    op.ignore(*op.args)
