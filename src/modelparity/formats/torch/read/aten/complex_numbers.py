"""Complex numbers, which a graph has not: each is read as two tensors, its real and its imaginary part."""

from __future__ import annotations

import math

from ..aten_call import Op, reads
from ..nodes import value_of

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
def moved(op: Op) -> None:
    """The real parts, and the imaginary ones"""
    op.by_part()


@reads("complex aten.view_as_real")
def view_as_real(op: Op) -> None:
    """Both parts along a last axis"""
    op.give("stack", op.parts("self"), axis=op.rank("self"))


@reads("complex aten.view_as_complex")
def view_as_complex(op: Op) -> None:
    """A last axis of two as real and imaginary part"""
    op.give_pair(*_apart(op, op.input("self"), op.rank("self") - 1))


@reads("complex aten.complex")
def complex_(op: Op) -> None:
    """Two real tensors as parts"""
    shape = list(op.result.shape)
    parts = []
    for name, other in (("real", "imag"), ("imag", "real")):
        x = op.input(name)
        same_shape = list(value_of(op.attr(name)).shape) == shape
        parts.append(x if same_shape else op.temp("broadcast_to", [x, op.input(other)]))
    op.give_pair(parts[0], parts[1])


@reads("complex aten._to_copy", "complex aten.to")
def cast(op: Op) -> None:
    """A real tensor with imaginary parts of 0; a complex one stays what it is"""
    if op.is_complex("self"):
        op.give_pair(*op.parts("self"))
        return
    x = op.input("self")
    if not op.is_float("self"):
        x = op.temp("cast", [x], to="float")
    op.give_pair(x, op.temp("fill_like", [x], value=0.0))


@reads("complex aten.polar")
def polar(op: Op) -> None:
    """r (cos a + i sin a)"""
    size, angle = op.input("abs"), op.input("angle")
    real, imaginary = (op.temp("mul", [size, op.temp(core, [angle])]) for core in ("cos", "sin"))
    op.give_pair(real, imaginary)


@reads("complex aten.abs")
def modulus(op: Op) -> None:
    """sqrt(a^2 + b^2)"""
    op.give("sqrt", [_squared(op, *op.parts("self"))])


@reads("complex aten.angle")
def angle(op: Op) -> None:
    """atan2(b, a)"""
    real, imaginary = op.parts("self")
    op.give("atan2", [imaginary, real])


@reads("complex aten._conj", "complex aten.conj", "complex aten._conj_physical")
def conjugate(op: Op) -> None:
    """a - i b"""
    real, imaginary = op.parts("self")
    op.give_pair(real, op.temp("neg", [imaginary]))


@reads("complex aten.exp")
def exponential(op: Op) -> None:
    """exp(a) (cos b + i sin b)"""
    real, imaginary = op.parts("self")
    size = op.temp("exp", [real])
    cos, sin = (op.temp("mul", [size, op.temp(core, [imaginary])]) for core in ("cos", "sin"))
    op.give_pair(cos, sin)


@reads("complex aten.add", "complex aten.sub")
def sums(op: Op) -> None:
    """Part by part; a real number has none that is imaginary"""
    core = "add" if "add" in op.type else "sub"
    left, right = op.parts("self"), op.parts("other")
    alpha = op.attr("alpha", 1)
    if alpha != 1:
        real, imaginary = (op.temp("mul", [part, op.constant(float(alpha))]) for part in right)
        right = real, imaginary
    parts = [op.temp(core, [one, other]) for one, other in zip(left, right, strict=True)]
    op.give_pair(parts[0], parts[1])


@reads("complex aten.mul")
def mul(op: Op) -> None:
    """(a + i b)(c + i d) = (a c - b d) + i (a d + b op)"""
    (a, b), (x, y) = op.parts("self"), op.parts("other")
    if not op.is_complex("other"):
        op.give_pair(op.temp("mul", [a, x]), op.temp("mul", [b, x]))
        return
    if not op.is_complex("self"):
        op.give_pair(op.temp("mul", [a, x]), op.temp("mul", [a, y]))
        return
    op.give_pair(*_product(op, a, b, x, y))


@reads("complex aten.div")
def div(op: Op) -> None:
    """(a + i b)(c - i d) / (c^2 + d^2)"""
    (a, b), (x, y) = op.parts("self"), op.parts("other")
    if not op.is_complex("other"):
        op.give_pair(op.temp("div", [a, x]), op.temp("div", [b, x]))
        return
    real, imaginary = _product(op, a, b, x, op.temp("neg", [y]))
    size = _squared(op, x, y)
    op.give_pair(op.temp("div", [real, size]), op.temp("div", [imaginary, size]))


@reads("complex aten.sum", "complex aten.mean")
def reduced(op: Op) -> None:
    """Part by part"""
    axes = op.axes("dim") if op.attr("dim", None) not in (None, []) else None
    core = "reduce_sum" if "sum" in op.type else "reduce_mean"
    keep = op.attr("keepdim", False, bool)
    real, imaginary = (op.temp(core, [part], axes=axes, keepdims=keep) for part in op.parts("self"))
    op.give_pair(real, imaginary)


@reads("complex aten._fft_r2c")
def fft_of_real(op: Op) -> None:
    """The transform of real numbers: its last axis in one half where the other mirrors it, then the other axes"""
    *others, last = _dims(op)
    y = op.temp("expand_dims", [op.input("self")], axes=(op.rank("self"),))
    y = op.temp("fourier", [y], axis=last, onesided=op.attr("onesided", kind=bool))
    for axis in others:
        y = op.temp("fourier", [y], axis=axis)
    op.give_pair(*_apart(op, _scaled(op, y, _divided(op, inverse=False)), op.rank("self")))


@reads("complex aten._fft_c2c")
def fft(op: Op) -> None:
    """The transform of complex numbers, or its inverse"""
    inverse, rank = not op.attr("forward"), op.rank("self")
    y = op.temp("stack", op.parts("self"), axis=rank)
    for axis in _dims(op):
        y = op.temp("fourier", [y], axis=axis, inverse=inverse)
    op.give_pair(*_apart(op, _scaled(op, y, _divided(op, inverse=inverse)), rank))


@reads("complex aten._fft_c2r")
def fft_to_real(op: Op) -> None:
    """The inverse for one half of a spectrum whose other half mirrors it"""
    *others, last = _dims(op)
    rank = op.rank("self")
    y = op.temp("stack", op.parts("self"), axis=rank)
    for axis in others:
        y = op.temp("fourier", [y], axis=axis, inverse=True)
    y = op.temp(
        "fourier", [y, op.values.size(op.attr("last_dim_size"))], axis=last, inverse=True, onesided=True
    )
    op.give("squeeze", [_scaled(op, y, _divided(op, inverse=True))], axes=(rank,))


def _dims(op: Op) -> list[int]:
    rank = op.rank("self")
    return [int(one) % rank for one in op.attr("dim")]


def _divided(op: Op, *, inverse: bool) -> float:
    """The power of the number of elements by which PyTorch divides, less that by which `fourier` does."""
    by = {0: 0.0, 1: 0.5, 2: 1.0}[op.attr("normalization", kind=int)]
    return by - (1.0 if inverse else 0.0)


def _scaled(op: Op, y: str, power: float) -> str:
    """y / n^power, n being the number of elements transformed together."""
    if not power:
        return y
    real = op.result if not op.result.dtype.is_complex else value_of(op.attr("self"))
    sizes = [real.shape[axis] for axis in _dims(op)]
    if all(isinstance(size, int) for size in sizes):
        return op.temp("mul", [y, op.constant(float(math.prod(sizes)) ** -power)])
    total = op.constant(1.0)
    for axis in _dims(op):
        given = op.attr("last_dim_size") if "last_dim_size" in op.args and axis == _dims(op)[-1] else None
        size = op.values.size(given) if given is not None else _size(op, axis)
        total = op.temp("mul", [total, op.temp("cast", [size], to="float")])
    return op.temp("mul", [y, op.temp("power", [total, op.constant(-power)])])


def _size(op: Op, axis: int) -> str:
    """A size of the input."""
    return op.temp("gather", [op.values.shape(op.parts("self")[0]), op.values.size(axis)], axis=0)


def _apart(op: Op, both: str, axis: int) -> Pair:
    real, imaginary = (op.temp("gather", [both, op.values.size(part)], axis=axis) for part in (0, 1))
    return real, imaginary


def _product(op: Op, a: str, b: str, x: str, y: str) -> Pair:
    ax, by, ay, bx = (op.temp("mul", [one, other]) for one, other in ((a, x), (b, y), (a, y), (b, x)))
    return op.temp("sub", [ax, by]), op.temp("add", [ay, bx])


def _squared(op: Op, a: str, b: str) -> str:
    return op.temp("add", [op.temp("square", [a]), op.temp("square", [b])])
