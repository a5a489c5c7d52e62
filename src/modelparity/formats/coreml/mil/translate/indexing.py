"""Elements picked and written by position.

From iOS 17 on an index counts from the start alone, and ``validate_indices`` says whether one outside is an error or
undefined. What is undefined is read as older versions read it, from the end; what would be written there is dropped.
"""

from __future__ import annotations

from ..operators import Op, reads


def _bounds(op: Op, undefined: str) -> str:
    """What an index outside means; only versions from iOS 17 on have ``validate_indices``."""
    if not op.has("validate_indices"):
        return "wrap"
    return "raise" if op.attr("validate_indices") else undefined


@reads("gather")
def gather(op: Op) -> None:
    """y = slices of x along ``axis`` at ``indices``, in ``batch_dims`` leading axes each batch its own"""
    axis, batch_dims, bounds = op.attr("axis", 0), op.attr("batch_dims", 0), _bounds(op, "wrap")
    inputs = op.inputs("x", "indices")
    if batch_dims:
        op.give("gather_batched", inputs, axis=axis, batch_dims=batch_dims, bounds=bounds)
    elif bounds == "wrap":
        op.give("gather", inputs, axis=axis)
    else:
        op.give("gather_batched", inputs, axis=axis, bounds=bounds)


@reads("gather_along_axis")
def gather_along_axis(op: Op) -> None:
    """y = elements of x along ``axis`` at ``indices``"""
    inputs = op.inputs("x", "indices")
    op.give("gather_along_axis", inputs, axis=op.attr("axis", 0), bounds=_bounds(op, "wrap"))


@reads("gather_nd")
def gather_nd(op: Op) -> None:
    """y = slices of x at tuples of ``indices``"""
    inputs = op.inputs("x", "indices")
    op.give("gather_nd", inputs, batch_dims=op.attr("batch_dims", 0), bounds=_bounds(op, "wrap"))


@reads("scatter", "scatter_along_axis")
def scatter(op: Op) -> None:
    """y = data with ``updates`` written, added, ... at ``indices`` along ``axis``"""
    inputs = op.inputs("data", "indices", "updates")
    attrs = {"axis": op.attr("axis", 0), "mode": op.attr("mode", "add")}
    op.give(op.type, inputs, bounds=_bounds(op, "ignore"), **attrs)


@reads("scatter_nd")
def scatter_nd(op: Op) -> None:
    """y = data with ``updates`` written, added, ... at tuples of ``indices``"""
    inputs = op.inputs("data", "indices", "updates")
    op.give("scatter_nd", inputs, mode=op.attr("mode", "add"), bounds=_bounds(op, "ignore"))
