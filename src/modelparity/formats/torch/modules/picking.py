"""Operators that cut, lay out, and pick by index."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from ....engine.bound_node import Call
from ....ops._reduction import within
from ...writing.attributes import axes
from ..building import Built, Function, Scope, lowers, refusal


@lowers("split")
def split(scope: Scope, c: Call) -> Built:
    """torch.split, or torch.tensor_split by number."""
    axis, parts, sizes = int(c.attrs["axis"]), len(c.node.outputs), c.attrs["sizes"]
    if sizes is None:
        return Function("split", _parts, axis=axis, parts=parts), (c.tensors["x"],)
    return Function("split", _split, axis=axis, sizes=[int(n) for n in sizes]), (c.tensors["x"],)


def _split(x: Tensor, *, axis: int, sizes: list[int]) -> tuple[Tensor, ...]:
    return tuple(torch.split(x, sizes, dim=axis))


def _parts(x: Tensor, *, axis: int, parts: int) -> tuple[Tensor, ...]:
    return tuple(torch.tensor_split(x, parts, dim=axis))


@lowers("stack")
def stack(scope: Scope, c: Call) -> Built:
    """torch.stack."""
    (axis,) = within(int(c.attrs["axis"]), scope.rank(c.node.outputs[0]))
    return Function("stack", lambda *xs, axis: torch.stack(xs, dim=axis), axis=axis), c.node.inputs


@lowers("tile")
def tile(scope: Scope, c: Call) -> Built:
    """torch.tile."""
    if "counts" in c.tensors:
        return Function("tile", lambda x, n: torch.tile(x, tuple(n.tolist()))), c.node.inputs
    repeats = tuple(int(n) for n in c.attrs["repeats"])
    return Function("tile", torch.tile, dims=repeats), (c.tensors["x"],)


@lowers("reverse")
def reverse(scope: Scope, c: Call) -> Built:
    """torch.flip."""
    return Function("reverse", torch.flip, dims=axes(c, scope.rank(c.tensors["x"]))), (c.tensors["x"],)


@lowers("flatten")
def flatten(scope: Scope, c: Call) -> Built:
    """Two axes, of what is before and what is after."""
    axis = int(c.attrs["axis"])
    return Function("flatten", _flatten, axis=axis), (c.tensors["x"],)


def _flatten(x: Tensor, *, axis: int) -> Tensor:
    axis += x.dim() if axis < 0 else 0
    return x.reshape(int(torch.Size(x.shape[:axis]).numel()), int(torch.Size(x.shape[axis:]).numel()))


@lowers("sliding_windows")
def sliding_windows(scope: Scope, c: Call) -> Built:
    """Tensor.unfold, which puts the window last."""
    (axis,) = within(int(c.attrs["axis"]), scope.rank(c.tensors["x"]))
    settings = {"axis": axis, "size": int(c.attrs["size"]), "step": int(c.attrs["stride"])}
    return Function("sliding_windows", _unfold, **settings), (c.tensors["x"],)


def _unfold(x: Tensor, *, axis: int, size: int, step: int) -> Tensor:
    return x.unfold(axis, size, step).movedim(-1, axis + 1)


@lowers("slice_between")
def slice_between(scope: Scope, c: Call) -> Built:
    """Slices by what is computed; backward steps are slices of the reversed axis."""
    order = [key for key in ("starts", "ends", "axes", "steps") if key in c.tensors]
    return Function("slice_between", _between, order=order), (
        c.tensors["x"],
        *(c.tensors[key] for key in order),
    )


def _between(x: Tensor, *lists: Tensor, order: list[str]) -> Tensor:
    given: dict[str, Any] = {key: one.tolist() for key, one in zip(order, lists, strict=True)}
    count = len(given["starts"])
    for at, (start, end) in enumerate(zip(given["starts"], given["ends"], strict=True)):
        axis = given.get("axes", range(count))[at] % x.dim()
        step = given.get("steps", [1] * count)[at]
        n = x.shape[axis]
        if step < 0:  # an end before the first element is as far as it goes
            end = None if end < -n else end
        picked = range(n)[slice(start, end, step)]
        x = x.index_select(axis, torch.tensor(picked, dtype=torch.int64))
    return x


@lowers("gather_along_axis")
def gather_along_axis(scope: Scope, c: Call) -> Built:
    """torch.gather, negative indices counted from the end."""
    axis = int(c.attrs["axis"]) % scope.rank(c.tensors["x"])
    return Function("gather_along_axis", _along, axis=axis), (c.tensors["x"], c.tensors["indices"])


def _along(x: Tensor, indices: Tensor, *, axis: int) -> Tensor:
    return x.gather(axis, torch.where(indices < 0, indices + x.shape[axis], indices))


@lowers("gather_nd")
def gather_nd(scope: Scope, c: Call) -> Built:
    """Indexing by tuples, without batch axes."""
    if c.attrs["batch_dims"]:
        raise refusal(c, "indices of a batch are picked one by one")
    return Function("gather_nd", lambda x, at: x[at.unbind(-1)]), (c.tensors["x"], c.tensors["indices"])


@lowers("topk")
def topk(scope: Scope, c: Call) -> Built:
    """A stable sort: of equal elements the one that stands first comes first."""
    if c.attrs["k"] == -1 or not c.attrs["ordered"] or "count" in c.tensors:
        raise refusal(c, "a number of elements is given, and they come in the order of their size")
    settings = {"k": int(c.attrs["k"]), "axis": int(c.attrs["axis"]), "largest": bool(c.attrs["largest"])}
    return Function("topk", _topk, **settings), (c.tensors["x"],)


def _topk(x: Tensor, *, k: int, axis: int, largest: bool) -> tuple[Tensor, Tensor]:
    values, places = torch.sort(x, dim=axis, descending=largest, stable=True)
    return values.narrow(axis, 0, k), places.narrow(axis, 0, k)


@lowers("one_hot")
def one_hot(scope: Scope, c: Call) -> Built:
    """Indices compared with each class."""
    a = c.attrs
    if "depth" in c.tensors:
        raise refusal(c, "its number of classes is computed")
    settings = {key: a[key] for key in ("on", "off", "to", "wrap")}
    return Function("one_hot", _one_hot, size=int(a["size"]), axis=int(a["axis"]), **settings), (
        c.tensors["indices"],
    )


def _one_hot(index: Tensor, *, size: int, axis: int, on: float, off: float, to: str, wrap: bool) -> Tensor:
    if wrap:
        index = torch.where(index < 0, index + size, index)
    y = torch.where(index[..., None] == torch.arange(size), float(on), float(off)).movedim(-1, axis)
    return y if to == "float" else y.bool() if to == "bool" else y.long()


@lowers("argmax", "argmin")
def argmax(scope: Scope, c: Call) -> Built:
    """torch.argmax and torch.argmin."""
    settings = {"dim": int(c.attrs["axis"]), "keepdim": bool(c.attrs["keepdims"])}
    return Function(c.node.op, getattr(torch, c.node.op), **settings), (c.tensors["x"],)


@lowers("hardmax")
def hardmax(scope: Scope, c: Call) -> Built:
    """One at the first largest element."""
    return Function("hardmax", _hardmax, axis=int(c.attrs["axis"])), (c.tensors["x"],)


def _hardmax(x: Tensor, *, axis: int) -> Tensor:
    return functional.one_hot(x.argmax(axis), x.shape[axis]).movedim(-1, axis).to(x.dtype)


@lowers("cumsum")
def cumsum(scope: Scope, c: Call) -> Built:
    """torch.cumsum, along an axis that may run backwards."""
    settings = {"exclusive": bool(c.attrs["exclusive"]), "reverse": bool(c.attrs["reverse"])}
    return Function("cumsum", _cumsum, axis=int(c.attrs["axis"]), **settings), (c.tensors["x"],)


@lowers("cumsum_along")
def cumsum_along(scope: Scope, c: Call) -> Built:
    """As `cumsum`, along an axis that is computed."""
    settings = {"exclusive": bool(c.attrs["exclusive"]), "reverse": bool(c.attrs["reverse"])}
    return Function("cumsum_along", _cumsum_along, **settings), (c.tensors["x"], c.tensors["axis"])


def _cumsum_along(x: Tensor, axis: Tensor, *, exclusive: bool, reverse: bool) -> Tensor:
    return _cumsum(x, axis=int(axis.item()), exclusive=exclusive, reverse=reverse)


def _cumsum(x: Tensor, *, axis: int, exclusive: bool, reverse: bool) -> Tensor:
    terms = x.flip(axis) if reverse else x
    y = terms.cumsum(axis)
    y = y - terms if exclusive else y
    return y.flip(axis) if reverse else y


@lowers("einsum")
def einsum(scope: Scope, c: Call) -> Built:
    """torch.einsum."""
    return Function("einsum", lambda *xs, equation: torch.einsum(equation, *xs), **c.attrs), c.node.inputs


@lowers("triangle")
def triangle(scope: Scope, c: Call) -> Built:
    """torch.tril and torch.triu."""
    function = torch.triu if c.attrs["part"] == "upper" else torch.tril
    return Function("triangle", function, diagonal=int(c.attrs["diagonal"])), (c.tensors["x"],)


@lowers("band_part")
def band_part(scope: Scope, c: Call) -> Built:
    """Both sides cut off, as far as they are."""
    settings = {"lower": int(c.attrs["lower"]), "upper": int(c.attrs["upper"])}
    return Function("band_part", _band, **settings), (c.tensors["x"],)


def _band(x: Tensor, *, lower: int, upper: int) -> Tensor:
    x = torch.triu(x, -lower) if lower >= 0 else x
    return torch.tril(x, upper) if upper >= 0 else x
