"""Complex numbers, which a graph has not: each is read as two tensors, its real and its imaginary part."""

from __future__ import annotations

import math
from typing import Any

from ..call import Call, reads, value_of

Pair = tuple[str, str]


#: Operators that only move elements about, so that each part is moved alike.
MOVING = (
    "view",
    "reshape",
    "_unsafe_view",
    "flatten",
    "unflatten",
    "permute",
    "transpose",
    "t",
    "expand",
    "broadcast_to",
    "squeeze",
    "unsqueeze",
    "slice",
    "select",
    "cat",
    "stack",
    "split",
    "split_with_sizes",
    "chunk",
    "flip",
    "roll",
    "repeat",
    "tile",
    "unfold",
    "diagonal",
    "index_select",
    "gather",
    "index",
    "clone",
    "alias",
    "detach",
    "contiguous",
    "neg",
)


@reads(*(f"complex aten.{name}" for name in MOVING))
def moved(c: Call) -> tuple[Any, Any]:
    """The real parts, and the imaginary ones"""
    real, imaginary = c.by_part()
    return real, imaginary


@reads("complex aten.view_as_real")
def view_as_real(c: Call) -> str:
    """Both parts along a last axis"""
    return c.give("stack", c.parts("self"), axis=c.rank("self"))


@reads("complex aten.view_as_complex")
def view_as_complex(c: Call) -> Pair:
    """A last axis of two as real and imaginary part"""
    return _apart(c, c.tensor("self"), c.rank("self") - 1)


@reads("complex aten.complex")
def complex_(c: Call) -> Pair:
    """Two real tensors as parts"""
    shape = list(c.result.shape)
    parts = []
    for name, other in (("real", "imag"), ("imag", "real")):
        x = c.tensor(name)
        same_shape = list(value_of(c[name]).shape) == shape
        parts.append(x if same_shape else c.emit("broadcast_to", [x, c.tensor(other)]))
    return parts[0], parts[1]


@reads("complex aten._to_copy", "complex aten.to")
def cast(c: Call) -> Pair:
    """A real tensor with imaginary parts of 0; a complex one stays what it is"""
    if c.is_complex("self"):
        return c.parts("self")
    x = c.tensor("self")
    if not c.is_float("self"):
        x = c.emit("cast", [x], to="float")
    return x, c.emit("fill_like", [x], value=0.0)


@reads("complex aten.polar")
def polar(c: Call) -> Pair:
    """r (cos a + i sin a)"""
    size, angle = c.tensor("abs"), c.tensor("angle")
    real, imaginary = (c.emit("mul", [size, c.emit(op, [angle])]) for op in ("cos", "sin"))
    return real, imaginary


@reads("complex aten.abs")
def modulus(c: Call) -> str:
    """sqrt(a^2 + b^2)"""
    return c.give("sqrt", [_squared(c, *c.parts("self"))])


@reads("complex aten.angle")
def angle(c: Call) -> str:
    """atan2(b, a)"""
    real, imaginary = c.parts("self")
    return c.give("atan2", [imaginary, real])


@reads("complex aten._conj", "complex aten.conj", "complex aten._conj_physical")
def conjugate(c: Call) -> Pair:
    """a - i b"""
    real, imaginary = c.parts("self")
    return real, c.emit("neg", [imaginary])


@reads("complex aten.exp")
def exponential(c: Call) -> Pair:
    """exp(a) (cos b + i sin b)"""
    real, imaginary = c.parts("self")
    size = c.emit("exp", [real])
    cos, sin = (c.emit("mul", [size, c.emit(op, [imaginary])]) for op in ("cos", "sin"))
    return cos, sin


@reads("complex aten.add", "complex aten.sub")
def sums(c: Call) -> Pair:
    """Part by part; a real number has none that is imaginary"""
    op = "add" if "add" in c.op else "sub"
    left, right = c.parts("self"), c.parts("other")
    alpha = c.get("alpha", 1)
    if alpha != 1:
        real, imaginary = (c.emit("mul", [part, c.constant(float(alpha))]) for part in right)
        right = real, imaginary
    parts = [c.emit(op, [one, other]) for one, other in zip(left, right, strict=True)]
    return parts[0], parts[1]


@reads("complex aten.mul")
def mul(c: Call) -> Pair:
    """(a + i b)(c + i d) = (a c - b d) + i (a d + b c)"""
    (a, b), (x, y) = c.parts("self"), c.parts("other")
    if not c.is_complex("other"):
        return c.emit("mul", [a, x]), c.emit("mul", [b, x])
    if not c.is_complex("self"):
        return c.emit("mul", [a, x]), c.emit("mul", [a, y])
    return _product(c, a, b, x, y)


@reads("complex aten.div")
def div(c: Call) -> Pair:
    """(a + i b)(c - i d) / (c^2 + d^2)"""
    (a, b), (x, y) = c.parts("self"), c.parts("other")
    if not c.is_complex("other"):
        return c.emit("div", [a, x]), c.emit("div", [b, x])
    real, imaginary = _product(c, a, b, x, c.emit("neg", [y]))
    size = _squared(c, x, y)
    return c.emit("div", [real, size]), c.emit("div", [imaginary, size])


@reads("complex aten.sum", "complex aten.mean")
def reduced(c: Call) -> Pair:
    """Part by part"""
    axes = c.axes("dim") if c.get("dim") not in (None, []) else None
    op = "reduce_sum" if "sum" in c.op else "reduce_mean"
    keep = bool(c.get("keepdim", False))
    real, imaginary = (c.emit(op, [part], axes=axes, keepdims=keep) for part in c.parts("self"))
    return real, imaginary


@reads("complex aten._fft_r2c")
def fft_of_real(c: Call) -> Pair:
    """The transform of real numbers: its last axis in one half where the other mirrors it, then the other axes"""
    *others, last = _dims(c)
    y = c.emit("expand_dims", [c.tensor("self")], axes=(c.rank("self"),))
    y = c.emit("fourier", [y], axis=last, onesided=bool(c["onesided"]))
    for axis in others:
        y = c.emit("fourier", [y], axis=axis)
    return _apart(c, _scaled(c, y, _divided(c, inverse=False)), c.rank("self"))


@reads("complex aten._fft_c2c")
def fft(c: Call) -> Pair:
    """The transform of complex numbers, or its inverse"""
    inverse, rank = not c["forward"], c.rank("self")
    y = c.emit("stack", c.parts("self"), axis=rank)
    for axis in _dims(c):
        y = c.emit("fourier", [y], axis=axis, inverse=inverse)
    return _apart(c, _scaled(c, y, _divided(c, inverse=inverse)), rank)


@reads("complex aten._fft_c2r")
def fft_to_real(c: Call) -> str:
    """The inverse for one half of a spectrum whose other half mirrors it"""
    *others, last = _dims(c)
    rank = c.rank("self")
    y = c.emit("stack", c.parts("self"), axis=rank)
    for axis in others:
        y = c.emit("fourier", [y], axis=axis, inverse=True)
    y = c.emit("fourier", [y, c.reading.size(c["last_dim_size"])], axis=last, inverse=True, onesided=True)
    return c.give("squeeze", [_scaled(c, y, _divided(c, inverse=True))], axes=(rank,))


def _dims(c: Call) -> list[int]:
    rank = c.rank("self")
    return [int(one) % rank for one in c["dim"]]


def _divided(c: Call, *, inverse: bool) -> float:
    """The power of the number of elements by which PyTorch divides, less that by which `fourier` does."""
    by = {0: 0.0, 1: 0.5, 2: 1.0}[int(c["normalization"])]
    return by - (1.0 if inverse else 0.0)


def _scaled(c: Call, y: str, power: float) -> str:
    """y / n^power, n being the number of elements transformed together."""
    if not power:
        return y
    real = c.result if not c.result.dtype.is_complex else value_of(c["self"])
    sizes = [real.shape[axis] for axis in _dims(c)]
    if all(isinstance(size, int) for size in sizes):
        return c.emit("mul", [y, c.constant(float(math.prod(sizes)) ** -power)])
    total = c.constant(1.0)
    for axis in _dims(c):
        given = c["last_dim_size"] if "last_dim_size" in c.args and axis == _dims(c)[-1] else None
        size = c.reading.size(given) if given is not None else _size(c, axis)
        total = c.emit("mul", [total, c.emit("cast", [size], to="float")])
    return c.emit("mul", [y, c.emit("power", [total, c.constant(-power)])])


def _size(c: Call, axis: int) -> str:
    """A size of the input."""
    return c.emit("gather", [c.reading.shape(c.parts("self")[0]), c.reading.size(axis)], axis=0)


def _apart(c: Call, both: str, axis: int) -> Pair:
    real, imaginary = (c.emit("gather", [both, c.reading.size(part)], axis=axis) for part in (0, 1))
    return real, imaginary


def _product(c: Call, a: str, b: str, x: str, y: str) -> Pair:
    ax, by, ay, bx = (c.emit("mul", [one, other]) for one, other in ((a, x), (b, y), (a, y), (b, x)))
    return c.emit("sub", [ax, by]), c.emit("add", [ay, bx])


def _squared(c: Call, a: str, b: str) -> str:
    return c.emit("add", [c.emit("square", [a]), c.emit("square", [b])])
