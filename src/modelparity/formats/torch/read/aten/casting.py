"""Element types: what PyTorch mixes, casts and copies."""

from __future__ import annotations

from typing import Any

import torch
from torch import fx

from ..call import TYPES, Call, reads, value_of


def converted(c: Call, value: Any, dtype: torch.dtype) -> str:
    """A node or number as elements of a type; a node is cast only between kinds."""
    if not isinstance(value, fx.Node):
        number: float = float(value) if dtype.is_floating_point else int(value)
        return c.constant(bool(value) if dtype is torch.bool else number)
    known = value_of(value)
    fraction = isinstance(known, torch.SymFloat | float)
    own = known.dtype if isinstance(known, torch.Tensor) else torch.float64 if fraction else torch.int64
    name = c.operand(value)
    if dtype.is_complex or own.is_complex:
        raise c.error("complex numbers are not read")
    if TYPES[own] == TYPES[dtype] or (not dtype.is_floating_point and own is not torch.bool):
        return name
    return c.emit("cast", [name], to=TYPES[dtype])


def operands(c: Call, *names: str, dtype: torch.dtype | None = None) -> list[str]:
    """Arguments as elements of one type, that of the result unless given."""
    wanted = c.result.dtype if dtype is None else dtype
    return [converted(c, c[name], wanted) for name in names]


def common(c: Call, *names: str) -> torch.dtype:
    """The type in which PyTorch compares arguments."""
    return torch.float32 if any(c.is_float(name) for name in names) else torch.int64


@reads("aten._to_copy", "aten.to", "prims.convert_element_type")
def cast(c: Call) -> str:
    """Another element type; between floating-point types the arithmetic decides, so nothing is done."""
    source = c.node.args[0]
    dtype = c.result.dtype
    if dtype.is_complex:
        raise c.error("complex numbers are not read")
    own = value_of(source).dtype
    if TYPES[own] == TYPES[dtype] and (own == dtype or not c.reading.declared):
        return c.operand(source)
    return c.give("cast", [c.operand(source)], to=TYPES[dtype])


@reads("aten.copy")
def copy(c: Call) -> str:
    """One array's elements in the shape and the type of another."""
    x = converted(c, c["src"], c.result.dtype)
    if list(value_of(c["src"]).shape) == list(c.result.shape):
        return x
    return c.give("broadcast_to", [x, c.tensor("self")])


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
def same(c: Call) -> str:
    """What only concerns memory, gradients or training."""
    if c.get("train"):
        raise c.error("dropout in training mode draws numbers", fix="export the module in eval mode")
    return c.operand(c.node.args[0])


@reads(
    "aten._assert_tensor_metadata",
    "aten._assert_scalar",
    "aten._assert_async",
    "aten.sym_constrain_range",
    "aten.sym_constrain_range_for_size",
)
def assertion(c: Call) -> None:
    """Says what must hold and computes nothing."""
