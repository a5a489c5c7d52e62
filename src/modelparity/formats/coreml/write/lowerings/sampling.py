"""Transposed convolution, images sampled anew, and pooling to a wanted size."""

from __future__ import annotations

from typing import Any

from .....engine.bound_node import Call
from ....layouts import first
from ....writing.attributes import channel_bias, cut_off, per_axis
from ....writing.sampling import shares
from ..builder import Builder
from ..lowering import lowers
from ..values import Value


@lowers("conv_transpose")
def conv_transpose(b: Builder, c: Call) -> None:
    """conv_transpose; zeros behind its result, which have the bias too, are padded."""
    weight = b.weight(c, "weight")
    n, (y,) = weight.ndim - 2, c.node.outputs
    before, after = cut_off(b, c)
    bias = channel_bias(b.constant(c, "bias"), weight.shape[-1] * int(c.attrs["groups"]))
    given: dict[str, Any] = {
        "x": b.get(c.tensors["x"], first(n)),
        "weight": b.initial(c.tensors["weight"], weight.transpose(n, n + 1, *range(n))),
        "pad": tuple(max(0, width) for pair in zip(before, after, strict=True) for width in pair),
        "pad_type": "custom",
        "strides": per_axis(c, "strides", n),
        "dilations": per_axis(c, "dilations", n),
        "groups": int(c.attrs["groups"]),
    }
    if min(after) >= 0:
        if bias is not None:
            given["bias"] = b.initial(c.tensors["bias"], bias)
        b.result(y, "conv_transpose", form=first(n), **given)
        return
    wide = b.shape(y, first(n))
    less = tuple(size if size is None else size + min(0, a) for size, a in zip(wide[2:], after, strict=True))
    value = b.block.op("conv_transpose", sized=(*wide[:2], *less), **given)
    pads = tuple(width for a in after for width in (0, max(0, -a)))
    settings: dict[str, Any] = {"pad": pads, "mode": "constant", "constant_val": 0.0}
    if bias is None:
        b.result(y, "pad", form=first(n), x=value, **settings)
        return
    padded = b.block.op("pad", x=value, sized=wide, **settings)
    own = b.initial(c.tensors["bias"], bias.reshape(-1, *(1,) * n))
    b.result(y, "add", form=first(n), x=padded, y=own)


@lowers("resize", "resample", "adaptive_average_pool")
def resize(b: Builder, c: Call) -> None:
    """Along one axis after another a product with the shares that each new element takes.

    MIL's own operations sample two axes, and differ between systems in where points lie.
    """
    value, (y,) = b.get(c.tensors["x"]), c.node.outputs
    if c.node.op == "adaptive_average_pool" and set(c.attrs["sizes"]) == {1}:
        over = tuple(range(value.rank - 1 - len(c.attrs["sizes"]), value.rank - 1))
        b.result(y, "reduce_mean", x=value, axes=over, keep_dims=True)
        return
    for axis, matrix in shares(b, c):
        order = (*(at for at in range(value.rank) if at != axis), axis)
        back = tuple(order.index(at) for at in range(value.rank))
        moved = _turned(b, value, order)
        wide = (*moved.shape[:-1], matrix.shape[1])
        own = b.initial(f"{c.node.name}_shares", matrix)
        value = _turned(b, b.block.op("matmul", x=moved, y=own, sized=wide, **_PLAIN), back)
    b.result(y, "identity", x=value)


_PLAIN: dict[str, Any] = {"transpose_x": False, "transpose_y": False}


def _turned(b: Builder, x: Value, order: tuple[int, ...]) -> Value:
    if order == tuple(range(x.rank)):
        return x
    return b.block.op("transpose", x=x, perm=order, sized=tuple(x.shape[at] for at in order), typed=x.dtype)
