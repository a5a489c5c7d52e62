"""Tensors in another shape: axes added, dropped, turned, and pixels moved between them."""

from __future__ import annotations

import numpy as np

from ..operators import Op, reads
from ._operands import whole


@reads("expand_dims")
def expand_dims(op: Op) -> None:
    """y = x with unit axes at ``axes``, counted in y"""
    op.give("expand_dims", [op.input("x")], axes=op.numbers("axes"))


@reads("squeeze")
def squeeze(op: Op) -> None:
    """y = x without axes of size one: those of ``axes``, or all; other sizes stay, and so do sizes not known"""
    shape = op.shape("x")
    axes = op.numbers("axes") if op.has("axes") else range(len(shape))
    if any(not -len(shape) <= axis < len(shape) for axis in axes):
        raise op.error("an axis is not there", found=tuple(axes), expected=f"axes of {shape}")
    dropped = sorted({axis % len(shape) for axis in axes if shape[axis] == 1})
    op.give("squeeze", [op.input("x")], axes=tuple(dropped))


@reads("transpose")
def transpose(op: Op) -> None:
    """y = x with its axes in the order ``perm``"""
    op.give("transpose", [op.input("x")], axes=op.numbers("perm"))


@reads("reshape")
def reshape(op: Op) -> None:
    """y = the elements of x in ``shape``: -1 is what is left, 0 a size of x, counted from the last axis

    With as many sizes as axes, as older versions demand where there is a 0, that is the axis at the same place.
    """
    known = op.known("shape")
    if known is None:
        op.give("reshape_to", op.inputs("x", "shape"))
        return
    if known.dtype.kind not in "iu":
        raise op.error("sizes are not whole numbers", found=known.dtype)
    sizes = tuple(int(n) for n in known.reshape(-1))
    if 0 in sizes and len(sizes) != op.rank("x"):
        op.give("reshape_to", op.inputs("x", "shape"))
    else:
        op.give("reshape", [op.input("x")], shape=sizes)


@reads("reshape_like")
def reshape_like(op: Op) -> None:
    """y = the elements of x in sizes taken from ``ref_tensors``, each between its ``begins`` and ``ends``"""
    others, begins = op.inputs("ref_tensors"), [int(n) for n in op.consts("begins")]
    ends, opened = [int(n) for n in op.consts("ends")], [bool(b) for b in op.consts("end_masks")]
    if not len(others) == len(begins) == len(ends) == len(opened):
        raise op.error("lists differ in length", found=(len(others), len(begins), len(ends), len(opened)))
    upto = tuple(None if free else end for end, free in zip(ends, opened, strict=True))
    op.give("reshape_like", [op.input("x"), *others], begins=tuple(begins), ends=upto)


@reads("reverse")
def reverse(op: Op) -> None:
    """y = x backwards along ``axes``, or along all"""
    op.give("reverse", [op.input("x")], axes=op.numbers("axes") if op.has("axes") else None)


@reads("reverse_sequence")
def reverse_sequence(op: Op) -> None:
    """y = x with the first ``lengths`` elements of each sequence backwards"""
    op.give(
        "reverse_sequence",
        op.inputs("x", "lengths"),
        batch_axis=op.attr("batch_axis", 0),
        time_axis=op.attr("seq_axis", 0),
    )


@reads("sliding_windows")
def sliding_windows(op: Op) -> None:
    """y = every ``stride``-th stretch of ``size`` elements along ``axis``"""
    op.give(
        "sliding_windows",
        [op.input("x")],
        axis=op.attr("axis"),
        size=op.attr("size"),
        stride=op.attr("stride", 1),
    )


@reads("depth_to_space", "space_to_depth")
def depth_and_space(op: Op) -> None:
    """Channels become blocks of pixels, or blocks channels."""
    op.give(op.type, [op.input("x")], block=op.attr("block_size"))


@reads("pixel_shuffle")
def pixel_shuffle(op: Op) -> None:
    """Channels become blocks of pixels, channel by channel."""
    op.give("pixel_shuffle", [op.input("x")], factor=op.attr("upscale_factor"))


@reads("pixel_unshuffle")
def pixel_unshuffle(op: Op) -> None:
    """Blocks of pixels become channels, channel by channel."""
    op.give("pixel_unshuffle", [op.input("x")], factor=op.attr("downscale_factor"))


@reads("space_to_batch")
def space_to_batch(op: Op) -> None:
    """Blocks of pixels become images of their own."""
    block, padding = op.numbers("block_shape"), _pairs(op, "paddings")
    op.give("space_to_batch", [op.input("x")], block=block, padding=padding)


@reads("batch_to_space")
def batch_to_space(op: Op) -> None:
    """Images become the blocks of pixels of one."""
    op.give("batch_to_space", [op.input("x")], block=op.numbers("block_shape"), crops=_pairs(op, "crops"))


def _pairs(op: Op, param: str) -> tuple[tuple[int, int], ...]:
    """A parameter of shape (axis, 2)."""
    found = np.asarray(op.attr(param))
    if found.dtype.kind not in "iu" or found.ndim != 2 or found.shape[1] != 2 or not whole(op, param):
        raise op.error(f"parameter {param!r} is no list of pairs", found=f"{found.dtype} {found.shape}")
    return tuple((int(a), int(b)) for a, b in found)
