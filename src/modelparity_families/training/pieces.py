"""A piece of data as something to learn from, made when it is asked for; and how pieces are split."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

import numpy as np

from modelparity.graph import Array

#: How data sets name their parts -> how they are named here.
SPLITS = {
    "train": "train",
    "validation": "validation",
    "valid": "validation",
    "dev": "validation",
    "test": "test",
}


#: Parts of a split, none of which may be empty.
PARTS = ("train", "validation", "test")


@dataclass(frozen=True)
class Example:
    """x (time, feature), y (time, target), mask (time, target): 0 where nothing is known. All float32."""

    x: Array
    y: Array
    mask: Array

    def __len__(self) -> int:
        return len(self.x)

    @property
    def bytes(self) -> int:
        """What it takes in memory."""
        return int(self.x.nbytes + self.y.nbytes + self.mask.nbytes)

    def part(self, start: int, length: int) -> Example:
        """Some frames of it."""
        stop = start + length
        return Example(self.x[start:stop], self.y[start:stop], self.mask[start:stop])


@dataclass(frozen=True)
class Piece:
    """One recording or file: ``make`` reads it, and raises `InputError` if it is not readable."""

    key: str
    make: Callable[[], Example]
    split: str = ""


def example(x: Array, y: Array, mask: Array | None = None) -> Example:
    """An `Example` of these arrays; without a mask everything is known."""
    known = np.ones(y.shape) if mask is None else np.broadcast_to(mask, y.shape)
    return Example(*(np.ascontiguousarray(array, np.float32) for array in (x, y, known)))


def divided(pieces: Iterable[Piece]) -> list[Piece]:
    """The pieces with a split each: a tenth each, but at least one, for validation and test, by the hash of the key.

    The same pieces are always divided alike, in whatever order they come.
    """
    ordered = sorted(pieces, key=lambda piece: hashlib.sha256(piece.key.encode()).digest())
    held = max(1, round(len(ordered) / 10))
    names = ["validation"] * held + ["test"] * held
    return [
        replace(piece, split=names[place] if place < len(names) else "train")
        for place, piece in enumerate(ordered)
    ]
