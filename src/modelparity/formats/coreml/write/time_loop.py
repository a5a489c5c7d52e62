"""A loop over time as MIL has it: one ``while_loop`` whose results are written into a list.

A turn of the loop costs about as much as the work of a small cell, in Apple's runtime as in this package's engine;
so a turn takes several frames. The last turn may run over the end: frames of zeros stand there, and what comes of
them is cut off.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from .block import Block
from .values import Shape, Value

#: (block of the loop's body, this frame's input, states) -> new states, the first of which is the frame's result.
Cell = Callable[[Block, Value, Sequence[Value]], Sequence[Value]]

#: Frames in a turn of a loop whose last states nobody wants.
FRAMES = 8


def scan(
    b: Block, xs: Value, states: Sequence[Value], cell: Cell, *, finals: bool
) -> tuple[Value, list[Value]]:
    """Run ``cell`` over the first axis of ``xs`` (time, direction, ...) from states (direction, ...).

    Returns the results of all frames on a leading axis, and with ``finals`` the last states.
    """
    many = 1 if finals else FRAMES
    frames = length(b, xs)
    turns = frames if many == 1 else b.pointwise("floor_div", b.pointwise("add", frames, many - 1), many)
    blocks = xs if many == 1 else _in_blocks(b, xs, turns, many)
    result = states[0]
    d = result.shape[0]
    assert d is not None
    element = (many * d, *result.shape[1:])
    kind: dict[str, Any] = {"sized": element, "typed": result.dtype}
    begun = b.op(
        "make_list",
        init_length=turns,
        elem_shape=tuple(b.value(n or 1) for n in element),
        **kind,
        listed=True,
        dtype={"float32": "fp32", "float16": "fp16"}[result.dtype],
        dynamic_length=False,
    )
    carried = [b.value(0), begun, *states]
    condition = _block(b, carried)
    condition.outputs = [condition.pointwise("less", condition.inputs[0], turns, typed="bool")]
    body = _block(b, carried)
    turn, results, *now = body.inputs
    block = body.op("gather", x=blocks, indices=turn, axis=0, sized=blocks.shape[1:], typed=xs.dtype)
    made = []
    for frame in body.split(block, (d,) * many, axis=0) if many > 1 else [block]:
        now = list(cell(body, frame, now))
        made.append(now[0])
    joined = made[0]
    if many > 1:
        joined = body.op("concat", values=tuple(made), axis=0, interleave=False, **kind)
    written = body.op("list_write", ls=results, index=turn, value=joined, **kind, listed=True)
    body.outputs = [body.pointwise("add", turn, 1), written, *now]
    _, results, *last = b.loop(carried, condition, body)
    ys = b.op("list_gather", ls=results, indices=_range(b, turns), sized=(None, *element), typed=result.dtype)
    if many == 1:
        return ys, last
    flat = b.op("reshape", x=ys, shape=(-1, *result.shape), sized=(None, *result.shape), typed=result.dtype)
    return _rows(b, flat, _range(b, frames)), []


def length(b: Block, x: Value, axis: int = 0) -> Value:
    """The size of an axis, known when the program runs."""
    shape = b.op("shape", x=x, sized=(x.rank,), typed="int32")
    return b.op("gather", x=shape, indices=axis, axis=0, sized=(), typed="int32")


def _in_blocks(b: Block, xs: Value, turns: Value, many: int) -> Value:
    """Frames of each turn stacked on the axis behind time, zeros where the last turn runs over the end."""
    rest: Shape = xs.shape[1:]
    zeros = b.weight(f"{b.prefix}beyond", np.zeros((many - 1, *(n or 1 for n in rest)), np.float32))
    longer = b.op("concat", values=(xs, zeros), axis=0, interleave=False, sized=(None, *rest), typed=xs.dtype)
    whole = _rows(b, longer, _range(b, b.pointwise("mul", turns, many)))
    sized = (None, many * (rest[0] or 1), *rest[1:])
    return b.op("reshape", x=whole, shape=(-1, *sized[1:]), sized=sized, typed=xs.dtype)


def _range(b: Block, end: Value) -> Value:
    return b.op("range_1d", start=0, end=end, step=1, sized=(None,), typed="int32")


def _rows(b: Block, x: Value, places: Value) -> Value:
    return b.op("gather", x=x, indices=places, axis=0, sized=(None, *x.shape[1:]), typed=x.dtype)


def _block(outer: Block, carried: Sequence[Value]) -> Block:
    names = outer.writing.names
    made = Block(
        outer.writing, [Value(names.fresh(f"{v.name}_in"), v.dtype, v.shape, v.listed) for v in carried]
    )
    made.prefix = outer.prefix
    return made
