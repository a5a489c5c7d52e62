"""Reductions, and normalisation over axes of the tensor itself."""

from __future__ import annotations

from .....engine.bound_node import Call
from ....layouts import PLAIN
from ....writing.attributes import axes
from ..builder import Builder
from ..layers import field, fills
from ..lowering import lowers
from ..values import Value
from .convolution import stretched


@lowers("reduce_mean", "reduce_sum", "reduce_max", "reduce_min")
def reduce(b: Builder, c: Call) -> None:
    """The reduction of the same name."""
    x, (y,) = b.get(c.tensors["x"]), c.node.outputs
    b.result(y, c.node.op, x=x, axes=axes(c, x.rank), keep_dims=bool(c.attrs["keepdims"]))


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


for _kind in ("mean", "sum", "max", "min"):
    fills(f"reduce_{_kind}")(field(f"reduce{_kind.title()}", axes="axes", keepDims="keep_dims"))
