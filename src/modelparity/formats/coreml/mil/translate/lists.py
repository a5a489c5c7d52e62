"""Lists of tensors of one shape, as their elements stacked on a first axis."""

from __future__ import annotations

import numpy as np

from ..operators import Op, reads


@reads("make_list")
def make_list(op: Op) -> None:
    """A list of zeros. An element's size that is known only later is 0 until somebody writes."""
    wanted = op.attr("dtype", "fp32")
    op.ignore("dynamic_length")  # the list's type has it: `grows` asks there
    sizes = (
        [0 if isinstance(n, str) else int(n) for n in op.consts("elem_shape")] if op.has("elem_shape") else []
    )
    to = {"fp16": "float", "fp32": "float"}.get(wanted, wanted)
    length = op.known("init_length") if op.has("init_length") else np.int32(1)
    if length is not None:
        shape = op.constant(np.array([int(length), *sizes], np.int32), "shape")
    else:
        first = op.temp("reshape", [op.input("init_length")], shape=(1,), dtype="int32")
        rest = op.constant(np.array(sizes, np.int32), "element")
        shape = op.temp("concat", [first, rest], axis=0, dtype="int32")
    op.give("fill", [shape], value=0, to=to)


@reads("list_length")
def list_length(op: Op) -> None:
    """How many elements the list has."""
    sizes = op.temp("shape", [op.input("ls")], dtype="int32")
    op.give("gather", [sizes, op.constant(np.array(0, np.int32), "first")], axis=0)


@reads("list_read", "list_gather")
def list_read(op: Op) -> None:
    """The element at an index, or several stacked."""
    op.give("gather", [op.input("ls"), op.input("index" if op.type == "list_read" else "indices")], axis=0)


@reads("list_write")
def list_write(op: Op) -> None:
    """The list with one element replaced."""
    index = op.input("index")
    if op.rank("index"):  # one number is meant, whatever axes it has
        index = op.temp("reshape", [index], shape=(), dtype="int32")
    op.give("list_write", [op.input("ls"), op.input("value"), index], grows=True)


@reads("list_scatter")
def list_scatter(op: Op) -> None:
    """The list with several elements replaced."""
    op.give("list_write", op.inputs("ls", "value", "indices"), grows=True)
