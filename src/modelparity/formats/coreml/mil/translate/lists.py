"""Lists of tensors of one shape, as their elements stacked on a first axis."""

from __future__ import annotations

import numpy as np

from ..operators import Op, mil


@mil("make_list")
def make_list(op: Op) -> None:
    """A list of zeros. An element's size that is known only later is 0 until somebody writes."""
    wanted = op.const("dtype", "fp32")
    op.ignore("dynamic_length")  # the list's type has it: `grows` asks there
    sizes = (
        [0 if isinstance(n, str) else int(n) for n in op.consts("elem_shape")] if op.has("elem_shape") else []
    )
    to = {"fp16": "float", "fp32": "float"}.get(wanted, wanted)
    length = op.known("init_length") if op.has("init_length") else np.int32(1)
    if length is not None:
        shape = op.constant(np.array([int(length), *sizes], np.int32), "shape")
    else:
        first = op.temp("reshape", [op.tensor("init_length")], shape=(1,), dtype="int32")
        rest = op.constant(np.array(sizes, np.int32), "element")
        shape = op.temp("concat", [first, rest], axis=0, dtype="int32")
    op.emit("fill", [shape], value=0, to=to)


@mil("list_length")
def list_length(op: Op) -> None:
    """How many elements the list has."""
    sizes = op.temp("shape", [op.tensor("ls")], dtype="int32")
    op.emit("gather", [sizes, op.constant(np.array(0, np.int32), "first")], axis=0)


@mil("list_read", "list_gather")
def list_read(op: Op) -> None:
    """The element at an index, or several stacked."""
    op.emit("gather", [op.tensor("ls"), op.tensor("index" if op.type == "list_read" else "indices")], axis=0)


@mil("list_write")
def list_write(op: Op) -> None:
    """The list with one element replaced."""
    index = op.tensor("index")
    if op.rank("index"):  # one number is meant, whatever axes it has
        index = op.temp("reshape", [index], shape=(), dtype="int32")
    op.emit("list_write", [op.tensor("ls"), op.tensor("value"), index], grows=True)


@mil("list_scatter")
def list_scatter(op: Op) -> None:
    """The list with several elements replaced."""
    op.emit("list_write", [op.tensor("ls"), op.tensor("value"), op.tensor("indices")], grows=True)
