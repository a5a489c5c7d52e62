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

import itertools
import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from .errors import ModelparityError
from .graph import Array

#: Spacing of numbers at 1.0: one unit in the last place, relatively.
ULP = {"float64": 2.0**-52, "float32": 2.0**-23, "float16": 2.0**-10, "bfloat16": 2.0**-7}


class Arithmetic:
    """Exact carrier arithmetic: float64 or float32 as numpy computes them."""

    def __init__(self, name: str = "float64") -> None:
        self.name = name
        self.dtype = np.dtype(np.float64 if name == "float64" else np.float32)
        self.ulp = ULP[name]

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

    def operand(self, x: Array) -> Array:
        """An array as it enters a sum of products; never changed in place."""
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
            np.copyto(x, to_bfloat16(x))
        return x


class Perturbed(Arithmetic):
    """Every result off by one unit in the last place, up or down, independently in every lane.

    ``lanes`` perturbed runs share one pass: the engine carries them on the leading axis of every array.
    Signs come from a pool drawn once per seed and read at shifting places, which costs one multiplication
    per result. float16 and bfloat16 are perturbed on the float32 carrier.
    """

    POOL, VIEWS = 1 << 18, 251

    def __init__(self, name: str = "float32", *, seed: int = 0, lanes: int = 8, ulps: float = 1.0) -> None:
        super().__init__(name)
        self.lanes = lanes
        self._rng = np.random.Generator(np.random.PCG64(seed))
        signs = self._rng.integers(0, 2, size=self.POOL, dtype=np.int8) * 2 - 1
        self._delta = (signs * (ulps * self.ulp)).astype(self.dtype)
        self._factor = (1 + self._delta).astype(self.dtype)
        self._offsets = self._rng.integers(0, self.POOL // 2, size=self.VIEWS).tolist()
        self._views: dict[tuple[bool, tuple[int, ...]], Iterator[Array]] = {}

    def _noise(self, shape: tuple[int, ...], *, absolute: bool = False) -> Array:
        views = self._views.get((absolute, shape))
        if views is None:
            views = self._views[absolute, shape] = self._made(
                shape, self._delta if absolute else self._factor
            )
        return next(views)

    def _made(self, shape: tuple[int, ...], pool: Array) -> Iterator[Array]:
        size = math.prod(shape)
        if size <= self.POOL // 2:
            return itertools.cycle([pool[start : start + size].reshape(shape) for start in self._offsets])
        return self._drawn(shape, pool.min(), pool.max())

    def _drawn(self, shape: tuple[int, ...], low: Any, high: Any) -> Iterator[Array]:
        # Larger than the pool: independent draws, so that no two places share their noise.
        while True:
            yield np.where(self._rng.integers(0, 2, size=shape, dtype=np.int8), high, low)

    def rounded(self, x: Array, *, bounded: bool = False, inner: bool = False) -> Array:
        if inner or x.dtype != self.dtype:
            return x
        if bounded:
            return np.add(x, self._noise(x.shape, absolute=True), out=x)
        return np.multiply(x, self._noise(x.shape), out=x)

    def operand(self, x: Array) -> Array:
        return x * self._noise(x.shape) if x.dtype == self.dtype else x

    def __repr__(self) -> str:
        return f"<Perturbed {self.name}, {self.lanes} lanes>"


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
