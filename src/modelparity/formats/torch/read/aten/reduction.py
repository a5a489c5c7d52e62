"""Reductions along axes, and orders of elements."""

from __future__ import annotations

import math
from typing import Any

import torch

from ..aten_call import TYPES, Op, reads
from .casting import converted

REDUCING = {
    "sum": "reduce_sum",
    "mean": "reduce_mean",
    "amax": "reduce_max",
    "amin": "reduce_min",
    "prod": "reduce_prod",
    "logsumexp": "reduce_log_sum_exp",
}


def _settings(op: Op) -> dict[str, Any]:
    axes = op.axes("dim") if op.attr("dim", None) not in (None, []) else None
    return {"axes": axes, "keepdims": op.attr("keepdim", False, bool)}


@reads(*(f"aten.{name}" for name in REDUCING))
def reduce(op: Op) -> None:
    """Over the axes of ``dim``, all of them if there are none; sums of booleans count."""
    name = op.type.split(".")[1]
    op.give(REDUCING[name], [converted(op, op.attr("self"), op.result.dtype)], **_settings(op))


@reads("aten.any", "aten.all")
def some(op: Op) -> None:
    """Whether any or all elements are not 0."""
    x = op.temp("cast", [op.temp("cast", [op.input("self")], to="bool")], to="int64")
    y = op.temp("reduce_max" if op.type.startswith("aten.any") else "reduce_min", [x], **_settings(op))
    op.give("cast", [y], to="bool")


@reads("aten.max", "aten.min")
def extreme(op: Op) -> None:
    """Of all elements, of two arrays, or along an axis together with the first place where it stands."""
    most = op.type.startswith("aten.max")
    if "other" in op.args:
        op.give("maximum" if most else "minimum", [op.input("self"), op.input("other")])
        return
    if "dim" not in op.args:
        op.give("reduce_max" if most else "reduce_min", [op.input("self")], axes=None)
        return
    axis, keep = op.axis("dim"), op.attr("keepdim", False, bool)
    x = op.input("self")
    op.give("reduce_max" if most else "reduce_min", [x], output=0, axes=(axis,), keepdims=keep)
    op.give("argmax" if most else "argmin", [x], output=1, axis=axis, keepdims=keep)


@reads("aten.argmax", "aten.argmin")
def place(op: Op) -> None:
    """The first place of the extreme element; without an axis, of all elements in order."""
    core = op.type.split(".")[1]
    if op.attr("dim", None) is None:
        flat = op.temp("reshape", [op.input("self")], shape=(-1,))
        y = op.temp(core, [flat], axis=0)
        op.results(op.temp("reshape", [y], shape=(1,) * op.rank("self")) if op.attr("keepdim", None) else y)
        return
    op.give(core, [op.input("self")], axis=op.axis("dim"), keepdims=op.attr("keepdim", False, bool))


@reads("aten.var", "aten.std", "aten.var_mean")
def variance(op: Op) -> None:
    """The mean of squared distances from the mean; ``correction`` is what the number is lessened by."""
    x, settings = op.input("self"), _settings(op)
    axes = settings["axes"]
    keep = bool(settings["keepdims"])
    mean = op.temp("reduce_mean", [x], axes=axes, keepdims=True)
    away = op.temp("square", [op.temp("sub", [x, mean])])
    correction = op.attr("correction", 1 if op.attr("unbiased", True) else 0)
    if correction == 0:
        y = op.temp("reduce_mean", [away], axes=axes, keepdims=keep)
    else:
        over = range(op.rank("self")) if axes is None else axes
        total = op.temp("reduce_sum", [away], axes=axes, keepdims=keep)
        y = op.temp("div", [total, _number(op, list(over), float(correction))])
    if op.type.startswith("aten.std"):
        op.give("sqrt", [y])
        return
    if "mean" not in op.type:
        op.results(y)
        return
    rest = (
        mean
        if keep
        else op.temp("squeeze", [mean], axes=axes if axes is not None else tuple(range(op.rank("self"))))
    )
    op.results(y, rest)


def _number(op: Op, axes: list[int], less: float) -> str:
    """How many elements are reduced, less a number."""
    sizes = op.shape("self")
    fixed = math.prod(int(sizes[axis]) for axis in axes if isinstance(sizes[axis], int))
    free = [axis for axis in axes if not isinstance(sizes[axis], int)]
    if not free:
        return op.constant(max(fixed - less, 0.0))
    count = op.constant(fixed)
    for axis in free:
        at = op.temp("gather", [op.values.shape(op.input("self")), op.values.size(axis)], axis=0)
        count = op.temp("mul", [count, at])
    return op.temp("sub", [op.temp("cast", [count], to="float"), op.constant(less)])


@reads("aten.cumsum")
def cumsum(op: Op) -> None:
    """Running sums; those of booleans count."""
    op.give("cumsum", [converted(op, op.attr("self"), op.result.dtype)], axis=op.axis("dim"))


@reads("aten.topk")
def topk(op: Op) -> None:
    """The k most extreme elements and where they stood."""
    op.ignore("sorted")  # unsorted means any order, so the sorted one as well
    k = op.attr("k")
    inputs = [op.input("self")]
    settings: dict[str, Any] = {"axis": op.axis("dim"), "largest": op.attr("largest", True, bool)}
    if isinstance(k, int):
        values, places = op.temps("topk", inputs, 2, k=k, **settings)
    else:
        values, places = op.temps("topk", [*inputs, op.values.size(k)], 2, **settings)
    op.results(values, op.temp("cast", [places], to="int64"))


@reads("aten.sort", "aten.argsort")
def sort(op: Op) -> None:
    """Elements in order, and where they stood; equal ones keep their order."""
    op.ignore("stable")  # equal elements keep their order anyway
    axis = op.axis("dim")
    places = op.temp("argsort", [op.input("self")], axis=axis, descending=op.attr("descending", False, bool))
    places = op.temp("cast", [places], to="int64")
    if op.type.startswith("aten.argsort"):
        op.results(places)
        return
    op.results(*op.give("gather_along_axis", [op.input("self"), places], axis=axis), places)


@reads("aten.nonzero")
def nonzero(op: Op) -> None:
    """Where elements are not 0."""
    op.give("cast", [op.temp("non_zero", [op.input("self")])], to=TYPES[torch.int64])
