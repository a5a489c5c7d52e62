"""Elements picked and written by position.

From iOS 17 on an index counts from the start alone, and ``validate_indices`` says whether one outside is an error or
undefined. What is undefined is read as older versions read it, from the end; what would be written there is dropped.
"""

from __future__ import annotations

from ..operators import Op, mil


def _bounds(op: Op, undefined: str) -> str:
    """What an index outside means; only versions from iOS 17 on have ``validate_indices``."""
    if not op.has("validate_indices"):
        return "wrap"
    return "raise" if op.const("validate_indices") else undefined


@mil("gather")
def gather(op: Op) -> None:
    """y = slices of x along ``axis`` at ``indices``, in ``batch_dims`` leading axes each batch its own"""
    axis, batch_dims, bounds = op.const("axis", 0), op.const("batch_dims", 0), _bounds(op, "wrap")
    inputs = [op.tensor("x"), op.tensor("indices")]
    if batch_dims:
        op.emit("gather_batched", inputs, axis=axis, batch_dims=batch_dims, bounds=bounds)
    elif bounds == "wrap":
        op.emit("gather", inputs, axis=axis)
    else:
        op.emit("gather_batched", inputs, axis=axis, bounds=bounds)


@mil("gather_along_axis")
def gather_along_axis(op: Op) -> None:
    """y = elements of x along ``axis`` at ``indices``"""
    inputs = [op.tensor("x"), op.tensor("indices")]
    op.emit("gather_along_axis", inputs, axis=op.const("axis", 0), bounds=_bounds(op, "wrap"))


@mil("gather_nd")
def gather_nd(op: Op) -> None:
    """y = slices of x at tuples of ``indices``"""
    inputs = [op.tensor("x"), op.tensor("indices")]
    op.emit("gather_nd", inputs, batch_dims=op.const("batch_dims", 0), bounds=_bounds(op, "wrap"))


@mil("scatter", "scatter_along_axis")
def scatter(op: Op) -> None:
    """y = data with ``updates`` written, added, ... at ``indices`` along ``axis``"""
    inputs = [op.tensor(name) for name in ("data", "indices", "updates")]
    attrs = {"axis": op.const("axis", 0), "mode": op.const("mode", "add")}
    op.emit(op.type, inputs, bounds=_bounds(op, "ignore"), **attrs)


@mil("scatter_nd")
def scatter_nd(op: Op) -> None:
    """y = data with ``updates`` written, added, ... at tuples of ``indices``"""
    inputs = [op.tensor(name) for name in ("data", "indices", "updates")]
    op.emit("scatter_nd", inputs, mode=op.const("mode", "add"), bounds=_bounds(op, "ignore"))
