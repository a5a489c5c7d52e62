"""madmom's layers without memory, one function each: what they compute, as nodes."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from ...errors import ArtefactError
from ...graph import Array
from . import recurrent
from .builder import Builder, Extent, as_float, shaped, spread
from .record import View, whole


def activate(builder: Builder, name: str, view: View) -> None:
    """Add the layer's activation as a node of its own; linear is none."""
    act = view.activation()
    attrs: dict[str, Any] = {}
    if act == "linear":
        return
    if act == "softmax":
        if builder.rank < 2:
            raise ArtefactError("softmax runs over axis 1, and there is none", where=view.where)
        # madmom always takes axis 1: features for frames, but frequencies for images.
        attrs = {"axis": -1 if builder.rank == 2 else 1}
    builder.node(f"{name}_{act}", act, f"{view.where}.activation_fn", builder.axes, **attrs)


def feed_forward(builder: Builder, name: str, view: View) -> None:
    """y = act(x W + b). A vector of weights makes a vector of results, as numpy's dot does."""
    weight, where = view.array("weights"), f"{view.where}.weights"
    vector = weight.ndim == 1
    weight = shaped(weight.reshape(-1, 1) if vector else weight, (None, None), where)
    if builder.rank < 1 or (builder.rank == 1 and not vector) or not builder.axes[-1].fits(weight.shape[0]):
        raise ArtefactError(
            "a dense layer does not fit what comes before it",
            where=where,
            found=f"{builder.axes[-1].known if builder.rank else 'a single number'} from the layer before",
            expected=f"frames of {weight.shape[0]}",
        )
    bias = spread(view.array("bias"), weight.shape[1], f"{view.where}.bias", weight)
    axes = (*builder.axes[:-1], Extent(weight.shape[1]))
    builder.node(f"{name}_dense", "dense", view.where, axes, {"weight": weight, "bias": bias})
    if vector:
        builder.node(f"{name}_squeeze", "squeeze", view.where, axes[:-1], axes=(-1,))
    activate(builder, name, view)


def memory(builder: Builder, name: str, view: View) -> None:
    """A recurrent layer in one direction."""
    recurrent.add(builder, name, (recurrent.direction(view),), (view,), view.where)


def bidirectional(builder: Builder, name: str, view: View) -> None:
    """Forward and backward layers; the backward one reads and returns time reversed."""
    views = tuple(view.part(side, *recurrent.RECURRENT) for side in ("fwd_layer", "bwd_layer"))
    recurrent.add(builder, name, tuple(map(recurrent.direction, views)), views, view.where)


def convolution(builder: Builder, name: str, view: View) -> None:
    """True convolution over time and frequency, valid; a channel axis is added where there is none."""
    weight = shaped(view.array("weights"), (None,) * 4, f"{view.where}.weights")
    for option, only in (("stride", 1), ("pad", "valid")):
        if view.get(option, only) != only:
            raise ArtefactError(
                f"only {option}={only!r} is something that madmom runs", where=f"{view.where}.{option}"
            )
    if builder.rank == 2:
        builder.node(f"{name}_channel", "expand_dims", view.where, (*builder.axes, Extent(1)), axes=(2,))
    inputs, outputs, height, width = weight.shape
    if builder.rank != 3 or not builder.axes[2].fits(inputs):
        raise ArtefactError(
            "a convolution does not fit what comes before it",
            where=f"{view.where}.weights",
            found=f"{builder.axes[2].known} channels" if builder.rank == 3 else f"rank {builder.rank}",
            expected=f"{inputs} channels",
        )
    time, frequency = (
        builder.axes[0].then(lambda n: n - height + 1),
        builder.axes[1].then(lambda n: n - width + 1),
    )
    bias = spread(view.array("bias"), outputs, f"{view.where}.bias", weight)
    builder.node(
        f"{name}_conv", "conv", view.where, (time, frequency, Extent(outputs)),
        {"weight": np.ascontiguousarray(weight.transpose(2, 3, 0, 1)), "bias": bias},
        strides=(1, 1), padding=((0, 0), (0, 0)), dilations=(1, 1), groups=1, flip=True,
    )  # fmt: skip
    activate(builder, name, view)


def batch_norm(builder: Builder, name: str, view: View) -> None:
    """(x - mean) * (gamma * inv_std) + beta; what is stored is the inverse deviation, not the variance."""
    raw = {part: view.array(part) for part in ("mean", "inv_std", "gamma", "beta")}
    like = next((array for array in raw.values() if array.dtype.kind == "f"), None)
    for part, array in raw.items():
        check_broadcast(builder, array, f"{view.where}.{part}")
    arrays: dict[str, Array | None] = {part: as_float(array, like) for part, array in raw.items()}
    builder.node(f"{name}_normalize", "normalize", view.where, builder.axes, arrays)
    activate(builder, name, view)


def check_broadcast(builder: Builder, array: Array, where: str) -> None:
    """A parameter must broadcast on the right without making the data larger, and not along time."""
    for place, size in enumerate(reversed(array.shape)):
        extent = builder.axes[-1 - place] if place < builder.rank else Extent(0)
        if size != 1 and (not extent.fits(size) or place >= builder.rank - 1):
            raise ArtefactError(
                "a parameter does not fit the layer before it",
                where=where,
                found=array.shape,
                expected=f"something that broadcasts to ({', '.join(str(e.known or 'any') for e in builder.axes)})",
            )


def max_pool(builder: Builder, name: str, view: View) -> None:
    """Maximum over windows of time and frequency.

    madmom filters with zeros around the data and takes every stride-th result from size // 2 on. So a window
    may reach size - 1 - size // 2 zeros beyond the end, which is a pad before a valid pool, unless the size
    of the axis is known and no window reaches that far.
    """
    size = view.integers("size", rank=2)
    stride = view.integers("stride", rank=2) if view.has("stride") else size
    if min(*size, *stride) < 1 or builder.rank != 3:
        raise ArtefactError(
            "max pooling does not fit", where=view.where, found=f"size {size}, stride {stride}"
        )
    zeros = tuple(map(_zeros_read, builder.axes[:2], size, stride))
    if any(zeros):
        axes = (
            *(_longer(extent, n) for extent, n in zip(builder.axes[:2], zeros, strict=True)),
            builder.axes[2],
        )
        builder.node(
            f"{name}_pad",
            "pad",
            view.where,
            axes,
            before=(0, 0, 0),
            after=(*zeros, 0),
            value=0.0,
            mode="constant",
        )
    time, frequency = (
        extent.then(lambda n, size=k, stride=s: (n - size) // stride + 1)  # type: ignore[misc]
        for extent, k, s in zip(builder.axes[:2], size, stride, strict=True)
    )
    builder.node(
        f"{name}_max_pool",
        "max_pool",
        view.where,
        (time, frequency, builder.axes[2]),
        size=size,
        strides=stride,
    )


def _zeros_read(extent: Extent, size: int, stride: int) -> int:
    """How many zeros past the end a window may reach."""
    zeros = size - 1 - size // 2
    if extent.known is None:
        return zeros
    last = (extent.known - 1 - size // 2) // stride * stride + size - 1
    return 0 if last < extent.known else zeros


def _longer(extent: Extent, more: int) -> Extent:
    return extent.then(lambda n: n + more)


def stride(builder: Builder, name: str, view: View) -> None:
    """Sliding blocks of frames, hop 1, each flattened in (time, frequency, channel) order. Not a flatten."""
    block = view.integer("block_size")
    if block < 1 or builder.rank < 1:
        raise ArtefactError("a block needs at least one frame", where=f"{view.where}.block_size", found=block)
    sizes = [extent.known for extent in builder.axes[1:]]
    rest = None if None in sizes else math.prod(size for size in sizes if size is not None) * block
    axes = (builder.axes[0].then(lambda n: n - block + 1), Extent(rest))
    builder.node(f"{name}_windows", "windows", view.where, axes, size=block, hop=1)


def pad(builder: Builder, name: str, view: View) -> None:
    """The same value on both ends of the named axes, and only of those."""
    width, value = view.integer("width"), view.array("value") if view.has("value") else np.float32(0)
    axes = [_axis(axis, builder.rank, f"{view.where}.axes") for axis in view.integers("axes")]
    if width < 1 or np.ndim(value) or len(set(axes)) < len(axes):
        raise ArtefactError("padding does not fit", where=view.where, found=f"width {width}, axes {axes}")
    ends = tuple(width if axis in axes else 0 for axis in range(builder.rank))
    longer = tuple(
        _longer(extent, 2 * n) if n else extent for extent, n in zip(builder.axes, ends, strict=True)
    )
    builder.node(
        f"{name}_pad", "pad", view.where, longer, before=ends, after=ends, value=float(value), mode="constant"
    )


def average(builder: Builder, name: str, view: View) -> None:
    """The mean over some axes, or over all."""
    axis, keep = view.get("axis", None), bool(view.get("keepdims", False))
    if view.get("dtype", None) is not None:
        raise ArtefactError("an average in a type of its own is not known here", where=f"{view.where}.dtype")
    wanted: Any = range(builder.rank) if axis is None else axis if isinstance(axis, tuple) else (axis,)
    where = f"{view.where}.axis"
    axes = tuple(sorted(_axis(whole(one, where), builder.rank, where) for one in wanted))
    if len(set(axes)) < len(axes):
        raise ArtefactError("an axis is named twice", where=where, found=axes)
    left = tuple(
        Extent(1) if place in axes else extent
        for place, extent in enumerate(builder.axes)
        if keep or place not in axes
    )
    builder.node(f"{name}_mean", "reduce_mean", view.where, left, axes=axes, keepdims=keep)


def transpose(builder: Builder, name: str, view: View) -> None:
    """Axes in another order, by default reversed."""
    where = f"{view.where}.axes"
    given = view.integers("axes") if view.has("axes") else tuple(reversed(range(builder.rank)))
    axes = tuple(_axis(axis, builder.rank, where) for axis in given)
    if sorted(axes) != list(range(builder.rank)):
        raise ArtefactError(
            "not an order of all axes", where=where, found=given, expected=f"{builder.rank} axes"
        )
    builder.node(
        f"{name}_transpose", "transpose", view.where, tuple(builder.axes[axis] for axis in axes), axes=axes
    )


def reshape(builder: Builder, name: str, view: View) -> None:
    """Another shape, elements in C order or in Fortran order."""
    given, order = view.get("newshape"), view.get("order", "C")
    shape = view.integers("newshape") if isinstance(given, tuple | list) else (view.integer("newshape"),)
    if order not in ("C", "F") or shape.count(-1) > 1 or any(n < 1 and n != -1 for n in shape):
        raise ArtefactError(
            "no such shape", where=view.where, found=f"{shape}, order {order!r}", expected="C or F"
        )
    backwards = order == "F"
    if backwards:  # Fortran order is C order with all axes reversed, before and after
        _turn(builder, f"{name}_before", view)
    wanted = shape[::-1] if backwards else shape
    sizes = [extent.known for extent in builder.axes]
    total = None if None in sizes else math.prod(size for size in sizes if size is not None)
    fixed = math.prod(n for n in wanted if n != -1)
    if total is not None and (total % fixed or (-1 not in wanted and total != fixed)):
        raise ArtefactError(
            "the elements do not fit the shape", where=view.where, found=total, expected=shape
        )
    axes = tuple(Extent(n if n != -1 else total // fixed if total is not None else None) for n in wanted)
    builder.node(f"{name}_reshape", "reshape", view.where, axes, shape=wanted)
    if backwards:
        _turn(builder, f"{name}_after", view)


def _turn(builder: Builder, name: str, view: View) -> None:
    axes = tuple(reversed(range(builder.rank)))
    builder.node(name, "transpose", view.where, builder.axes[::-1], axes=axes)


def _axis(axis: int, rank: int, where: str) -> int:
    if not -rank <= axis < rank:
        raise ArtefactError("no such axis", where=where, found=axis, expected=f"one of {rank}")
    return axis % rank


READERS: dict[str, Callable[[Builder, str, View], None]] = {
    "FeedForwardLayer": feed_forward,
    "RecurrentLayer": memory,
    "LSTMLayer": memory,
    "GRULayer": memory,
    "BidirectionalLayer": bidirectional,
    "ConvolutionalLayer": convolution,
    "BatchNormLayer": batch_norm,
    "MaxPoolLayer": max_pool,
    "StrideLayer": stride,
    "PadLayer": pad,
    "AverageLayer": average,
    "TransposeLayer": transpose,
    "ReshapeLayer": reshape,
}
