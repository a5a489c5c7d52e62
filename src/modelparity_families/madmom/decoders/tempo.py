"""States of tempo and position: how long a beat is, and how far it has come."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from modelparity.errors import InputError
from modelparity.graph import Array

from .chains import Chains, bounded

#: Transitions that are no more probable count as impossible.
LEAST = float(np.spacing(1))


@dataclass(frozen=True, eq=False)
class Meter:
    """Chains of a bar's beats, and of each state its position (state,): whole beats, and the part of the beat."""

    chains: Chains
    positions: Array

    @property
    def beat_range(self) -> Array:
        """(state,): whether a state is at the beginning of a beat."""
        return self.chains.kinds > 0


def intervals(fps: float, min_bpm: float, max_bpm: float, num_tempi: int | None, where: str) -> Array:
    """Lengths of a beat in whole frames (tempo,) int64, ascending.

    Every one from round(60 fps / max_bpm) to round(60 fps / min_bpm), half to even. With fewer ``num_tempi``, the
    distinct values of round(2^linspace(log2 shortest, log2 longest, m)), both unrounded, for the smallest m of at
    least ``num_tempi`` that gives as many. Raises `InputError` for an empty range, and for beats under one frame.
    """
    shortest, longest = 60.0 * fps / max_bpm, 60.0 * fps / min_bpm
    if min_bpm > max_bpm:
        raise InputError(
            "the slowest tempo is above the fastest",
            where=where,
            found=f"min_bpm {min_bpm:g}, max_bpm {max_bpm:g}",
        )
    low, high = int(np.round(shortest)), int(np.round(longest))
    if low < 1:
        raise InputError(
            "a beat at the fastest tempo takes no frame",
            where=where,
            found=f"max_bpm {max_bpm:g} at {fps:g} frames a second",
            expected=f"at most {60 * fps:g} beats a minute",
        )
    count = high - low + 1
    bounded(count * (low + high) // 2, count**2, where)
    every = np.arange(low, high + 1)
    if num_tempi is None or num_tempi >= len(every):
        return every
    some, points = every[:0], num_tempi
    while len(some) < num_tempi:
        some = np.unique(np.round(np.logspace(np.log2(shortest), np.log2(longest), points, base=2)))
        points += 1
    return some.astype(np.int64)


def tempo_change(lengths: Array, transition_lambda: float | None) -> Array:
    """Probabilities (from, to) of a beat of each length behind each: exp(-lambda |to / from - 1|), 0 where that is at
    most 2.2e-16, each row divided by its sum. ``None`` keeps the tempo."""
    if transition_lambda is None:
        return np.eye(len(lengths))
    ratio = lengths.astype(np.float64) / lengths.astype(np.float64)[:, None]
    change = np.exp(-transition_lambda * np.abs(ratio - 1.0))
    change[change <= LEAST] = 0
    rows: Array = change / change.sum(axis=1)[:, None]
    return rows


@lru_cache(maxsize=8)
def meter(
    beats: int,
    fps: float,
    min_bpm: float,
    max_bpm: float,
    num_tempi: int | None,
    transition_lambda: float | None,
    observation_lambda: float,
    where: str,
) -> Meter:
    """The states of a bar of ``beats`` beats, which all have the same tempi; one beat is a bar of its own.

    Kinds: 0 outside beats, 1 where the part of the beat is below 1 / observation_lambda, 2 in the bar's first beat
    (for one beat too). Raises `InputError` as `intervals`, and for a model that is too large.
    """
    lengths = intervals(fps, min_bpm, max_bpm, num_tempi, where)
    bounded(beats * int(lengths.sum()), beats * len(lengths) ** 2, where)
    parts = np.concatenate([np.linspace(0, 1, length, endpoint=False) for length in lengths.tolist()])
    positions = np.concatenate([beat + parts for beat in range(beats)])
    border = 1.0 / observation_lambda
    kinds = np.where(positions % 1 < border, 1, 0)
    kinds[positions < border] = 2
    return Meter(Chains(lengths, tempo_change(lengths, transition_lambda), kinds, beats), positions)
