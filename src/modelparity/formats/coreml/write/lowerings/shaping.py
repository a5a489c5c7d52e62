"""Operators that move values without computing any."""

from __future__ import annotations

import builtins
from collections.abc import Sequence
from typing import Any

from .....engine.bound_node import Call
from ....writing.attributes import axes, cuts, permutation
from ..builder import Builder, refusal
from ..layers import Layers, field, fills
from ..lowering import lowers
from ..values import Value


@lowers("expand_dims")
def expand_dims(b: Builder, c: Call) -> None:
    """expand_dims, whose axes count in the result, as the graph's do."""
    _axes(b, c, "expand_dims", b.rank(c.node.outputs[0]))


@lowers("squeeze")
def squeeze(b: Builder, c: Call) -> None:
    """squeeze."""
    _axes(b, c, "squeeze", b.rank(c.tensors["x"]))


def _axes(b: Builder, c: Call, op: str, rank: int) -> None:
    b.result(c.node.outputs[0], op, x=b.get(c.tensors["x"]), axes=axes(c, rank))


@lowers("reshape")
def reshape(b: Builder, c: Call) -> None:
    """reshape to sizes as far as they are known, with -1 for the one that is not; more of these are those of x."""
    x, (y,) = b.get(c.tensors["x"]), c.node.outputs
    sizes, given = b.shape(y), [int(n) for n in c.attrs["shape"]]
    if sizes.count(None) <= 1:
        shape: Any = tuple(-1 if n is None else n for n in sizes)
    elif len(given) == x.rank:  # 0 copies a size, in MIL only if the number of axes stays
        shape = tuple(given)
    else:
        shape = _copied(
            b,
            x,
            [0 if new is None and old == 0 else new or -1 for old, new in zip(given, sizes, strict=True)],
        )
    b.result(y, "reshape", x=x, shape=shape)


def _copied(b: Builder, x: Value, sizes: Sequence[int]) -> Value:
    """A shape, computed: its sizes, in which 0 stands for that of x at the same place."""
    own = b.block.op("shape", x=x, sized=(x.rank,), typed="int32")
    parts = tuple(
        b.block.op("slice_by_index", x=own, begin=(at,), end=(at + 1,), sized=(1,), typed="int32")
        if size == 0
        else b.block.value((size,))
        for at, size in enumerate(sizes)
    )
    return b.block.op("concat", values=parts, axis=0, interleave=False, sized=(len(sizes),), typed="int32")


@lowers("transpose")
def transpose(b: Builder, c: Call) -> None:
    """transpose."""
    x = b.get(c.tensors["x"])
    b.result(c.node.outputs[0], "transpose", x=x, perm=permutation(c, x.rank))


@lowers("concat")
def concat(b: Builder, c: Call) -> None:
    """concat."""
    axis = int(c.attrs["axis"]) % b.rank(c.node.outputs[0])
    values = tuple(b.get(name) for name in c.node.inputs)
    b.result(c.node.outputs[0], "concat", values=values, axis=axis, interleave=False)


@lowers("slice")
def slice(b: Builder, c: Call) -> None:
    """slice_by_index; steps must go forwards."""
    x, (y,) = b.get(c.tensors["x"]), c.node.outputs
    begin, end, stride = [0] * x.rank, [0] * x.rank, [1] * x.rank
    open_end = [True] * x.rank
    for axis, start, stop, step in cuts(c, x.rank):
        size = x.shape[axis]
        if step < 1:
            raise refusal(c, "it steps backwards", "reverse the axis first")
        if size is None and start < 0:
            raise refusal(c, "it counts its start from an end that is known only when it runs")
        if size is not None:  # positions outside are moved to the edge, here and not by the runtime
            start, stop, _ = builtins.slice(start, stop, step).indices(size)
        begin[axis], stride[axis] = start, step
        if stop is not None:
            end[axis], open_end[axis] = stop, False
    b.result(
        y,
        "slice_by_index",
        x=x,
        begin=tuple(begin),
        end=tuple(end),
        stride=tuple(stride),
        begin_mask=(False,) * x.rank,
        end_mask=tuple(open_end),
    )


@lowers("crop_like")
def crop_like(b: Builder, c: Call) -> None:
    """slice_by_size, of the last axes by the sizes that another tensor has when it runs."""
    x, other, offset = b.get(c.tensors["x"]), b.get(c.tensors["other"]), [int(n) for n in c.attrs["offset"]]
    kept = x.rank - len(offset)
    size = b.block.op("shape", x=other, sized=(other.rank,), typed="int32")
    if other.rank > len(offset):
        size = b.block.op(
            "slice_by_index",
            x=size,
            begin=(other.rank - len(offset),),
            end=(other.rank,),
            sized=(len(offset),),
            typed="int32",
        )
    if kept:  # a size of -1 takes all that is there
        every = b.block.value((-1,) * kept)
        size = b.block.op(
            "concat", values=(every, size), axis=0, interleave=False, sized=(x.rank,), typed="int32"
        )
    b.result(c.node.outputs[0], "slice_by_size", x=x, begin=(0,) * kept + tuple(offset), size=size)


@lowers("windows")
def windows(b: Builder, c: Call) -> None:
    """Windows side by side are the sequence side by side with itself, one frame later each time.

    Ends count from the end of the sequence, so that every slice has as many frames, however long it is.
    """
    size, hop = int(c.attrs["size"]), int(c.attrs["hop"])
    x, (y,) = b.get(c.tensors["x"]), c.node.outputs
    frames, width = b.shape(y)
    if width is None:
        raise refusal(c, "its frames have a size that is known only when it runs")
    flat = (x.shape[0], width // size)
    if x.rank != 2:
        x = b.block.op("reshape", x=x, shape=(-1, flat[1]), sized=flat)
    shifted = tuple(
        b.block.op(
            "slice_by_index",
            x=x,
            begin=(k, 0),
            end=(k + 1 - size, 0),
            stride=(hop, 1),
            begin_mask=(False, True),
            end_mask=(k + 1 == size, True),
            sized=(frames, flat[1]),
        )
        for k in range(size)
    )
    b.result(y, "concat", values=shifted, axis=1, interleave=False)


fills("squeeze")(field("squeeze", axes="axes"))
fills("expand_dims")(field("expandDims", axes="axes"))
fills("transpose")(field("transpose", axes="perm"))
fills("reshape")(field("reshapeStatic", targetShape="shape"))
fills("slice_by_index")(
    field(
        "sliceStatic",
        beginIds="begin",
        endIds="end",
        strides="stride",
        beginMasks="begin_mask",
        endMasks="end_mask",
    )
)


@fills("concat")
def concat_layer(layer: Any, p: dict[str, Any], b: Layers) -> Sequence[str]:
    """concatND."""
    layer.concatND.axis = p["axis"]
    return [b.name(value) for value in p["values"]]
