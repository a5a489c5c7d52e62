"""Elements picked and written by position."""

from __future__ import annotations

from ..node import Op, reads

REDUCTIONS = {"none": "update", "add": "add", "mul": "mul", "max": "max", "min": "min"}


@reads("Gather")
def gather(op: Op) -> None:
    """y = the slices of x at indices along an axis"""
    axis = op.attr("axis", 0)
    table = op.known(0)
    if axis == 0 and table is not None and table.ndim == 2 and op.is_float():
        op.give("embedding", [op.input(1), op.input(0)])
    else:
        op.give("gather", op.inputs(0, 1), axis=axis)


@reads("GatherElements")
def gather_elements(op: Op) -> None:
    """y = an element of x for each place of the indices"""
    op.give("gather_along_axis", op.inputs(0, 1), axis=op.attr("axis", 0))


@reads("GatherND")
def gather_nd(op: Op) -> None:
    """y = the slices of x at tuples of indices"""
    op.give("gather_nd", op.inputs(0, 1), batch_dims=op.attr("batch_dims", 0))


@reads("ScatterElements", "Scatter")
def scatter_elements(op: Op) -> None:
    """y = x with elements written, or combined, at indices along an axis"""
    mode = op.choice("reduction", REDUCTIONS, "none")
    op.give("scatter_along_axis", op.inputs(0, 1, 2), axis=op.attr("axis", 0), mode=mode)


@reads("ScatterND")
def scatter_nd(op: Op) -> None:
    """y = x with slices written, or combined, at tuples of indices"""
    mode = op.choice("reduction", REDUCTIONS, "none")
    op.give("scatter_nd", op.inputs(0, 1, 2), mode=mode)


@reads("Slice")
def slice_(op: Op) -> None:
    """y = x[start : end : step] along some axes"""
    if op.version < 10:
        starts, ends, axes, steps = op.attr("starts"), op.attr("ends"), op.attr("axes", None), None
    else:
        known = [op.known(k) for k in (1, 2, 3, 4)]
        if any(op.has(k) and one is None for k, one in zip((1, 2, 3, 4), known, strict=True)):
            op.give("slice_between", op.inputs())
            return
        starts, ends = op.numbers(1), op.numbers(2)
        axes, steps = (op.numbers(k) if op.has(k) else None for k in (3, 4))
    axes = tuple(range(len(starts))) if axes is None else axes
    steps = (1,) * len(starts) if steps is None else steps
    if not len(starts) == len(ends) == len(axes) == len(steps):
        raise op.error("starts, ends, axes and steps differ in number", found=(starts, ends, axes, steps))
    # The lowest number of a type stands for "as far as it goes" backwards, the largest for the end.
    ends = tuple(None if (n <= -(1 << 31) and s < 0) else n for n, s in zip(ends, steps, strict=True))
    op.give("slice", [op.input(0)], starts=starts, ends=ends, axes=axes, steps=steps)


@reads("Compress")
def compress(op: Op) -> None:
    """y = the slices of x at which the condition holds, along an axis or of all elements"""
    axis = op.attr("axis", None)
    x = op.input(0)
    if axis is None:
        x, axis = op.temp("reshape", [x], shape=(-1,)), 0
    places = op.temp("non_zero", [op.input(1)], dtype="int64")
    flat = op.temp("reshape", [places], dtype="int64", shape=(-1,))
    op.give("gather", [x, flat], axis=axis)


@reads("NonZero")
def non_zero(op: Op) -> None:
    """y = the indices at which x is not 0, an axis a row"""
    places = op.temp("non_zero", [op.input(0)], dtype="int64")
    turned = op.temp("transpose", [places], dtype="int64", axes=(1, 0))
    op.give("cast", [turned], to="int64")


@reads("OneHot")
def one_hot(op: Op) -> None:
    """y = on at the places that indices name along a new axis, off elsewhere"""
    indices = op.input(0)
    if op.is_float(0):
        indices = op.temp("cast", [indices], dtype="int64", to="int64")
    depth = op.known(1)
    attrs = {"axis": op.attr("axis", -1), "to": "bool", "on": 1, "off": 0, "wrap": True}
    if depth is not None:
        hot = op.temp("one_hot", [indices], dtype="bool", size=int(depth.reshape(-1)[0]), **attrs)
    else:
        number = op.temp("cast", [op.input(1)], dtype="int64", to="int64")
        hot = op.temp("one_hot", [indices, number], dtype="bool", **attrs)
    off, on = (op.temp("gather", [op.input(2), op.constant(k)]) for k in (0, 1))
    op.give("select", [hot, on, off])


@reads("TensorScatter")
def tensor_scatter(op: Op) -> None:
    """y = a cache with newer frames written from some place on"""
    circular = op.choice("mode", {"linear": False, "circular": True}, "linear")
    op.give("cache_write", op.inputs(), axis=op.attr("axis", -2), circular=circular)


@reads("Unique")
def unique(op: Op) -> None:
    """The distinct elements (or slices), where they first stand, which each one is, and how often"""
    axis = op.attr("axis", None)
    op.results(*op.temps("unique", [op.input(0)], 4, axis=axis, ordered=op.attr("sorted", True, bool)))
