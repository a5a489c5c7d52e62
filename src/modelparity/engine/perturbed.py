"""Perturbed runs of an arithmetic: many lanes at once, each with independent errors of a unit in the last place."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from ..graph import Array
from .arithmetic import ULP, Arithmetic

#: A sum of n products in order: each partial sum is rounded, which by random walk spreads the result as if every
#: product were off by n u / sqrt(6 n), that is 0.2 sqrt(n) units in the last place (u is half of one). Any order
#: of summation is legitimate, and this one is the worst in use. Half types accumulate in float32 and round once.
#: Of products that all have one sign, the sum itself is off by about as much: see `Arithmetic.summed`.
SUMMED = 0.2
#: Sums of so many products and more are made in two rows, as wide registers make them (every other product each), of
#: strands whose stretches end at these shares. Equal stretches might all end where a wave does, and show nothing. The
#: one row is a strand from first to last, the other has its halves apart, each from nothing: libraries sum blocks of
#: some hundred products so, and what comes to nothing in the end may be much in either half.
LONG, ROWS = (
    128,
    (((0.0, 0.13, 0.29, 0.4, 0.59, 0.78, 1.0),), ((0.0, 0.13, 0.29, 0.5), (0.5, 0.67, 0.81, 1.0))),
)
#: A partial sum is larger somewhere on the way than at most of these ends, so it counts for more than `SUMMED` says.
PARTIAL = 0.45
#: Units in the last place by which what is made whole is moved either way.
EITHER = 2.0
#: Numbers are compared and ranked as if they were off by so many times what lanes differ by; see `_reach`. A sound
#: run may be further off than any of a few lanes, and then goes another way than all of them.
REACH = 2.0
#: From so many lanes on, those whose decisions are not moved say alone how far they differ.
SEVERAL = 8
#: By how many turns noise that is added runs ahead of noise that is multiplied by.
APART = 17
#: Multiplications of a matrix product that take as long as what is done to an element beside it.
PASSES = 20
#: Units in the last place of float32 by which a position may be off: a factor, a product, a difference are rounded.
#: It is off that far in every run, so that more of them show no larger departure.
PLACED = 1.5


class Perturbed(Arithmetic):
    """Every result off by one unit in the last place, up or down, independently in every lane.

    ``lanes`` perturbed runs share one pass: the engine carries them on the leading axis of every array.
    Noise is read from a `Pool` at shifting places, which costs one multiplication per result. float16 and
    bfloat16 are perturbed on the float32 carrier. Equal seeds give equal runs. With ``wide`` of "float32" sums are
    off by that precision which definitions make in float64 whatever the arithmetic.
    """

    def __init__(
        self,
        name: str = "float32",
        *,
        seed: int = 0,
        lanes: int = 8,
        ulps: float = 1.0,
        wide: str = "float64",
    ) -> None:
        super().__init__(name)
        self.wide = wide
        self.lanes, self.ulps, self.seed = lanes, ulps, seed
        #: What a lane has cost so far, in multiplications of a matrix product; see `_count`.
        self.work = 0.0
        #: Elements that a lane of the last run held at once; 0 where `limits` do not count them.
        self.alive = 0
        self._terms = 1
        self._pool = pool(seed, ulps * self.ulp, self.dtype.name)
        self._starts = itertools.cycle(self._pool.starts)
        self._views: dict[tuple[bool, tuple[int, ...]], Iterator[Array]] = {}

    def rounded(self, x: Array, *, bounded: bool = False, inner: bool = False) -> Array:
        self._count(x)
        if inner or x.dtype != self.dtype:
            return x
        return self._disturb(np.asarray(x), bounded)

    def summed(self, x: Array, terms: int) -> Array:
        reached = self.operand(x, terms, fresh=True)
        return self.rounded(x) if reached is x else reached

    def placed(self, at: Array, *, axis: int = 0, reach: Array | float | None = None) -> Array:
        size = np.abs(at) + 1 if reach is None else reach
        moved: Array = at + self._signs(at, axis) * PLACED * self.ulps * ULP["float32"] * size
        return moved

    def _signs(self, at: Array, axis: int) -> Array | int:
        """Which way positions are off in this lane.

        In the first four all together and either way by turns, which shows both neighbours on both of two axes: a
        factor was rounded. In the others each its own way, or again all together: what four patterns hide at an
        element, where errors along two axes cancel, others show.
        """
        if self.lane < 4:
            return 1 - 2 * (self.lane >> axis % 2 & 1)
        start = next(self._starts)
        if self.lane % 2 or at.size > Pool.LARGEST:
            return int(np.sign(self._pool.delta[start]))
        signs: Array = np.sign(self._pool.delta[start : start + at.size]).reshape(at.shape)
        return signs

    def chosen(self, exact: Array, others: Callable[[], Sequence[Array]], *, axis: int = 0) -> Array:
        ways = (exact, *others())
        return ways[(self.lane + axis) % len(ways)]

    def order(self, terms: int) -> Sequence[Sequence[slice]]:
        return _strands(terms) if terms >= LONG and self.ulp < ULP["float16"] else ()

    def partial(self, some: Array, terms: int) -> Array:
        return some if some.dtype != self.dtype else self._spread(some, PARTIAL * math.sqrt(terms))

    def cancelled(self, y: Array, size: Array | Callable[[], Array]) -> Array:
        noise = self._disturb(np.zeros(y.shape, self.dtype), True)
        noise *= (size() if callable(size) else size).astype(self.dtype)
        noise += y
        return noise

    def whole(self, x: Array, *, alone: bool = False) -> Array:
        # The first lane upwards and the second downwards, by more than the last operation may have moved them back.
        if x.dtype != self.dtype or self.lanes < 2:
            return x
        step = x.dtype.type(EITHER * self.ulps * self.ulp)
        if alone:
            signs = () if self.shared else (1, -1)[self.lane : self.lane + 1]
            return x + signs[0] * step * np.abs(x) if signs else x
        if len(x) != self.lanes or np.array_equal(x[0], x[-1]):
            return x  # nothing was computed
        y = x.copy()
        y[0] += step * np.abs(x[0])
        y[1] -= step * np.abs(x[1])
        return y

    def compared(self, x: Array, y: Array) -> Array:
        # All that may be larger is so in the first lane, and nothing of it in the second.
        reach = [found for a in (x, y) if (found := self._reach(a)) is not None]
        if not reach:
            return x
        moved = np.array(
            np.broadcast_to(x, (self.lanes, *np.broadcast_shapes(x.shape, y.shape)[1:])), self.dtype
        )
        for one in reach:
            moved[0] += one
            moved[1] -= one
        return moved

    def ranked(self, x: Array, axis: int) -> Array:
        # Two next to each other change places in the first lane or in the second.
        reach = self._reach(x)
        if reach is None:
            return x
        moved, turns = x.copy(), np.resize(np.array((1, -1), x.dtype), x.shape[axis])
        turns = turns.reshape(-1, *(1,) * (x.ndim - 1 - axis % x.ndim))
        for lane in (0, 1):
            order = np.argsort(x[lane], axis=axis % x.ndim - 1, kind="stable")
            signs = np.empty_like(reach)
            np.put_along_axis(signs, order, np.broadcast_to(turns, order.shape), axis=axis % x.ndim - 1)
            moved[lane] += reach * signs if lane == 0 else -reach * signs
        return moved

    def leading(self, x: Array, axis: int) -> Array:
        # In the first lane the largest falls back as far as it may, and all others come as near as they may.
        reach = self._reach(x)
        if reach is None:
            return x
        moved, along = x.copy(), axis % x.ndim - 1
        place = np.expand_dims(x[0].argmax(axis=along), along)
        fallen = np.take_along_axis(x[0], place, along) - np.take_along_axis(reach, place, along)
        moved[0] += reach
        np.put_along_axis(moved[0], place, fallen, along)
        return moved

    def neighbouring(self, x: Array, axes: Sequence[int]) -> Array:
        # Every other one upwards along an axis, the others in the next lane: two lanes an axis, as far as they go.
        reach = self._reach(x)
        if reach is None:
            return x
        moved = x.copy()
        for place, axis in enumerate(axes[: self.lanes // 2]):
            turns = np.resize(np.array((1, -1), x.dtype), x.shape[axis])
            turns = turns.reshape(-1, *(1,) * (x.ndim - 1 - axis % x.ndim))
            moved[2 * place] += reach * turns
            moved[2 * place + 1] -= reach * turns
        return moved

    def alike(self, results: Sequence[tuple[Array, ...]]) -> Sequence[tuple[Array, ...]]:
        # Where lanes find fewer or more than most do, no element stands beside another: they show nothing there.
        shapes = [tuple(a.shape for a in result) for result in results]
        usual = max(shapes, key=shapes.count)
        shown = results[shapes.index(usual)]
        return [result if own == usual else shown for own, result in zip(shapes, results, strict=True)]

    def _reach(self, x: Array) -> Array | None:
        """How far each element (of one lane) of what was computed may be off; None where lanes do not differ."""
        if x.dtype != self.dtype or self.lanes < 2 or len(x) != self.lanes:
            return None
        some = x[2:] if self.lanes >= SEVERAL else x  # what the first two decide otherwise is no rounding
        found = np.asarray(some.max(axis=0) - some.min(axis=0))
        if not found.any():
            return None
        reach: Array = np.nan_to_num(found, nan=0.0, posinf=0.0) * self.dtype.type(REACH)
        return reach

    def operand(self, x: Array, terms: int = 1, *, fresh: bool = False) -> Array:
        self._terms = max(self._terms, terms)
        reach = SUMMED * math.sqrt(terms) if self.ulp < ULP["float16"] else 1.0
        if x.dtype != self.dtype or (fresh and reach <= 1):
            return x
        return self._disturb(x.copy(), False) if reach <= 1 else self._spread(x, reach)

    def _spread(self, x: Array, reach: float) -> Array:
        """x, off by so many units in the last place, as a new array."""
        scale = self.dtype.type(reach)
        if x.size <= Pool.LARGEST:
            return self._moved(x, self._noise(x.shape, True), scale, np.empty_like(x))
        y = np.empty_like(x)
        if not (x.flags.c_contiguous and y.flags.c_contiguous):
            return self._moved(x, self._disturb(np.zeros_like(x), True), scale, y)
        source, result = x.reshape(-1), y.reshape(-1)
        for start in range(0, x.size, Pool.LARGEST):  # block by block, near the processor
            at, some = next(self._starts), slice(start, min(start + Pool.LARGEST, x.size))
            noise = self._pool.delta[at : at + some.stop - start]
            self._moved(source[some], noise, scale, result[some])
        return y

    @staticmethod
    def _moved(x: Array, noise: Array, scale: Any, out: Array) -> Array:
        """``out`` = x + scale noise x, rounded after each of the three."""
        np.multiply(noise, scale, out=out)
        out *= x
        out += x
        return out

    def _count(self, x: Array) -> None:
        """Add what it cost to make ``x``: the products of its sums, and passes over memory."""
        self.work += x.size * (self._terms + PASSES) / self.lanes
        self._terms = 1

    def _noise(self, shape: tuple[int, ...], absolute: bool) -> Array:
        """A stretch of the pool of that shape, another one each time."""
        turns = self._views.get((absolute, shape))
        if turns is None:
            noise = self._pool.views(shape, absolute)
            # What is added to a result and what it is then multiplied by must not go in step: where the result is
            # negative, the one would undo the other in every lane.
            turns = itertools.cycle(noise[APART:] + noise[:APART] if absolute else noise)
            self._views[absolute, shape] = turns
        return next(turns)

    def _disturb(self, x: Array, absolute: bool) -> Array:
        if x.size <= Pool.LARGEST:
            return (np.add if absolute else np.multiply)(x, self._noise(x.shape, absolute), out=x)
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


@lru_cache(maxsize=256)
def _strands(terms: int) -> tuple[tuple[slice, ...], ...]:
    def place(share: float) -> int:
        return terms if share == 1 else round(share * terms) // len(ROWS) * len(ROWS)

    return tuple(
        tuple(slice(place(start) + row, place(end), len(ROWS)) for start, end in itertools.pairwise(shares))
        for row, strands in enumerate(ROWS)
        for shares in strands
    )


@lru_cache(maxsize=32)
def pool(seed: int, relative: float, dtype: str) -> Pool:
    """The pool of that seed and size of error; a few megabytes each, kept because floors use few."""
    return Pool(seed, relative, dtype)
