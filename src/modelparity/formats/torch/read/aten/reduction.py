"""Reductions along axes, and orders of elements."""

from __future__ import annotations

import math

import torch

from ..call import TYPES, Call, reads
from .casting import converted

REDUCING = {
    "sum": "reduce_sum",
    "mean": "reduce_mean",
    "amax": "reduce_max",
    "amin": "reduce_min",
    "prod": "reduce_prod",
    "logsumexp": "reduce_log_sum_exp",
}


def _settings(c: Call) -> dict[str, object]:
    axes = c.axes("dim") if c.get("dim") not in (None, []) else None
    return {"axes": axes, "keepdims": bool(c.get("keepdim", False))}


@reads(*(f"aten.{name}" for name in REDUCING))
def reduce(c: Call) -> str:
    """Over the axes of ``dim``, all of them if there are none; sums of booleans count."""
    name = c.op.split(".")[1]
    return c.give(REDUCING[name], [converted(c, c["self"], c.result.dtype)], **_settings(c))


@reads("aten.any", "aten.all")
def some(c: Call) -> str:
    """Whether any or all elements are not 0."""
    x = c.emit("cast", [c.emit("cast", [c.tensor("self")], to="bool")], to="int64")
    y = c.emit("reduce_max" if c.op.startswith("aten.any") else "reduce_min", [x], **_settings(c))
    return c.give("cast", [y], to="bool")


@reads("aten.max", "aten.min")
def extreme(c: Call) -> str | tuple[str, ...]:
    """Of all elements, of two arrays, or along an axis together with the first place where it stands."""
    most = c.op.startswith("aten.max")
    if "other" in c.args:
        return c.give("maximum" if most else "minimum", [c.tensor("self"), c.tensor("other")])
    if "dim" not in c.args:
        return c.give("reduce_max" if most else "reduce_min", [c.tensor("self")], axes=None)
    axis, keep = c.axis("dim"), bool(c.get("keepdim", False))
    values = c.give("reduce_max" if most else "reduce_min", [c.tensor("self")], axes=(axis,), keepdims=keep)
    return values, c.emit("argmax" if most else "argmin", [c.tensor("self")], axis=axis, keepdims=keep)


@reads("aten.argmax", "aten.argmin")
def place(c: Call) -> str:
    """The first place of the extreme element; without an axis, of all elements in order."""
    op = c.op.split(".")[1]
    if c.get("dim") is None:
        flat = c.emit("reshape", [c.tensor("self")], shape=(-1,))
        y = c.emit(op, [flat], axis=0)
        return c.emit("reshape", [y], shape=(1,) * c.rank("self")) if c.get("keepdim") else y
    return c.give(op, [c.tensor("self")], axis=c.axis("dim"), keepdims=bool(c.get("keepdim", False)))


@reads("aten.var", "aten.std", "aten.var_mean")
def variance(c: Call) -> str | tuple[str, ...]:
    """The mean of squared distances from the mean; ``correction`` is what the number is lessened by."""
    x, settings = c.tensor("self"), _settings(c)
    axes = settings["axes"]
    keep = bool(settings["keepdims"])
    mean = c.emit("reduce_mean", [x], axes=axes, keepdims=True)
    away = c.emit("square", [c.emit("sub", [x, mean])])
    correction = c.get("correction", 1 if c.get("unbiased", True) else 0)
    if correction == 0:
        y = c.emit("reduce_mean", [away], axes=axes, keepdims=keep)
    else:
        over = range(c.rank("self")) if axes is None else axes
        total = c.emit("reduce_sum", [away], axes=axes, keepdims=keep)
        y = c.emit("div", [total, _number(c, list(over), float(correction))])  # type: ignore[call-overload]
    if c.op.startswith("aten.std"):
        return c.give("sqrt", [y])
    if "mean" not in c.op:
        return y
    rest = (
        mean
        if keep
        else c.emit("squeeze", [mean], axes=axes if axes is not None else tuple(range(c.rank("self"))))
    )
    return y, rest


def _number(c: Call, axes: list[int], less: float) -> str:
    """How many elements are reduced, less a number."""
    sizes = c.sizes("self")
    fixed = math.prod(int(sizes[axis]) for axis in axes if isinstance(sizes[axis], int))
    free = [axis for axis in axes if not isinstance(sizes[axis], int)]
    if not free:
        return c.constant(max(fixed - less, 0.0))
    count = c.constant(fixed)
    for axis in free:
        at = c.emit("gather", [c.reading.shape(c.tensor("self")), c.reading.size(axis)], axis=0)
        count = c.emit("mul", [count, at])
    return c.emit("sub", [c.emit("cast", [count], to="float"), c.constant(less)])


@reads("aten.cumsum")
def cumsum(c: Call) -> str:
    """Running sums; those of booleans count."""
    return c.give("cumsum", [converted(c, c["self"], c.result.dtype)], axis=c.axis("dim"))


@reads("aten.topk")
def topk(c: Call) -> tuple[str, ...]:
    """The k most extreme elements and where they stood."""
    k = c["k"]
    inputs = [c.tensor("self")]
    settings = {"axis": c.axis("dim"), "largest": bool(c.get("largest", True))}
    if isinstance(k, int):
        values, places = c.several("topk", inputs, 2, k=k, **settings)
    else:
        values, places = c.several("topk", [*inputs, c.reading.size(k)], 2, **settings)
    return values, c.emit("cast", [places], to="int64")


@reads("aten.sort", "aten.argsort")
def sort(c: Call) -> str | tuple[str, ...]:
    """Elements in order, and where they stood; equal ones keep their order."""
    axis = c.axis("dim")
    places = c.emit("argsort", [c.tensor("self")], axis=axis, descending=bool(c.get("descending", False)))
    places = c.emit("cast", [places], to="int64")
    if c.op.startswith("aten.argsort"):
        return places
    return c.give("gather_along_axis", [c.tensor("self"), places], axis=axis), places


@reads("aten.nonzero")
def nonzero(c: Call) -> str:
    """Where elements are not 0."""
    return c.give("cast", [c.emit("non_zero", [c.tensor("self")])], to=TYPES[torch.int64])
