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
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache

import numpy as np

from .errors import ModelparityError
from .graph import Array

#: Spacing of numbers at 1.0: one unit in the last place, relatively.
ULP = {"float64": 2.0**-52, "float32": 2.0**-23, "float16": 2.0**-10, "bfloat16": 2.0**-7}


#: A sum of n products in order: each partial sum is rounded, which by random walk spreads the result as if every
#: product were off by n u / sqrt(6 n), that is 0.2 sqrt(n) units in the last place (u is half of one). Any order
#: of summation is legitimate, and this one is the worst in use. Half types accumulate in float32 and round once.
#: Of products that all have one sign, the sum itself is off by about as much: see `Arithmetic.summed`.
SUMMED = 0.2
#: Units in the last place of float32 by which a position may be off: a factor, a product, a difference are rounded.
PLACED = 1.0


class Arithmetic:
    """Exact carrier arithmetic: float64 or float32 as numpy computes them."""

    def __init__(self, name: str = "float64") -> None:
        self.name = name
        self.dtype = np.dtype(np.float64 if name == "float64" else np.float32)
        self.ulp = ULP[name]
        #: The lane at hand, where an operator is called once a lane.
        self.lane = 0

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


class Perturbed(Arithmetic):
    """Every result off by one unit in the last place, up or down, independently in every lane.

    ``lanes`` perturbed runs share one pass: the engine carries them on the leading axis of every array.
    Noise is read from a `Pool` at shifting places, which costs one multiplication per result. float16 and
    bfloat16 are perturbed on the float32 carrier. Equal seeds give equal runs.
    """

    def __init__(self, name: str = "float32", *, seed: int = 0, lanes: int = 8, ulps: float = 1.0) -> None:
        super().__init__(name)
        self.lanes, self.ulps = lanes, ulps
        self._pool = pool(seed, ulps * self.ulp, self.dtype.name)
        self._starts = itertools.cycle(self._pool.starts)
        self._views: dict[tuple[bool, tuple[int, ...]], Iterator[Array]] = {}

    def rounded(self, x: Array, *, bounded: bool = False, inner: bool = False) -> Array:
        if inner or x.dtype != self.dtype:
            return x
        return self._disturb(np.asarray(x), bounded)

    def summed(self, x: Array, terms: int) -> Array:
        reached = self.operand(x, terms, fresh=True)
        return self.rounded(x) if reached is x else reached

    def placed(self, at: Array, *, axis: int = 0, reach: Array | float | None = None) -> Array:
        # All of a lane together and either way by turns: four lanes show both neighbours on both of two axes.
        sign = 1 - 2 * (self.lane >> axis % 2 & 1)
        size = np.abs(at) + 1 if reach is None else reach
        moved: Array = at + sign * PLACED * self.ulps * ULP["float32"] * size
        return moved

    def chosen(self, exact: Array, others: Callable[[], Sequence[Array]], *, axis: int = 0) -> Array:
        ways = (exact, *others())
        return ways[(self.lane + axis) % len(ways)]

    def operand(self, x: Array, terms: int = 1, *, fresh: bool = False) -> Array:
        reach = SUMMED * math.sqrt(terms) if self.ulp < ULP["float16"] else 1.0
        if x.dtype != self.dtype or (fresh and reach <= 1):
            return x
        if reach <= 1:
            return self._disturb(x.copy(), False)
        y = self._disturb(np.zeros_like(x), True)
        y *= self.dtype.type(reach)
        y *= x
        y += x
        return y

    def _disturb(self, x: Array, absolute: bool) -> Array:
        views = self._views.get((absolute, x.shape))
        if views is not None:
            return (np.add if absolute else np.multiply)(x, next(views), out=x)
        if x.size <= Pool.LARGEST:
            noise = self._pool.views(x.shape, absolute)
            self._views[absolute, x.shape] = itertools.cycle(noise)
            return self._disturb(x, absolute)
        flat = x.reshape(-1)  # a view, unless x is laid out otherwise
        source, disturb = (self._pool.delta, np.add) if absolute else (self._pool.factor, np.multiply)
        for start in range(0, flat.size, Pool.LARGEST):
            part = flat[start : start + Pool.LARGEST]
            at = next(self._starts)
            disturb(part, source[at : at + part.size], out=part)
        if not np.shares_memory(flat, x):
            x[...] = flat.reshape(x.shape)
        return x

    def __repr__(self) -> str:
        return f"<Perturbed {self.name}, {self.lanes} lanes>"


class Pool:
    """Random signs times a relative error, drawn once and read at many places."""

    #: Elements in a pool, and in the longest stretch that is read from it at once.
    SIZE, LARGEST = 1 << 18, 1 << 17

    def __init__(self, seed: int, relative: float, dtype: str) -> None:
        rng = np.random.Generator(np.random.PCG64(seed))
        signs = rng.integers(0, 2, size=self.SIZE, dtype=np.int8) * 2 - 1
        self.delta: Array = (signs * relative).astype(dtype)
        self.factor: Array = (1 + self.delta).astype(dtype)
        # A prime number of places, so that the turns of different results do not fall into step.
        self.starts: list[int] = rng.integers(0, self.LARGEST, size=61).tolist()
        self._views: dict[tuple[bool, tuple[int, ...]], list[Array]] = {}

    def views(self, shape: tuple[int, ...], absolute: bool) -> list[Array]:
        """The stretches as arrays of that shape, made once."""
        if (absolute, shape) not in self._views:
            if len(self._views) > 1000:
                self._views.clear()
            source, size = (self.delta if absolute else self.factor), math.prod(shape)
            self._views[absolute, shape] = [source[at : at + size].reshape(shape) for at in self.starts]
        return self._views[absolute, shape]


@lru_cache(maxsize=32)
def pool(seed: int, relative: float, dtype: str) -> Pool:
    """The pool of that seed and size of error; a few megabytes each, kept because floors use few."""
    return Pool(seed, relative, dtype)


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
