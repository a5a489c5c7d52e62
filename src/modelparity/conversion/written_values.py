"""All arrays of a written model in one row, so that a value is found whatever array it lies in."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ..graph import Array


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
