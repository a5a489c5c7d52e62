"""How results are rounded: float64, float32, float16, bfloat16, and perturbed runs of any of them.

Operators are written once. They compute with numpy in the *carrier* type of an arithmetic and hand every
fresh result to `Arithmetic.rounded`, which makes it what the asked-for precision would have produced:

=========  ========  ==============================================================
name       carrier   after every operation
=========  ========  ==============================================================
float64    float64   nothing
float32    float32   nothing (the carrier rounds)
float16    float32   rounded to nearest even float16, overflow to infinity, subnormals kept
bfloat16   float32   rounded to nearest even bfloat16
=========  ========  ==============================================================

Rounding float32 results of + - * / and sqrt once more to float16 or bfloat16 equals rounding the exact
result once, because 24 >= 2 p + 2 (Figueroa, "When is double rounding innocuous?", 1995). A product of
matrices is accumulated in the carrier and rounded once, as tensor units do.

A *perturbed* arithmetic adds to every result an independent relative error of one unit in the last place,
different in every lane: the spread of such runs is what rounding alone can do to a network.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from ..errors import ModelparityError
from ..graph import Array

#: Spacing of numbers at 1.0: one unit in the last place, relatively.
ULP = {"float64": 2.0**-52, "float32": 2.0**-23, "float16": 2.0**-10, "bfloat16": 2.0**-7}


class Arithmetic:
    """Exact carrier arithmetic: float64 or float32 as numpy computes them."""

    def __init__(self, name: str = "float64") -> None:
        self.name = name
        self.dtype = np.dtype(np.float64 if name == "float64" else np.float32)
        self.ulp = ULP[name]
        #: What sums are made in that a definition makes in float64 whatever the arithmetic.
        self.wide = "float64"
        #: The lane at hand, where an operator is called once a lane, and whether all lanes share it.
        self.lane, self.shared = 0, False

    def of(self, declared: str | None) -> Arithmetic:
        """The arithmetic of a node whose results are declared to have that element type: this one, as a rule."""
        return self

    def cast(self, x: Array) -> Array:
        """A weight or an input as this arithmetic stores it. Integers and booleans stay as they are."""
        return x.astype(self.dtype, copy=False) if x.dtype.kind == "f" else x

    def rounded(self, x: Array, *, bounded: bool = False, inner: bool = False) -> Array:
        """A fresh result, rounded in place and returned; so ``x`` must belong to the caller.

        ``bounded`` marks functions into [0, 1] that runtimes compute to a unit in the last place of the
        range, not of the value (a logistic through a clamped rational approximation). ``inner`` marks a
        result inside a sum of products, whose own error is covered once operands and the sum are perturbed.
        """
        return x

    def summed(self, x: Array, terms: int) -> Array:
        """A fresh sum of ``terms`` summands that may all have one sign, rounded as `rounded` does.

        Every partial sum is then as large as its share of the whole, which `operand` does not show: independent
        errors of the summands cancel, those of the partial sums add up.
        """
        return self.rounded(x)

    def placed(self, at: Array, *, axis: int = 0, reach: Array | float | None = None) -> Array:
        """Positions (float64) between elements of an array, at which it is read along its ``axis``-th such axis.

        Runtimes compute them from sizes and factors in float32, whatever they read, so that one is off by units in
        the last place of ``reach``: of the position itself, plus one, if left out.
        """
        return at

    def chosen(self, exact: Array, others: Callable[[], Sequence[Array]], *, axis: int = 0) -> Array:
        """Positions from which the nearest element is taken: ``exact`` ones, or as runtimes may compute them."""
        return exact

    def order(self, terms: int) -> Sequence[Sequence[slice]]:
        """How a sum of so many products is made: strands of stretches, `partial` after each; () for all at once."""
        return ()

    def partial(self, some: Array, terms: int) -> Array:
        """The sum of a strand so far, after ``terms`` more products.

        What is added up may be much larger on the way than in the end, as where a filter is put to a tone that it
        does not pass: then partial sums are what is rounded most, and neither operands nor the result show it.
        """
        return some

    def cancelled(self, y: Array, size: Array | Callable[[], Array]) -> Array:
        """A result whose terms may cancel: more or less exactly, by how they are computed and in which order.

        ``size`` (broadcast to y) is that of what cancels, or makes it, which costs nothing where nobody asks.
        """
        return y

    def whole(self, x: Array, *, alone: bool = False) -> Array:
        """Computed numbers that are about to be made whole: what lies between two may go either way.

        ``alone``: the operator is called once a lane.
        """
        return x

    def compared(self, x: Array, y: Array) -> Array:
        """x, of which is asked where it is larger than y: what rounding may have moved across goes either way.

        x and y (lane, ...) broadcast. Where nothing is moved, x as it is.
        """
        return x

    def ranked(self, x: Array, axis: int) -> Array:
        """x (lane, ...), as the order of its elements along ``axis`` is seen: near ties go either way."""
        return x

    def leading(self, x: Array, axis: int) -> Array:
        """x (lane, ...), as its largest element along ``axis`` is seen: another one that is as large may lead."""
        return x

    def neighbouring(self, x: Array, axes: Sequence[int]) -> Array:
        """x (lane, ...), as the largest of those near each other along ``axes`` is seen: near ties go either way."""
        return x

    def alike(self, results: Sequence[tuple[Array, ...]]) -> Sequence[tuple[Array, ...]]:
        """Results of every lane, whose sizes may depend on values; in one array go those of one shape only."""
        return results

    def operand(self, x: Array, terms: int = 1, *, fresh: bool = False) -> Array:
        """An array as it enters sums of ``terms`` products each; never changed in place.

        ``fresh`` says that it was rounded just before, so that its own error need not be shown again.
        """
        return x

    def __repr__(self) -> str:
        return f"<Arithmetic {self.name}>"


class Float16(Arithmetic):
    """IEEE half precision emulated on a float32 carrier."""

    def __init__(self) -> None:
        super().__init__("float16")

    def cast(self, x: Array) -> Array:
        return _to_half(x).astype(np.float32) if x.dtype.kind == "f" else x

    def rounded(self, x: Array, *, bounded: bool = False, inner: bool = False) -> Array:
        if x.dtype == self.dtype:
            x = np.asarray(x)  # numpy makes scalars of results without axes
            np.copyto(x, _to_half(x))
        return x


class BFloat16(Arithmetic):
    """bfloat16 (the upper half of a float32) emulated on a float32 carrier."""

    def __init__(self) -> None:
        super().__init__("bfloat16")

    def cast(self, x: Array) -> Array:
        # Cast down from float64 through round-to-odd, or the two roundings would not be one.
        return to_bfloat16(_odd_float32(x) if x.dtype == np.float64 else x) if x.dtype.kind == "f" else x

    def rounded(self, x: Array, *, bounded: bool = False, inner: bool = False) -> Array:
        if x.dtype == self.dtype:
            x = np.asarray(x)
            np.copyto(x, to_bfloat16(x))
        return x


class Declared(Arithmetic):
    """Each node at the precision of its declared type: half types emulated, all on a float32 carrier."""

    def __init__(self) -> None:
        super().__init__("float32")
        self.name = "declared"
        self._half: dict[str | None, Arithmetic] = {"float16": Float16(), "bfloat16": BFloat16()}
        self._full = Arithmetic("float32")

    def of(self, declared: str | None) -> Arithmetic:
        return self._half.get(declared, self._full)


def arithmetic(name: str | Arithmetic) -> Arithmetic:
    """The arithmetic of that name; an `Arithmetic` passes through."""
    if isinstance(name, Arithmetic):
        return name
    if name in ("float64", "float32"):
        return Arithmetic(name)
    if name == "float16":
        return Float16()
    if name == "bfloat16":
        return BFloat16()
    if name == "declared":
        return Declared()
    raise ModelparityError(
        f"unknown arithmetic {name!r}", expected="float64, float32, float16, bfloat16 or native"
    )


def _to_half(x: Array) -> Array:
    with np.errstate(over="ignore", under="ignore"):
        return x.astype(np.float16)


def to_bfloat16(x: Array) -> Array:
    """float32 values rounded to the nearest bfloat16, ties to even; NaN stays NaN. Still float32."""
    x = np.ascontiguousarray(x, dtype=np.float32)
    bits = x.view(np.uint32)
    with np.errstate(over="ignore"):
        kept = (bits + (np.uint32(0x7FFF) + ((bits >> np.uint32(16)) & np.uint32(1)))) & np.uint32(0xFFFF0000)
    nan = np.isnan(x)
    if nan.any():
        kept = np.where(nan, np.uint32(0x7FC00000), kept)
    result: Array = kept.view(np.float32)
    return result


def _odd_float32(x: Array) -> Array:
    """float64 to float32 by rounding to odd: what a later rounding makes of it equals one direct rounding."""
    y = x.astype(np.float32)
    inexact = y.astype(np.float64) != x
    bits = y.view(np.uint32) if y.flags.c_contiguous else np.ascontiguousarray(y).view(np.uint32)
    # Step towards zero where rounding went away from it, then set the lowest bit.
    away = inexact & (np.abs(y.astype(np.float64)) > np.abs(x))
    bits = np.where(away, bits - np.uint32(1), bits)
    bits = np.where(inexact & np.isfinite(y), bits | np.uint32(1), bits)
    result: Array = bits.astype(np.uint32).view(np.float32)
    return result
