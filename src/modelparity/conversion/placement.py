"""Where a block of weights lies in a set of written arrays: found by value, whatever the writer did to it.

Reshaping, transposing, reversing, splitting, fusing with others and negating all keep one property: neighbours
along an axis of the block stay a constant distance apart in the written array. So a rare value gives the
place of one element, another one a line away gives the distance along each axis, and then every element has
one place where it must be.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ..graph import Array
from .written_values import Written, magnitudes

#: How many rare values are tried as a starting point, and how many places of one value.
PROBES, PLACES, SAMPLE = 6, 256, 4096


@dataclass(frozen=True)
class Match:
    """A place for a block in one written array: flat positions, the block's sign there, and which elements differ."""

    array: int
    positions: Array
    negated: bool
    wrong: Array
    strides: tuple[int, ...]

    @property
    def exact(self) -> bool:
        """Every element is where it must be."""
        return not self.wrong.any()


def place(block: Array, written: Written) -> Match | None:
    """The best place for a float32 block that is no repeated value; None if not even half of it is anywhere."""
    if block.size == 1:
        return _alone(block, written)
    block = block.reshape([n for n in block.shape if n != 1])
    keys, best = magnitudes(block), None
    for origin in _probes(keys, written):
        for start in written.places(keys[origin])[:PLACES]:
            match = _grow(block, keys, origin, int(start), written)
            if match is not None and (best is None or match.wrong.sum() < best.wrong.sum()):
                best = match
                if best.exact:
                    return best
    if best is None or best.wrong.mean() >= 0.5:
        best = None
    return _scattered(block, keys, written) or best


def _alone(block: Array, written: Written) -> Match | None:
    """For a single number: an array of its own is its likelier home, which the writer may have filled with it."""
    found = written.places(magnitudes(block).reshape(-1)[0])
    if not found.size:
        return None
    sizes = np.diff(written.starts)
    at = min(found.tolist(), key=lambda position: (sizes[written.array_of(position)], position))
    negated = bool(np.signbit(written.values[at]) != np.signbit(block.flat[0]))
    array = written.array_of(at)
    part = written.part(array)
    keys = written.keys[part]
    broadcast = (keys == keys[0]).all() and not written.claimed[part].any()
    positions = np.arange(part.start, part.stop) if broadcast else np.array([at])
    return Match(array, positions, negated, np.zeros(positions.shape, bool), ())


def _scattered(block: Array, keys: Array, written: Written) -> Match | None:
    """For blocks of few distinct values (ternary, one-hot), which tell no distances: as a multiset in one array."""
    values, counts = np.unique(keys, return_counts=True)
    if values.size > keys.size // 2:
        return None
    for array in range(len(written.names)):
        part = written.part(array)
        free = np.flatnonzero(~written.claimed[part])
        there = written.keys[part][free]
        order = np.argsort(there, kind="stable")
        low = np.searchsorted(there[order], values, "left")
        if (np.searchsorted(there[order], values, "right") - low >= counts).all():
            taken = [order[a : a + n] for a, n in zip(low, counts, strict=True)]
            positions = part.start + free[np.concatenate(taken)]
            return Match(array, positions, False, np.zeros(positions.shape, bool), ())
    return None


def _probes(keys: Array, written: Written) -> Iterator[tuple[int, ...]]:
    """Elements of the block whose magnitudes occur, the rarest first, spread over the block."""
    flat = keys.ravel()
    sample = np.unique(np.linspace(0, flat.size - 1, min(flat.size, SAMPLE)).astype(np.int64))
    counts = written.count(flat[sample])
    usable = (counts > 0) & (flat[sample] != 0)
    ranked = sample[usable][np.argsort(counts[usable], kind="stable")]
    for index in ranked[:PROBES]:
        yield tuple(int(i) for i in np.unravel_index(index, keys.shape))


def _grow(block: Array, keys: Array, origin: tuple[int, ...], start: int, written: Written) -> Match | None:
    """The block laid out from one element's place, with the distance along each axis found on its line."""
    array = written.array_of(start)
    bounds = written.part(array)
    positions = np.array(start, np.int64)
    strides = []
    for axis, length in enumerate(block.shape):
        line = np.moveaxis(keys, axis, -1)[origin[:axis] + origin[axis + 1 :]]
        stride = _stride(line, origin[axis], start, bounds, written)
        if stride is None:
            return None
        strides.append(stride)
        positions = positions[..., None] + (np.arange(length) - origin[axis]) * stride
    if positions.min() < bounds.start or positions.max() >= bounds.stop or written.claimed[positions].any():
        return None
    there = written.values[positions]
    flipped = np.signbit(there) != np.signbit(block)
    negated = bool(flipped[origin])
    wrong = (written.keys[positions] != keys) | ((flipped != negated) & (keys != 0))
    return Match(array, positions, negated, wrong, tuple(strides))


def _stride(line: Array, at: int, start: int, bounds: slice, written: Written) -> int | None:
    """The constant distance at which most of a line lies around the place of one of its elements."""
    counts = written.count(line)
    usable = np.flatnonzero((counts > 0) & (line != 0) & (np.arange(line.size) != at))
    usable = usable[np.argsort(counts[usable], kind="stable")]
    best, best_share = None, 0.0
    tried: set[int] = set()
    for other in usable[:3]:
        gap = int(other) - at
        places = written.places(line[other])
        places = places[(places >= bounds.start) & (places < bounds.stop)]
        offsets = places - start
        for stride in (offsets[offsets % gap == 0] // gap)[:PLACES].tolist():
            ends = (start - at * stride, start + (line.size - 1 - at) * stride)
            if stride == 0 or stride in tried or min(ends) < bounds.start or max(ends) >= bounds.stop:
                continue
            tried.add(stride)
            share = float((written.keys[start + (np.arange(line.size) - at) * stride] == line).mean())
            if share == 1.0:
                return int(stride)
            if share > best_share:
                best, best_share = int(stride), share
    return best
