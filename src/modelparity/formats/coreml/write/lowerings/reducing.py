"""Reductions, and normalisation over axes of the tensor itself."""

from __future__ import annotations

from .....engine.bound_node import Call
from ....layouts import PLAIN
from ....writing.attributes import axes
from ..builder import Builder, refusal
from ..layers import field, fills
from ..lowering import lowers
from ..values import Value
from .convolution import stretched


@lowers("reduce_mean", "reduce_sum", "reduce_max", "reduce_min")
def reduce(b: Builder, c: Call) -> None:
    """The reduction of the same name."""
    x, (y,) = b.get(c.tensors["x"]), c.node.outputs
    b.result(y, c.node.op, x=x, axes=axes(c, x.rank), keep_dims=bool(c.attrs["keepdims"]))


_NORMS = {
    "reduce_prod": "reduce_prod",
    "reduce_l1": "reduce_l1_norm",
    "reduce_l2": "reduce_l2_norm",
    "reduce_log_sum": "reduce_log_sum",
    "reduce_log_sum_exp": "reduce_log_sum_exp",
    "reduce_sum_square": "reduce_sum_square",
}


@lowers(*_NORMS)
def norm(b: Builder, c: Call) -> None:
    """MIL has these under other names."""
    x, (y,) = b.get(c.tensors["x"]), c.node.outputs
    b.result(y, _NORMS[c.node.op], x=x, axes=axes(c, x.rank), keep_dims=bool(c.attrs["keepdims"]))


@lowers("l2_normalize")
def l2_normalize(b: Builder, c: Call) -> None:
    """x by its length, which is guarded by something added to the squares, or by a least length."""
    x, (y,), epsilon = b.get(c.tensors["x"]), c.node.outputs, float(c.attrs["epsilon"])
    over = axes(c, x.rank)
    shape = tuple(1 if axis in over else n for axis, n in enumerate(x.shape))
    squares = b.block.op("reduce_sum_square", x=x, axes=over, keep_dims=True, sized=shape)
    if c.attrs["guard"] == "floor":
        length = b.block.pointwise("maximum", b.block.unary("sqrt", squares), epsilon)
    else:
        length = b.block.unary("sqrt", b.block.pointwise("add", squares, epsilon))
    b.result(y, "real_div", x=x, y=length)


@lowers("rms_norm")
def rms_norm(b: Builder, c: Call) -> None:
    """Plain operations."""
    x, (y,) = b.get(c.tensors["x"]), c.node.outputs
    over = axes(c, x.rank)
    shape = tuple(1 if axis in over else n for axis, n in enumerate(x.shape))
    squares = b.block.pointwise("mul", x, x)
    power = b.block.op("reduce_mean", x=squares, axes=over, keep_dims=True, sized=shape)
    root = b.block.unary("sqrt", b.block.pointwise("add", power, float(c.attrs["epsilon"])))
    given = {key: b.get(c.tensors[key]) for key in ("gamma", "beta") if key in c.tensors}
    stretched(b, y, PLAIN, ("real_div", x, root), given)


@lowers("layer_norm")
def layer_norm(b: Builder, c: Call) -> None:
    """Plain operations, rounding as the graph's does."""
    x, (y,) = b.get(c.tensors["x"]), c.node.outputs
    over = axes(c, x.rank)

    def mean(of: Value) -> Value:
        shape = tuple(1 if axis in over else n for axis, n in enumerate(of.shape))
        return b.block.op("reduce_mean", x=of, axes=over, keep_dims=True, sized=shape)

    centred = b.block.pointwise("sub", x, mean(x))
    variance = mean(b.block.pointwise("mul", centred, centred))
    root = b.block.unary("sqrt", b.block.pointwise("add", variance, float(c.attrs["epsilon"])))
    given = {key: b.get(c.tensors[key]) for key in ("gamma", "beta") if key in c.tensors}
    stretched(b, y, PLAIN, ("real_div", centred, root), given)


@lowers("group_norm", "instance_norm")
def group_norm(b: Builder, c: Call) -> None:
    """Plain operations, the channels of a group on an axis of their own."""
    x, (y,), a = b.get(c.tensors["x"]), c.node.outputs, c.attrs
    sizes, channels = x.shape, x.shape[-1]
    over = tuple(range(x.rank - 1 - int(a["spatial"]), x.rank - 1))
    grouped = int(a.get("groups") or 0) not in (0, channels)
    if grouped:
        if channels is None or sizes.count(None) > 1 or x.rank > 4:
            raise refusal(c, "its groups need more axes, or more sizes that are known")
        parts = (*sizes[:-1], int(a["groups"]), channels // int(a["groups"]))
        x = b.block.op("reshape", x=x, shape=tuple(-1 if n is None else n for n in parts), sized=parts)
        over = (*over, x.rank - 1)

    def mean(of: Value) -> Value:
        shape = tuple(1 if axis in over else n for axis, n in enumerate(of.shape))
        return b.block.op("reduce_mean", x=of, axes=over, keep_dims=True, sized=shape)

    centred = b.block.pointwise("sub", x, mean(x))
    variance = mean(b.block.pointwise("mul", centred, centred))
    root = b.block.unary("sqrt", b.block.pointwise("add", variance, float(a["epsilon"])))
    given = {key: b.get(c.tensors[key]) for key in ("gamma", "beta") if key in c.tensors}
    if not grouped:
        stretched(b, y, PLAIN, ("real_div", centred, root), given)
        return
    even = b.block.pointwise("real_div", centred, root)
    shape = tuple(-1 if n is None else n for n in sizes)
    joined = b.block.op("reshape", x=even, shape=shape, sized=sizes)
    stretched(b, y, PLAIN, ("mul", joined, b.block.value(1.0)), given)


for _kind in ("mean", "sum", "max", "min"):
    fills(f"reduce_{_kind}")(field(f"reduce{_kind.title()}", axes="axes", keepDims="keep_dims"))
