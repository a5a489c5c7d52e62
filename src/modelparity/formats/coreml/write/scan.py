"""A loop over time as MIL has it: one ``while_loop`` whose turns are frames, results written into a list."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from .block import Block
from .values import Value

#: (block of the loop's body, this frame's input, states) -> new states, the first of which is the frame's result.
Cell = Callable[[Block, Value, Sequence[Value]], Sequence[Value]]


def scan(b: Block, xs: Value, states: Sequence[Value], cell: Cell) -> tuple[Value, list[Value]]:
    """Run ``cell`` over the first axis of ``xs`` -> (results of all frames on a leading axis, last states).

    What every turn costs, an interpreter pays for every frame: so the body reads its frame, computes, and writes
    its result, nothing more; the list grows to the number of frames that came.
    """
    frames = length(b, xs)
    result = states[0]
    element = tuple(b.value(n) for n in result.shape if n is not None)
    begun = b.op(
        "make_list", init_length=frames, elem_shape=element,
        dtype={"float32": "fp32", "float16": "fp16"}[result.dtype], dynamic_length=False,
        sized=result.shape, typed=result.dtype, listed=True,
    )  # fmt: skip
    carried = [b.value(0), begun, *states]
    condition = _block(b, carried)
    counter = condition.inputs[0]
    condition.outputs = [condition.pointwise("less", counter, frames, typed="bool")]
    body = _block(b, carried)
    time, results, *now = body.inputs
    frame = body.op("gather", x=xs, indices=time, axis=0, sized=xs.shape[1:], typed=xs.dtype)
    new = list(cell(body, frame, now))
    written = body.op(
        "list_write",
        ls=results,
        index=time,
        value=new[0],
        sized=result.shape,
        typed=result.dtype,
        listed=True,
    )
    body.outputs = [body.pointwise("add", time, 1), written, *new]
    _, results, *last = b.loop(carried, condition, body)
    places = b.op("range_1d", start=0, end=frames, step=1, sized=(None,), typed="int32")
    shape = (None, *result.shape)
    return b.op("list_gather", ls=results, indices=places, sized=shape, typed=result.dtype), last


def length(b: Block, x: Value, axis: int = 0) -> Value:
    """The size of an axis, known when the program runs."""
    shape = b.op("shape", x=x, sized=(x.rank,), typed="int32")
    return b.op("gather", x=shape, indices=axis, axis=0, sized=(), typed="int32")


def _block(outer: Block, carried: Sequence[Value]) -> Block:
    names = outer.writing.names
    made = Block(
        outer.writing, [Value(names.fresh(f"{v.name}_in"), v.dtype, v.shape, v.listed) for v in carried]
    )
    made.prefix = outer.prefix
    return made
