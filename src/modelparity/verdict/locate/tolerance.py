"""How far a tensor's values may be off by rounding: what perturbed runs showed at values of that size or smaller."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...engine.arithmetic import ULP
from ...graph import Array
from ..floor import COVER, FEWER

#: Powers of two below the largest value that are told apart.
POWERS = 64
#: Elements that must have been seen before what happened to them says something of others of their size.
ENOUGH = 16


@dataclass(frozen=True)
class Tolerance:
    """The largest departure of rounding by size of value: ``reach`` (POWERS + 1) from ``top`` downwards.

    Rounding errs by so much of a value, or of what cancelled to it: what it did to values of one size, smaller ones
    included, bounds what it does to others of that size. A value of -1e9 in a mask says nothing of those beside it.
    """

    top: int
    reach: Array
    mean: float
    square: float

    @classmethod
    def seen(cls, truth: Array, departures: Array, runs: int, precision: str) -> Tolerance:
        """From ``departures`` (*shape): the largest of so many runs at each element."""
        size = np.abs(np.where(np.isfinite(truth), truth, 0.0)).astype(np.float64)
        top = int(np.frexp(size.max(initial=0.0))[1])
        place = _places(size, top)
        reach = np.zeros(POWERS + 1)
        np.maximum.at(reach, place.reshape(-1), np.nan_to_num(departures, nan=0.0, posinf=0.0).reshape(-1))
        count = np.bincount(place.reshape(-1), minlength=POWERS + 1)
        reach = np.maximum.accumulate(reach)
        known = np.flatnonzero(np.cumsum(count) >= min(ENOUGH, size.size))
        if known.size:
            reach[: known[0]] = reach[known[0]]
        stored = ULP[precision] * np.ldexp(1.0, top - POWERS + np.arange(POWERS + 1))
        reach = (COVER + FEWER / runs) * reach + stored + float(np.finfo(np.float32).tiny)
        total = max(size.size, 1)
        return cls(top, reach, float(count @ reach) / total, float(np.sqrt(count @ np.square(reach) / total)))

    def of(self, values: Array) -> Array:
        """The tolerance of each of the reference's ``values``."""
        size = np.abs(np.where(np.isfinite(values), values, 0.0))
        result: Array = self.reach[_places(size, self.top)]
        return result


def _places(size: Array, top: int) -> Array:
    """Which power of two each size is, ``POWERS`` for the largest."""
    exponents = np.where(size > 0, np.frexp(size)[1], top - POWERS)
    result: Array = np.clip(exponents - top + POWERS, 0, POWERS)
    return result
