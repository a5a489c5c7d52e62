"""Element types, and tensors that are made of sizes."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor

from ....engine.bound_node import Call
from ..building import Built, Function, Scope, lowers, refusal

_TYPES = {
    "bool": torch.bool,
    **{name: getattr(torch, name) for name in ("int8", "uint8", "int16", "int32", "int64")},
}


@lowers("cast")
def cast(scope: Scope, c: Call) -> Built:
    """Tensor.to; whole numbers are int64 here, those of a narrower type cut to it first."""
    to = c.attrs["to"]
    if to != "float" and to not in _TYPES:
        raise refusal(c, f"whole numbers are int64, and {to} holds others")
    return Function("cast", _cast, to=to), (c.tensors["x"],)


def _cast(x: Tensor, *, to: str) -> Tensor:
    if to == "float":
        return x if x.is_floating_point() else x.to(torch.get_default_dtype())
    return x.to(_TYPES[to]) if to == "bool" else x.to(_TYPES[to]).long()


@lowers("shape")
def shape(scope: Scope, c: Call) -> Built:
    """Tensor.shape, as a tensor."""
    return Function("shape", lambda x: torch.tensor(x.shape)), (c.tensors["x"],)


@lowers("broadcast_to")
def broadcast_to(scope: Scope, c: Call) -> Built:
    """Tensor.expand, to a shape that is known, that an input has, or that an input holds."""
    like = c.tensors.get("like")
    if like is None:
        sizes = tuple(int(n) for n in c.attrs["shape"])
        return Function("broadcast_to", _broadcast, shape=sizes), (c.tensors["x"],)
    if c.attrs["values"] and not c.attrs["mutual"]:
        return Function("broadcast_to", lambda x, n: x.expand(n.tolist())), (c.tensors["x"], like)
    if c.attrs["values"]:
        return Function("broadcast_to", lambda x, n: _broadcast(x, shape=n.tolist())), (
            c.tensors["x"],
            like,
        )
    return Function("broadcast_to", lambda x, like: _broadcast(x, shape=like.shape)), (c.tensors["x"], like)


def _broadcast(x: Tensor, *, shape: Any) -> Tensor:
    return x.expand(np.broadcast_shapes(tuple(x.shape), tuple(shape)))


@lowers("fill_like", "fill")
def fill(scope: Scope, c: Call) -> Built:
    """torch.full."""
    value, to = c.attrs["value"], c.attrs["to"]
    name = c.tensors["x" if c.node.op == "fill_like" else "shape"]
    function = _full_like if c.node.op == "fill_like" else _full
    return Function(c.node.op, function, value=value, to=to), (name,)


def _full_like(x: Tensor, *, value: float, to: str) -> Tensor:
    return torch.full(x.shape, value, dtype=_element(to))


def _full(shape: Tensor, *, value: float, to: str) -> Tensor:
    return torch.full(shape.tolist(), value, dtype=_element(to))


def _element(to: str) -> torch.dtype:
    return torch.get_default_dtype() if to == "float" else torch.bool if to == "bool" else torch.int64


@lowers("range_1d")
def range_1d(scope: Scope, c: Call) -> Built:
    """torch.arange, by numbers that are computed."""
    names = tuple(c.tensors[key] for key in ("start", "end", "step"))
    return Function("range_1d", lambda *ends: torch.arange(*(one.item() for one in ends))), names


@lowers("reshape_to")
def reshape_to(scope: Scope, c: Call) -> Built:
    """Tensor.reshape by an input."""
    if c.attrs["zeros"] == "right":
        raise refusal(c, "its zeros count from the right")
    literal = c.attrs["zeros"] == "literal"
    return Function("reshape_to", _reshape_to, literal=literal), (c.tensors["x"], c.tensors["shape"])


def _reshape_to(x: Tensor, shape: Tensor, *, literal: bool) -> Tensor:
    sizes = shape.tolist()
    return x.reshape([x.shape[at] if n == 0 and not literal else n for at, n in enumerate(sizes)])


@lowers("reshape_like")
def reshape_like(scope: Scope, c: Call) -> Built:
    """Tensor.reshape, by parts of the shapes of others."""
    spans = tuple(slice(*span) for span in zip(c.attrs["begins"], c.attrs["ends"], strict=True))
    return Function("reshape_like", _reshape_like, spans=spans), c.node.inputs


def _reshape_like(x: Tensor, *others: Tensor, spans: tuple[slice, ...]) -> Tensor:
    return x.reshape([n for one, span in zip(others, spans, strict=True) for n in one.shape[span]])


@lowers("crop_like")
def crop_like(scope: Scope, c: Call) -> Built:
    """Tensor.narrow, to the sizes that another tensor has."""
    offset = tuple(map(int, c.attrs["offset"]))
    return Function("crop_like", _crop_like, offset=offset), (c.tensors["x"], c.tensors["other"])


def _crop_like(x: Tensor, other: Tensor, *, offset: tuple[int, ...]) -> Tensor:
    for axis, start in enumerate(offset, -len(offset)):
        x = x.narrow(axis, start, other.shape[axis])
    return x
