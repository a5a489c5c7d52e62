"""Tensors in another shape: axes added, dropped, turned, and pixels moved between them."""

from __future__ import annotations

import numpy as np

from ..operators import Op, mil
from ._operands import numbers, whole


@mil("expand_dims")
def expand_dims(op: Op) -> None:
    """y = x with unit axes at ``axes``, counted in y"""
    op.emit("expand_dims", [op.tensor("x")], axes=numbers(op, "axes"))


@mil("squeeze")
def squeeze(op: Op) -> None:
    """y = x without axes of size one: those of ``axes``, or all; other sizes stay, and so do sizes not known"""
    shape = op.shape("x")
    axes = numbers(op, "axes") if op.has("axes") else range(len(shape))
    if any(not -len(shape) <= axis < len(shape) for axis in axes):
        raise op.error("an axis is not there", found=tuple(axes), expected=f"axes of {shape}")
    dropped = sorted({axis % len(shape) for axis in axes if shape[axis] == 1})
    op.emit("squeeze", [op.tensor("x")], axes=tuple(dropped))


@mil("transpose")
def transpose(op: Op) -> None:
    """y = x with its axes in the order ``perm``"""
    op.emit("transpose", [op.tensor("x")], axes=numbers(op, "perm"))


@mil("reshape")
def reshape(op: Op) -> None:
    """y = the elements of x in ``shape``: -1 is what is left, 0 a size of x, counted from the last axis

    With as many sizes as axes, as older versions demand where there is a 0, that is the axis at the same place.
    """
    known = op.known("shape")
    if known is None:
        op.emit("reshape_to", [op.tensor("x"), op.tensor("shape")])
        return
    if known.dtype.kind not in "iu":
        raise op.error("sizes are not whole numbers", found=known.dtype)
    sizes = tuple(int(n) for n in known.reshape(-1))
    if 0 in sizes and len(sizes) != op.rank("x"):
        op.emit("reshape_to", [op.tensor("x"), op.tensor("shape")])
    else:
        op.emit("reshape", [op.tensor("x")], shape=sizes)


@mil("reshape_like")
def reshape_like(op: Op) -> None:
    """y = the elements of x in sizes taken from ``ref_tensors``, each between its ``begins`` and ``ends``"""
    others, begins = op.tensors("ref_tensors"), [int(n) for n in op.consts("begins")]
    ends, opened = [int(n) for n in op.consts("ends")], [bool(b) for b in op.consts("end_masks")]
    if not len(others) == len(begins) == len(ends) == len(opened):
        raise op.error("lists differ in length", found=(len(others), len(begins), len(ends), len(opened)))
    upto = tuple(None if free else end for end, free in zip(ends, opened, strict=True))
    op.emit("reshape_like", [op.tensor("x"), *others], begins=tuple(begins), ends=upto)


@mil("reverse")
def reverse(op: Op) -> None:
    """y = x backwards along ``axes``, or along all"""
    op.emit("reverse", [op.tensor("x")], axes=numbers(op, "axes") if op.has("axes") else None)


@mil("reverse_sequence")
def reverse_sequence(op: Op) -> None:
    """y = x with the first ``lengths`` elements of each sequence backwards"""
    op.emit(
        "reverse_sequence",
        [op.tensor("x"), op.tensor("lengths")],
        batch_axis=op.const("batch_axis", 0),
        time_axis=op.const("seq_axis", 0),
    )


@mil("sliding_windows")
def sliding_windows(op: Op) -> None:
    """y = every ``stride``-th stretch of ``size`` elements along ``axis``"""
    op.emit(
        "sliding_windows",
        [op.tensor("x")],
        axis=op.const("axis"),
        size=op.const("size"),
        stride=op.const("stride", 1),
    )


@mil("depth_to_space", "space_to_depth")
def depth_and_space(op: Op) -> None:
    """Channels become blocks of pixels, or blocks channels."""
    op.emit(op.type, [op.tensor("x")], block=op.const("block_size"))


@mil("pixel_shuffle")
def pixel_shuffle(op: Op) -> None:
    """Channels become blocks of pixels, channel by channel."""
    op.emit("pixel_shuffle", [op.tensor("x")], factor=op.const("upscale_factor"))


@mil("pixel_unshuffle")
def pixel_unshuffle(op: Op) -> None:
    """Blocks of pixels become channels, channel by channel."""
    op.emit("pixel_unshuffle", [op.tensor("x")], factor=op.const("downscale_factor"))


@mil("space_to_batch")
def space_to_batch(op: Op) -> None:
    """Blocks of pixels become images of their own."""
    block, padding = numbers(op, "block_shape"), _pairs(op, "paddings")
    op.emit("space_to_batch", [op.tensor("x")], block=block, padding=padding)


@mil("batch_to_space")
def batch_to_space(op: Op) -> None:
    """Images become the blocks of pixels of one."""
    op.emit("batch_to_space", [op.tensor("x")], block=numbers(op, "block_shape"), crops=_pairs(op, "crops"))


def _pairs(op: Op, param: str) -> tuple[tuple[int, int], ...]:
    """A parameter of shape (axis, 2)."""
    found = np.asarray(op.const(param))
    if found.dtype.kind not in "iu" or found.ndim != 2 or found.shape[1] != 2 or not whole(op, param):
        raise op.error(f"parameter {param!r} is no list of pairs", found=f"{found.dtype} {found.shape}")
    return tuple((int(a), int(b)) for a, b in found)
