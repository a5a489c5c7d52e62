"""Operators that lay elements out anew."""

from __future__ import annotations

import math

import numpy as np

from ..node import Op, reads
from ..scope import Kind, Size


@reads("Reshape")
def reshape(op: Op) -> None:
    """y has the elements of x in another shape, of which a -1 is what is left and a 0 copies a size of x"""
    literal = op.attr("allowzero", False, bool)
    sizes = op.attr("shape", None) if op.version < 5 else op.value(1).sizes
    shape = op.kind(0).shape
    found = _said(sizes, shape, literal) if sizes is not None else None
    if sizes is not None:
        known = tuple(
            shape[k]
            if n == 0 and not literal and shape is not None and k < len(shape)
            else None
            if n in (-1, 0)
            else n
            for k, n in enumerate(sizes)
        )
        kind = Kind(op.dtype(), known)
    if found is not None:
        op.give("reshape", [op.input(0)], kind=kind, shape=found)
        return
    if sizes is None:
        rank = None if op.kind(1).shape is None else op.shape(1)[0]
        kind = Kind(op.dtype(), (None,) * rank if isinstance(rank, int) else None)
    op.give("reshape_to", op.inputs(0, 1), kind=kind, zeros="literal" if literal else "left")


def _said(sizes: tuple[Size, ...], shape: tuple[Size, ...] | None, literal: bool) -> tuple[int, ...] | None:
    """A shape of which parts may be names of free axes, as the core operator takes it; None if there is none."""
    said: list[int] = []
    left = 0
    for place, n in enumerate(sizes):
        same = shape is not None and place < len(shape) and shape[place] == n and n is not None
        if n == 0 and literal:
            return None
        if isinstance(n, int):
            said.append(n)
        elif same:
            said.append(0)
        else:
            said.append(-1)
            left += 1
    if left and (
        said.count(-1) > 1 or any(n == 0 and not isinstance(s, str) for n, s in zip(said, sizes, strict=True))
    ):
        return None
    if left and shape is not None and 0 in shape:
        return None
    return tuple(said) if said.count(-1) <= 1 else None


@reads("Transpose")
def transpose(op: Op) -> None:
    """y = x with its axes in another order"""
    perm = op.attr("perm", None)
    op.give("transpose", [op.input(0)], axes=None if perm is None else tuple(perm))


@reads("Flatten")
def flatten(op: Op) -> None:
    """y = x as a matrix, the axes before some axis by the others"""
    op.give("flatten", [op.input(0)], axis=op.attr("axis", 1))


@reads("Unsqueeze")
def unsqueeze(op: Op) -> None:
    """y = x with axes of size one put in"""
    if op.version >= 13 and op.known(1) is None:
        op.give("with_settings", op.inputs(0, 1), of="expand_dims", settings=(("axes", "numbers"),), given={})
        return
    op.give("expand_dims", [op.input(0)], axes=op.attr("axes") if op.version < 13 else op.numbers(1))


@reads("Squeeze")
def squeeze(op: Op) -> None:
    """y = x without axes of size one: some, or all"""
    if op.version >= 13 and op.has(1) and op.known(1) is None:
        op.give("with_settings", op.inputs(0, 1), of="squeeze", settings=(("axes", "numbers"),), given={})
        return
    axes = op.attr("axes", None) if op.version < 13 else op.numbers(1) if op.has(1) else None
    if axes is not None:
        op.give("squeeze", [op.input(0)], axes=axes)
    elif all(isinstance(n, int) for n in op.kind(0).shape or (None,)):
        op.give("squeeze", [op.input(0)], axes=tuple(k for k, n in enumerate(op.shape()) if n == 1))
    else:
        op.give("squeeze_units", [op.input(0)])


@reads("Concat")
def concat(op: Op) -> None:
    """y = the arrays one after the other along an axis"""
    op.give("concat", op.inputs(), axis=op.attr("axis", 1) if op.version < 4 else op.attr("axis"))


@reads("Split")
def split(op: Op) -> None:
    """y_k = parts of x along an axis"""
    axis = op.attr("axis", 0)
    if op.version >= 13 and op.has(1) and op.known(1) is None:
        op.give(
            "with_settings",
            op.inputs(0, 1),
            of="split",
            settings=(("sizes", "numbers"),),
            given={"axis": axis},
        )
        return
    sizes = op.attr("split", None) if op.version < 13 else op.numbers(1) if op.has(1) else None
    if sizes is not None:
        op.give("split", [op.input(0)], axis=axis, sizes=sizes)
        return
    count = op.attr("num_outputs", len(op.outputs))
    if count != len(op.outputs):
        raise op.error("num_outputs is not the number of outputs", found=count, expected=len(op.outputs))
    size = op.shape()[op.axis(axis)]
    if isinstance(size, int) and size % count:  # all parts are as large but the last
        part = math.ceil(size / count)
        op.give("split", [op.input(0)], axis=axis, sizes=(*(part,) * (count - 1), size - part * (count - 1)))
    else:
        op.give("split", [op.input(0)], axis=axis, count=count)


@reads("Expand")
def expand(op: Op) -> None:
    """y = x broadcast with a shape"""
    sizes, shape = op.value(1).sizes, op.kind(0).shape
    if sizes is not None and shape is not None and all(isinstance(n, int) for n in (*sizes, *shape)):
        target = np.broadcast_shapes(tuple(int(n or 0) for n in sizes), tuple(int(n or 0) for n in shape))
        op.give("broadcast_to", [op.input(0)], shape=target)
    else:
        op.give("broadcast_to", op.inputs(0, 1), values=True, mutual=True)


@reads("Tile")
def tile(op: Op) -> None:
    """y = x laid down several times along each axis"""
    if op.known(1) is not None:
        op.give("tile", [op.input(0)], repeats=op.numbers(1))
    else:
        op.give("tile", op.inputs(0, 1))
