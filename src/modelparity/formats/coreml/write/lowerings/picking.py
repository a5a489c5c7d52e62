"""Operators that cut, lay out, pick by index, and look for the largest."""

from __future__ import annotations

from typing import Any

import numpy as np

from .....engine.bound_node import Call
from .....ops._reduction import within
from ....writing.attributes import axes
from ..builder import Builder, refusal
from ..lowering import lowers
from ..values import Value


@lowers("split")
def split(b: Builder, c: Call) -> None:
    """split."""
    x, parts = b.get(c.tensors["x"]), c.node.outputs
    axis = int(c.attrs["axis"]) % x.rank
    sizes, n = c.attrs["sizes"], x.shape[axis]
    if sizes is None:
        if n is None:
            raise refusal(c, "the sizes of its parts are known only when it runs")
        sizes = [n // len(parts) + (at < n % len(parts)) for at in range(len(parts))]
    b.results(parts, "split", x=x, split_sizes=tuple(int(size) for size in sizes), axis=axis)


@lowers("stack")
def stack(b: Builder, c: Call) -> None:
    """stack."""
    (axis,) = within(int(c.attrs["axis"]), b.rank(c.node.outputs[0]))
    values = tuple(b.get(name) for name in c.node.inputs)
    b.result(c.node.outputs[0], "stack", values=values, axis=axis)


@lowers("tile")
def tile(b: Builder, c: Call) -> None:
    """tile, by numbers that are known."""
    counts = b.constant(c, "counts")
    repeats = c.attrs["repeats"] if counts is None else counts.reshape(-1)
    b.result(c.node.outputs[0], "tile", x=b.get(c.tensors["x"]), reps=tuple(int(n) for n in repeats))


@lowers("broadcast_to")
def broadcast_to(b: Builder, c: Call) -> None:
    """tile where sizes are known, and else the sum with zeros of the wanted shape."""
    x, (y,) = b.get(c.tensors["x"]), c.node.outputs
    sizes = b.shape(y)
    rank = len(sizes)
    if x.rank < rank:
        wide = (*(1,) * (rank - x.rank), *x.shape)
        x = b.block.op("expand_dims", x=x, axes=tuple(range(rank - x.rank)), sized=wide, typed=x.dtype)
    repeats = [new if old == 1 else 1 for old, new in zip(x.shape, sizes, strict=True)]
    if None not in repeats:
        b.result(y, "tile", x=x, reps=tuple(int(n or 1) for n in repeats))
        return
    like = c.tensors.get("like")
    if like is None or c.attrs["values"] or x.dtype == "bool":
        raise refusal(c, "the shape that it is repeated to is computed")
    shape = b.block.op("shape", x=b.get(like), sized=(rank,), typed="int32")
    zero = 0 if x.dtype == "int32" else 0.0
    nothing = b.block.op("fill", shape=shape, value=zero, sized=sizes, typed=x.dtype)
    b.result(y, "add", x=x, y=nothing)


@lowers("fill_like")
def fill_like(b: Builder, c: Call) -> None:
    """fill, by the shape of the operand."""
    x, (y,), to = b.get(c.tensors["x"]), c.node.outputs, c.attrs["to"]
    if to == "bool":
        raise refusal(c, "MIL fills with numbers", "cast its result")
    shape = b.block.op("shape", x=x, sized=(x.rank,), typed="int32")
    value = float(c.attrs["value"]) if to == "float" else int(c.attrs["value"])
    b.result(y, "fill", shape=shape, value=value)


@lowers("shape")
def shape(b: Builder, c: Call) -> None:
    """shape."""
    b.result(c.node.outputs[0], "shape", x=b.get(c.tensors["x"]))


@lowers("reverse")
def reverse(b: Builder, c: Call) -> None:
    """reverse."""
    x = b.get(c.tensors["x"])
    b.result(c.node.outputs[0], "reverse", x=x, axes=axes(c, x.rank))


@lowers("flatten")
def flatten(b: Builder, c: Call) -> None:
    """reshape to two axes."""
    x, (y,) = b.get(c.tensors["x"]), c.node.outputs
    sizes = b.shape(y)
    if sizes.count(None) > 1:
        raise refusal(c, "both of its sizes are known only when it runs")
    b.result(y, "reshape", x=x, shape=tuple(-1 if n is None else n for n in sizes))


@lowers("sliding_windows")
def sliding_windows(b: Builder, c: Call) -> None:
    """sliding_windows."""
    (axis,) = within(int(c.attrs["axis"]), b.rank(c.tensors["x"]))
    settings: dict[str, Any] = {"axis": axis, "size": int(c.attrs["size"]), "stride": int(c.attrs["stride"])}
    b.result(c.node.outputs[0], "sliding_windows", x=b.get(c.tensors["x"]), **settings)


@lowers("embedding", "gather", "gather_along_axis")
def gather(b: Builder, c: Call) -> None:
    """gather and gather_along_axis, whose negative indices count from the end."""
    x, axis = (c.tensors["table"], 0) if c.node.op == "embedding" else (c.tensors["x"], int(c.attrs["axis"]))
    op = "gather_along_axis" if c.node.op == "gather_along_axis" else "gather"
    place = axis % b.rank(x)
    b.result(c.node.outputs[0], op, x=b.get(x), indices=_indices(b, c), axis=place)


def _indices(b: Builder, c: Call) -> Value:
    value = b.get(c.tensors["indices"])
    if value.dtype != "int32":
        raise refusal(c, "its indices are no whole numbers")
    return value


@lowers("one_hot")
def one_hot(b: Builder, c: Call) -> None:
    """one_hot, of a number of classes that is known."""
    a, depth = c.attrs, b.constant(c, "depth")
    if a["to"] == "bool" or a["wrap"]:
        raise refusal(c, "MIL switches numbers on, and no class counted from the end")
    size = int(a["size"]) if depth is None else int(depth.reshape(-1)[0])
    kind = float if a["to"] == "float" else int
    (axis,) = within(int(a["axis"]), b.rank(c.node.outputs[0]))
    b.result(
        c.node.outputs[0],
        "one_hot",
        indices=_indices(b, c),
        one_hot_vector_size=size,
        axis=axis,
        on_value=kind(a["on"]),
        off_value=kind(a["off"]),
    )


@lowers("argmax", "argmin")
def argmax(b: Builder, c: Call) -> None:
    """reduce_argmax and reduce_argmin."""
    x, (y,) = b.get(c.tensors["x"]), c.node.outputs
    axis = int(c.attrs["axis"]) % x.rank
    b.result(y, f"reduce_{c.node.op}", x=x, axis=axis, keep_dims=bool(c.attrs["keepdims"]))


@lowers("cumsum")
def cumsum(b: Builder, c: Call) -> None:
    """cumsum."""
    x, a = b.get(c.tensors["x"]), c.attrs
    settings: dict[str, Any] = {"exclusive": bool(a["exclusive"]), "reverse": bool(a["reverse"])}
    b.result(c.node.outputs[0], "cumsum", x=x, axis=int(a["axis"]) % x.rank, **settings)


@lowers("pixel_shuffle", "depth_to_space", "space_to_depth", "pixel_unshuffle")
def blocks(b: Builder, c: Call) -> None:
    """Operations of the same names; pixel_unshuffle, which came later, is space_to_depth with channels picked."""
    x, (y,) = b.get(c.tensors["x"]), c.node.outputs
    if x.rank != 4:
        raise refusal(c, "MIL takes one batch axis, channels, height and width")
    if c.node.op == "pixel_shuffle":
        b.result(y, "pixel_shuffle", x=x, upscale_factor=int(c.attrs["factor"]))
        return
    if c.node.op != "pixel_unshuffle":
        b.result(y, c.node.op, x=x, block_size=int(c.attrs["block"]))
        return
    factor, channels = int(c.attrs["factor"]), x.shape[1]
    if channels is None:
        raise refusal(c, "its channels are known only when it runs")
    laid = b.block.op("space_to_depth", x=x, block_size=factor, sized=b.shape(y))
    order = np.arange(channels * factor**2).reshape(factor**2, channels).T.reshape(-1)
    b.result(y, "gather", x=laid, indices=order.astype(np.int32), axis=1)
