"""The rudiment that logits tell: the likeliest, how likely it is, and the next best."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from modelparity.errors import InputError
from modelparity.graph import Array

from ..rudiments import RUDIMENTS

#: How many of the likeliest are told.
BEST = 5


class Told(str):
    """The name of the likeliest rudiment; ``best`` are (name, confidence) of the likeliest five, in order."""

    best: tuple[tuple[str, float], ...]

    def __new__(cls, best: Sequence[tuple[str, float]]) -> Told:
        own = super().__new__(cls, best[0][0])
        own.best = tuple(best)
        return own

    def __reduce__(self) -> tuple[Any, ...]:
        return Told, (self.best,)

    @property
    def confidence(self) -> float:
        """How likely it is, from 0 to 1."""
        return self.best[0][1]


def told(logits: Array) -> Told:
    """Logits (40,) as the likeliest rudiments by softmax; of equal ones the first. Raises `InputError` for others."""
    array = np.asarray(logits, np.float64).reshape(-1)
    if array.shape != (len(RUDIMENTS),) or not np.isfinite(array).all():
        found = array.shape if array.shape != (len(RUDIMENTS),) else "not finite"
        raise InputError("not logits of the rudiments", found=found, expected=f"{len(RUDIMENTS)} numbers")
    powers = np.exp(array - array.max())
    shares = powers / powers.sum()
    order = np.argsort(-array, kind="stable")[:BEST]
    return Told([(RUDIMENTS[place], float(shares[place])) for place in order])
