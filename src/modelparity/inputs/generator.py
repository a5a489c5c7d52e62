"""A counter-based generator whose every bit is defined here: integers only, then exact scaling.

numpy promises a stable stream for its bit generators but not for its distributions, and logarithms and
sines differ between platforms in the last place. So words come from SplitMix64 and a normal deviate is a sum
of whole numbers: both are the same on every machine.
Source: Steele, Lea, Flood, "Fast splittable pseudorandom number generators", 2014.
"""

from __future__ import annotations

import hashlib

import numpy as np

from ..graph import Array

_GAMMA = np.uint64(0x9E3779B97F4A7C15)
_MIX = ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB))


class Generator:
    """Random numbers that depend on the key alone; each call goes on where the last one ended."""

    def __init__(self, *key: object) -> None:
        digest = hashlib.sha256("\0".join(map(str, key)).encode()).digest()
        self._start = np.array([int.from_bytes(digest[:8], "little")], np.uint64)
        self._drawn = 0

    def words(self, count: int) -> Array:
        """``count`` uint64 words, every bit random."""
        z = np.arange(self._drawn + 1, self._drawn + 1 + count, dtype=np.uint64) * _GAMMA + self._start
        self._drawn += count
        for shift, factor in _MIX:
            z = (z ^ (z >> np.uint64(shift))) * np.uint64(factor)
        return z ^ (z >> np.uint64(31))

    def whole(self, count: int, below: int) -> Array:
        """``count`` int64 numbers in 0 .. below - 1; ``below`` is at most 2^31."""
        return ((self.words(count) >> np.uint64(33)) * np.uint64(below) >> np.uint64(31)).astype(np.int64)

    def uniform(self, count: int) -> Array:
        """``count`` float64 multiples of 2^-24 in [0, 1)."""
        return (self.words(count) >> np.uint64(40)).astype(np.float64) * 2.0**-24

    def normal(self, count: int) -> Array:
        """``count`` float64 deviates of mean 0 and variance 1 - 2^-32: multiples of 2^-16 in [-6, 6].

        Each is a sum of twelve whole numbers of 16 bits, whose variance is (2^32 - 1) (Irwin-Hall).
        """
        words = self.words(3 * count).reshape(count, 3)
        total = np.zeros(count, np.int64)
        for part in range(3):
            for shift in (0, 16, 32, 48):
                total += (words[:, part] >> np.uint64(shift) & np.uint64(0xFFFF)).astype(np.int64)
        return (total - 12 * 65535 // 2).astype(np.float64) * 2.0**-16
