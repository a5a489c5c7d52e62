"""Constants, and arrays made from shapes and numbers."""

from __future__ import annotations

import numpy as np

from .....graph import numbered
from ..node import Op, reads
from ..scope import Kind
from ..tensors import CODES, NAMES, TEXT, held, is_float


def core_type(dtype: str) -> str:
    """A type as core operators' attributes name it: "float" is whatever the arithmetic computes in."""
    return "float" if is_float(dtype) else held(dtype)


@reads("Constant")
def constant(op: Op) -> None:
    """y = what the attribute holds"""
    for name in ("value", "sparse_value"):
        if name in op.attributes:
            found = op.attr(name)
            op.fold(found[1], dtype=found[0])
            return
    for name, dtype in (
        ("value_float", "float32"),
        ("value_floats", "float32"),
        ("value_int", "int64"),
        ("value_ints", "int64"),
    ):
        if name in op.attributes:
            op.fold(np.array(op.attr(name), dtype), dtype=dtype)
            return
    for name in ("value_string", "value_strings"):
        if name in op.attributes:
            words = numbered([op.attr(name)] if name == "value_string" else op.attr(name))
            op.fold(words[0] if name == "value_string" else words, dtype=TEXT)
            return
    raise op.error("a constant without a value", found=", ".join(op.attributes) or "nothing")


@reads("ConstantOfShape")
def constant_of_shape(op: Op) -> None:
    """y = one value, in the shape that an array gives"""
    dtype, value = op.attr("value", ("float32", np.zeros(1, np.float32)))
    if value.size != 1:
        raise op.error("the value is not one number", found=value.shape)
    op.give("fill", [op.input(0)], kind=Kind(dtype), value=value.reshape(-1)[0].item(), to=core_type(dtype))


@reads("Shape")
def shape(op: Op) -> None:
    """y = the sizes of x"""
    sizes = op.temp("cast", [op.temp("shape", [op.input(0)], dtype="int64")], dtype="int64", to="int64")
    start, end = op.attr("start", 0), op.attr("end", None)
    op.give("slice", [sizes], starts=(start,), ends=(end,))


@reads("Size")
def size(op: Op) -> None:
    """y = the number of elements of x"""
    sizes = op.temp("cast", [op.temp("shape", [op.input(0)], dtype="int64")], dtype="int64", to="int64")
    op.give("reduce_prod", [sizes], axes=None)


@reads("Range")
def range_(op: Op) -> None:
    """y = start, start + delta, ... before limit"""
    ends = [op.temp("reshape", [x], shape=()) for x in op.inputs(0, 1, 2)]
    y = op.temp("range_1d", ends)
    op.give("cast", [y], to=core_type(op.dtype(0)))


@reads("EyeLike")
def eye_like(op: Op) -> None:
    """y = ones on a diagonal, in the shape of x"""
    op.ignore("dtype")  # inference has it
    ones = op.temp("fill_like", [op.input(0)], value=1, to=core_type(op.kinds[0].dtype or op.dtype()))
    k = op.attr("k", 0)
    lower = op.temp("triangle", [ones], diagonal=k, part="lower")
    op.give("triangle", [lower], diagonal=k, part="upper")


@reads("RandomNormal", "RandomUniform", "RandomNormalLike", "RandomUniformLike")
def random(op: Op) -> None:
    """y = random numbers; nobody can say which, only how they are distributed"""
    if op.type.endswith("Like"):
        shape_ = op.temp("shape", [op.input(0)], dtype="int64")
    else:
        shape_ = op.constant(np.array(op.attr("shape"), np.int64), "shape")
    op.ignore("dtype", "seed")
    if "Normal" in op.type:
        op.give("random_normal", [shape_], mean=op.attr("mean", 0.0), deviation=op.attr("scale", 1.0))
    else:
        op.give("random_uniform", [shape_], low=op.attr("low", 0.0), high=op.attr("high", 1.0))


@reads("Multinomial")
def multinomial(op: Op) -> None:
    """y = classes drawn with the probabilities that logits say"""
    op.ignore("dtype", "seed")
    drawn = op.temp("random_categorical", [op.input(0)], count=op.attr("sample_size", 1))
    op.give("cast", [drawn], to=core_type(NAMES[op.attr("dtype", CODES["int32"])]))


@reads("HannWindow", "HammingWindow", "BlackmanWindow")
def window(op: Op) -> None:
    """y = a window of cosines; periodic unless told otherwise"""
    op.ignore("output_datatype")  # inference has it
    shares = {
        "HannWindow": (0.5, 0.5, 0.0),
        "HammingWindow": (25 / 46, 21 / 46, 0.0),
        "BlackmanWindow": (0.42, 0.5, 0.08),
    }
    op.give(
        "cosine_window",
        [op.input(0)],
        shares=shares[op.type],
        periodic=op.attr("periodic", True, bool),
    )


@reads("MelWeightMatrix")
def mel_weight_matrix(op: Op) -> None:
    """y = triangular filters, evenly spaced on the mel scale"""
    op.ignore("output_datatype")  # inference has it
    op.give("mel_filters", op.inputs(0, 1, 2, 3, 4))
