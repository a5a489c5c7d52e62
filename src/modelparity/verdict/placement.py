"""Where a block of weights lies in a set of written arrays: found by value, whatever the writer did to it.

Reshaping, transposing, reversing, splitting, fusing with others and negating all keep one property: neighbours
along an axis of the block stay a constant distance apart in the written array. So a rare value gives the
place of one element, another one a line away gives the distance along each axis, and then every element has
one place where it must be.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from ..graph import Array

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


class Written:
    """All floating-point arrays of a written model in one row, indexed by magnitude; elements can be claimed."""

    def __init__(self, arrays: Mapping[str, Array]) -> None:
        floats = {name: np.asarray(a) for name, a in arrays.items() if np.asarray(a).dtype.kind == "f"}
        self.names = tuple(floats)
        self.dtypes = tuple(a.dtype.name for a in floats.values())
        self.starts = np.cumsum([0, *(a.size for a in floats.values())])
        with np.errstate(over="ignore"):
            flat = [a.astype(np.float32).ravel() for a in floats.values()]
        self.values = np.concatenate(flat) if flat else np.zeros(0, np.float32)
        self.keys = magnitudes(self.values)
        self.order = np.argsort(self.keys, kind="stable")
        self.sorted = self.keys[self.order]
        self.claimed = np.zeros(self.values.size, bool)

    def count(self, keys: Array) -> Array:
        """How often each magnitude occurs."""
        return np.searchsorted(self.sorted, keys, "right") - np.searchsorted(self.sorted, keys, "left")

    def places(self, key: np.uint32) -> Array:
        """Flat positions of a magnitude, those of unclaimed elements only."""
        low, high = np.searchsorted(self.sorted, key, "left"), np.searchsorted(self.sorted, key, "right")
        found = self.order[low:high]
        return found[~self.claimed[found]]

    def array_of(self, position: int) -> int:
        """Index of the array that holds a flat position."""
        return int(np.searchsorted(self.starts, position, "right")) - 1

    def part(self, array: int) -> slice:
        """Flat positions of one array."""
        return slice(int(self.starts[array]), int(self.starts[array + 1]))


def magnitudes(values: Array) -> Array:
    """float32 bits without the sign: equal for x and -x, and NaN equals itself."""
    return np.ascontiguousarray(values, np.float32).view(np.uint32) & np.uint32(0x7FFFFFFF)


def place(block: Array, written: Written) -> Match | None:
    """The best place for a float32 block that is not constant; None if not even half of it is anywhere."""
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
