"""The same elements in another shape or order."""

from __future__ import annotations

import math

import numpy as np

from ..layer import Op
from ..registry import reads


@reads("reshape")
def reshape(op: Op) -> None:
    """Classic: [C, H, W] keeps the sequence, [Seq, C, H, W] sets it; channel-last order rearranges."""
    op.expects(1)
    if op.rank() != 5:
        raise op.error("rank of the input does not fit", found=op.rank(), expected=5)
    target = tuple(int(n) for n in op.attr("targetShape"))
    if len(target) not in (3, 4):
        raise op.error("targetShape is not valid", found=target, expected="3 or 4 sizes")
    # A size of 3 keeps sequence and batch; one of 4 sets the sequence and leaves a batch of one.
    lead = (0, 0) if len(target) == 3 else (target[0], 1)
    channel, height, width = target[-3:]
    if op.attr("mode") == "CHANNEL_FIRST":
        op.give("reshape", [op.input(0)], shape=(*lead, channel, height, width))
        return
    x = op.temp("transpose", [op.input(0)], axes=(0, 1, 3, 4, 2))
    y = op.temp("reshape", [x], shape=(*lead, height, width, channel))
    op.give("transpose", [y], axes=(0, 1, 4, 2, 3))


@reads("flatten")
def flatten(op: Op) -> None:
    """Channel, height and width into one, in either order; the rank stays."""
    op.expects(1)
    op.at_least(3)
    rank, x = op.rank(), op.input(0)
    if op.attr("mode") == "CHANNEL_LAST":
        x = op.temp("transpose", [x], axes=(*range(rank - 3), rank - 2, rank - 1, rank - 3))
    op.give("reshape", [x], shape=(*(0,) * (rank - 3), -1, 1, 1))


@reads("permute")
def permute(op: Op) -> None:
    """Sequence, channel, height and width in another order; the batch stays."""
    op.expects(1)
    axes = tuple(int(n) for n in op.attr("axis")) or (0, 1, 2, 3)
    if sorted(axes) != [0, 1, 2, 3] or op.rank() != 5:
        raise op.error("no order of four axes of a tensor of rank 5", found=(axes, op.rank()))
    place = (0, 2, 3, 4)
    order = [place[axis] for axis in axes]
    op.give("transpose", [op.input(0)], axes=(order[0], 1, *order[1:]))


@reads("transpose")
def transpose(op: Op) -> None:
    """All axes in another order."""
    op.expects(1)
    rank = op.rank()
    # Negative axes wrap around in the unsigned field.
    axes = tuple(op.axis(int(n) - (1 << 64 if n >= 1 << 63 else 0), rank) for n in op.attr("axes"))
    if sorted(axes) != list(range(rank)):
        raise op.error(
            "axes are no order of the input's", found=axes, expected=f"each of 0 to {rank - 1} once"
        )
    op.give("transpose", [op.input(0)], axes=axes)


@reads("squeeze")
def squeeze(op: Op) -> None:
    """Axes of size one away, at least one axis stays."""
    op.expects(1)
    if op.attr("squeezeAll"):
        op.ignore("axes")
        op.give("squeeze_units", [op.input(0)], least=1, rank=None)
        return
    rank = op.rank()
    axes = tuple(sorted({op.axis(int(n), rank) for n in op.attr("axes")}))
    y = op.temp("squeeze", [op.input(0)], axes=axes[: rank - 1])
    op.results(y)


@reads("expandDims")
def expand_dims(op: Op) -> None:
    """New axes of size one."""
    op.expects(1)
    wanted = [int(n) for n in op.attr("axes")]
    rank = op.rank() + len(wanted)
    axes = tuple(op.axis(n, rank) for n in wanted)
    if len(set(axes)) < len(axes):
        raise op.error("an axis is named twice", found=tuple(wanted))
    op.give("expand_dims", [op.input(0)], axes=axes)


@reads("flattenTo2D")
def flatten_to_2d(op: Op) -> None:
    """Axes before and after a place, each into one."""
    op.expects(1)
    op.give("flatten", [op.input(0)], axis=op.attr("axis", kind=int))


@reads("reshapeStatic", "rankPreservingReshape")
def reshape_static(op: Op) -> None:
    """A shape that the parameters give; 0 keeps a size and -1 stands for what is left."""
    op.expects(1)
    target = tuple(int(n) for n in op.attr("targetShape"))
    if not target or min(target) < -1 or target.count(-1) > 1:
        raise op.error("targetShape is not valid", found=target, expected="sizes, at most one -1")
    if op.type == "rankPreservingReshape" and op.scope.rank(op.input(0)) not in (None, len(target)):
        raise op.error("rank does not stay", found=len(target), expected=op.rank())
    op.give("reshape", [op.input(0)], shape=target)


@reads("reshapeLike")
def reshape_like(op: Op) -> None:
    """The shape of a second input."""
    op.expects(2)
    x, other = op.inputs()
    op.give("reshape_like", [x, other], begins=(0,), ends=(None,), rank=op.scope.rank(other))


@reads("reshapeDynamic")
def reshape_dynamic(op: Op) -> None:
    """The shape that a second input's numbers are."""
    op.expects(2)
    x, shape = op.inputs()
    op.give("reshape_to", [x, op.whole(shape)], rank=length(op, 1))


def length(op: Op, place: int) -> int | None:
    """How many numbers an input has, if the file fixes it: the rank of what it is the shape of."""
    values = op.known(place)
    return None if values is None else math.prod(np.shape(values))


@reads("reorganizeData")
def reorganize(op: Op) -> None:
    """Between channels and blocks of pixels."""
    op.expects(1)
    op.at_least(3)
    mode, block = op.attr("mode"), op.attr("blockSize", kind=int)
    if not 1 < block < 1 << 16:
        raise op.error("blockSize is not valid", found=block, expected="more than 1")
    if mode == "PIXEL_SHUFFLE":
        op.give("pixel_shuffle", [op.input(0)], factor=block)
    else:
        op.give(mode.lower(), [op.input(0)], block=block)


@reads("broadcastToLike")
def broadcast_to_like(op: Op) -> None:
    """The shape of a second input."""
    op.expects(2)
    op.give("broadcast_to", op.inputs(), rank=op.scope.rank(op.input(1)))


@reads("broadcastToStatic")
def broadcast_to_static(op: Op) -> None:
    """A shape that the parameters give."""
    op.expects(1)
    shape = op.sizes("targetShape", least=1)
    op.give("broadcast_to", [op.input(0)], shape=shape, rank=len(shape))


@reads("broadcastToDynamic")
def broadcast_to_dynamic(op: Op) -> None:
    """The shape that a second input's numbers are."""
    op.expects(2)
    x, shape = op.inputs()
    op.give("broadcast_to", [x, op.whole(shape)], values=True, rank=length(op, 1))
