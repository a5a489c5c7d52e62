"""The same elements in another shape or order."""

from __future__ import annotations

import math

import numpy as np

from ..layer import Layer
from ..registry import layer


@layer("reshape")
def reshape(layer: Layer) -> None:
    """Classic: [C, H, W] keeps the sequence, [Seq, C, H, W] sets it; channel-last order rearranges."""
    layer.count(1)
    if layer.rank() != 5:
        raise layer.error("rank of the input does not fit", found=layer.rank(), expected=5)
    target = tuple(int(n) for n in layer.p.targetShape)
    if len(target) not in (3, 4):
        raise layer.error("targetShape cannot be", found=target, expected="3 or 4 sizes")
    # A size of 3 keeps sequence and batch; one of 4 sets the sequence and leaves a batch of one.
    lead = (0, 0) if len(target) == 3 else (target[0], 1)
    channel, height, width = target[-3:]
    if layer.p.choice("mode") == "CHANNEL_FIRST":
        layer.give(layer.emit("reshape", layer.x, shape=(*lead, channel, height, width)))
        return
    x = layer.emit("transpose", layer.x, axes=(0, 1, 3, 4, 2))
    y = layer.emit("reshape", x, shape=(*lead, height, width, channel))
    layer.give(layer.emit("transpose", y, axes=(0, 1, 4, 2, 3)))


@layer("flatten")
def flatten(layer: Layer) -> None:
    """Channel, height and width into one, in either order; the rank stays."""
    layer.count(1)
    layer.at_least(3)
    rank, x = layer.rank(), layer.x
    if layer.p.choice("mode") == "CHANNEL_LAST":
        x = layer.emit("transpose", x, axes=(*range(rank - 3), rank - 2, rank - 1, rank - 3))
    layer.give(layer.emit("reshape", x, shape=(*(0,) * (rank - 3), -1, 1, 1)))


@layer("permute")
def permute(layer: Layer) -> None:
    """Sequence, channel, height and width in another order; the batch stays."""
    layer.count(1)
    axes = tuple(int(n) for n in layer.p.axis) or (0, 1, 2, 3)
    if sorted(axes) != [0, 1, 2, 3] or layer.rank() != 5:
        raise layer.error("no order of four axes of a tensor of rank 5", found=(axes, layer.rank()))
    place = (0, 2, 3, 4)
    order = [place[axis] for axis in axes]
    layer.give(layer.emit("transpose", layer.x, axes=(order[0], 1, *order[1:])))


@layer("transpose")
def transpose(layer: Layer) -> None:
    """All axes in another order."""
    layer.count(1)
    rank = layer.rank()
    # Negative axes wrap around in the unsigned field.
    axes = tuple(layer.axis(int(n) - (1 << 64 if n >= 1 << 63 else 0), rank) for n in layer.p.axes)
    if sorted(axes) != list(range(rank)):
        raise layer.error(
            "axes are no order of the input's", found=axes, expected=f"each of 0 to {rank - 1} once"
        )
    layer.give(layer.emit("transpose", layer.x, axes=axes))


@layer("squeeze")
def squeeze(layer: Layer) -> None:
    """Axes of size one away, at least one axis stays."""
    layer.count(1)
    p = layer.p
    if p.squeezeAll:
        p.ignore("axes")
        layer.give(layer.emit("squeeze_units", layer.x, least=1, rank=None))
        return
    rank = layer.rank()
    axes = tuple(sorted({layer.axis(int(n), rank) for n in p.axes}))
    y = layer.emit("squeeze", layer.x, axes=axes[: rank - 1], rank=max(1, rank - len(axes)))
    layer.give(y)


@layer("expandDims")
def expand_dims(layer: Layer) -> None:
    """New axes of size one."""
    layer.count(1)
    wanted = [int(n) for n in layer.p.axes]
    rank = layer.rank() + len(wanted)
    axes = tuple(layer.axis(n, rank) for n in wanted)
    if len(set(axes)) < len(axes):
        raise layer.error("an axis is named twice", found=tuple(wanted))
    layer.give(layer.emit("expand_dims", layer.x, axes=axes, rank=rank))


@layer("flattenTo2D")
def flatten_to_2d(layer: Layer) -> None:
    """Axes before and after a place, each into one."""
    layer.count(1)
    layer.give(layer.emit("flatten", layer.x, axis=int(layer.p.axis), rank=2))


@layer("reshapeStatic", "rankPreservingReshape")
def reshape_static(layer: Layer) -> None:
    """A shape that the parameters give; 0 keeps a size and -1 stands for what is left."""
    layer.count(1)
    target = tuple(int(n) for n in layer.p.targetShape)
    if not target or min(target) < -1 or target.count(-1) > 1:
        raise layer.error("targetShape cannot be", found=target, expected="sizes, at most one -1")
    if layer.kind == "rankPreservingReshape" and layer.scope.rank(layer.x) not in (None, len(target)):
        raise layer.error("rank does not stay", found=len(target), expected=layer.rank())
    layer.give(layer.emit("reshape", layer.x, shape=target, rank=len(target)))


@layer("reshapeLike")
def reshape_like(layer: Layer) -> None:
    """The shape of a second input."""
    layer.count(2)
    x, other = layer.inputs
    layer.give(layer.emit("reshape_like", x, other, begins=(0,), ends=(None,), rank=layer.scope.rank(other)))


@layer("reshapeDynamic")
def reshape_dynamic(layer: Layer) -> None:
    """The shape that a second input's numbers are."""
    layer.count(2)
    x, shape = layer.inputs
    layer.give(layer.emit("reshape_to", x, layer.whole(shape), rank=length(layer, shape)))


def length(layer: Layer, tensor: str) -> int | None:
    """How many numbers a tensor has, if the file fixes it: the rank of what it is the shape of."""
    values = layer.known(tensor)
    return None if values is None else math.prod(np.shape(values))


@layer("reorganizeData")
def reorganize(layer: Layer) -> None:
    """Between channels and blocks of pixels."""
    layer.count(1)
    layer.at_least(3)
    mode, block = layer.p.choice("mode"), int(layer.p.blockSize)
    if not 1 < block < 1 << 16:
        raise layer.error("blockSize cannot be", found=block, expected="more than 1")
    if mode == "PIXEL_SHUFFLE":
        layer.give(layer.emit("pixel_shuffle", layer.x, factor=block))
    else:
        layer.give(layer.emit(mode.lower(), layer.x, block=block))


@layer("broadcastToLike")
def broadcast_to_like(layer: Layer) -> None:
    """The shape of a second input."""
    layer.count(2)
    layer.give(layer.emit("broadcast_to", *layer.inputs, rank=layer.scope.rank(layer.inputs[1])))


@layer("broadcastToStatic")
def broadcast_to_static(layer: Layer) -> None:
    """A shape that the parameters give."""
    layer.count(1)
    shape = layer.sizes("targetShape", least=1)
    layer.give(layer.emit("broadcast_to", layer.x, shape=shape, rank=len(shape)))


@layer("broadcastToDynamic")
def broadcast_to_dynamic(layer: Layer) -> None:
    """The shape that a second input's numbers are."""
    layer.count(2)
    x, shape = layer.inputs
    layer.give(layer.emit("broadcast_to", x, layer.whole(shape), values=True, rank=length(layer, shape)))
