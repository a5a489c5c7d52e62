"""Operators that move values, pick them, or reduce along axes."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from ....engine.bound_node import Call
from ...writing.attributes import Cut, axes, cuts, permutation
from ..building import Built, Function, Scope, lowers


@lowers("expand_dims")
def expand_dims(scope: Scope, c: Call) -> Built:
    """Unit axes, counted in the result."""
    places = axes(c, scope.rank(c.node.outputs[0]))
    return Function("expand_dims", _expand, axes=places), (c.tensors["x"],)


def _expand(x: Tensor, *, axes: tuple[int, ...]) -> Tensor:
    for axis in axes:
        x = x.unsqueeze(axis)
    return x


@lowers("squeeze")
def squeeze(scope: Scope, c: Call) -> Built:
    """torch.squeeze leaves longer axes alone; the graph has refused them already."""
    return Function("squeeze", torch.squeeze, dim=axes(c, scope.rank(c.tensors["x"]))), (c.tensors["x"],)


@lowers("reshape")
def reshape(scope: Scope, c: Call) -> Built:
    """0 copies a size."""
    return Function("reshape", _reshape, shape=tuple(c.attrs["shape"])), (c.tensors["x"],)


def _reshape(x: Tensor, *, shape: tuple[int, ...]) -> Tensor:
    return x.reshape([x.shape[i] if n == 0 else n for i, n in enumerate(shape)])


@lowers("transpose")
def transpose(scope: Scope, c: Call) -> Built:
    """torch.permute."""
    dims = permutation(c, scope.rank(c.tensors["x"]))
    return Function("transpose", torch.permute, dims=dims), (c.tensors["x"],)


@lowers("concat")
def concat(scope: Scope, c: Call) -> Built:
    """torch.cat."""
    return Function(
        "concat", lambda *xs, axis: torch.cat(xs, dim=axis), axis=int(c.attrs["axis"])
    ), c.node.inputs


@lowers("windows")
def windows(scope: Scope, c: Call) -> Built:
    """Tensor.unfold puts the window last; the graph has it before the other axes."""
    return Function("windows", _windows, size=c.attrs["size"], hop=c.attrs["hop"]), (c.tensors["x"],)


def _windows(x: Tensor, *, size: int, hop: int) -> Tensor:
    return x.unfold(0, size, hop).movedim(-1, 1).flatten(1)


@lowers("slice")
def slice_(scope: Scope, c: Call) -> Built:
    """Backward steps, which PyTorch does not have, are slices of the reversed axis."""
    taken = tuple(cuts(c, scope.rank(c.tensors["x"])))
    return Function("slice", _slice, cuts=taken), (c.tensors["x"],)


def _slice(x: Tensor, *, cuts: tuple[Cut, ...]) -> Tensor:
    for axis, start, end, step in cuts:
        picked = range(x.shape[axis])[slice(start, end, step)]
        x = x.index_select(axis, torch.tensor(picked, dtype=torch.int64, device=x.device))
    return x


@lowers("gather")
def gather(scope: Scope, c: Call) -> Built:
    """Indexing along one axis; negative indices count from the end."""
    axis = int(c.attrs["axis"]) % scope.rank(c.tensors["x"])
    return Function("gather", _gather, axis=axis), (c.tensors["x"], c.tensors["indices"])


def _gather(x: Tensor, indices: Tensor, *, axis: int) -> Tensor:
    return x[(slice(None),) * axis + (indices,)]


_REDUCTIONS: dict[str, Any] = {
    "reduce_mean": torch.mean,
    "reduce_sum": torch.sum,
    "reduce_max": torch.amax,
    "reduce_min": torch.amin,
    "reduce_l1": lambda x, dim, keepdim: x.abs().sum(dim, keepdim=keepdim),
    "reduce_l2": lambda x, dim, keepdim: x.square().sum(dim, keepdim=keepdim).sqrt(),
    "reduce_log_sum": lambda x, dim, keepdim: x.sum(dim, keepdim=keepdim).log(),
    "reduce_log_sum_exp": torch.logsumexp,
    "reduce_sum_square": lambda x, dim, keepdim: x.square().sum(dim, keepdim=keepdim),
    "reduce_prod": lambda x, dim, keepdim: _product(x, dim, keepdim),
}


@lowers(*_REDUCTIONS)
def reduce(scope: Scope, c: Call) -> Built:
    """Along several axes at once."""
    over = axes(c, scope.rank(c.tensors["x"]))
    settings = {"dim": over, "keepdim": bool(c.attrs["keepdims"])}
    return Function(c.node.op, _REDUCTIONS[c.node.op], **settings), (c.tensors["x"],)


def _product(x: Tensor, dim: tuple[int, ...], keepdim: bool) -> Tensor:
    for axis in sorted(dim, reverse=True):
        x = x.prod(axis, keepdim=keepdim)
    return x


@lowers("softmax", "log_softmax")
def softmax(scope: Scope, c: Call) -> Built:
    """torch.softmax and torch.log_softmax."""
    return Function(c.node.op, getattr(torch, c.node.op), dim=int(c.attrs["axis"])), (c.tensors["x"],)
