"""States of tempo and position: how long a beat is, and how far it has come."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from modelparity.errors import InputError
from modelparity.graph import Array

from .chains import Chains, bounded

#: Makes whole numbers, as numpy.round.
Whole = Callable[[float], float]
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


def intervals(
    fps: float,
    min_bpm: float,
    max_bpm: float,
    num_tempi: int | None,
    where: str,
    *,
    whole: tuple[Whole, Whole] = (np.round, np.round),
    distinct: bool = True,
) -> Array:
    """Lengths of a beat in whole frames (tempo,) int64, ascending.

    Every one from round(60 fps / max_bpm) to round(60 fps / min_bpm), half to even (``whole`` makes whole numbers of
    the two). With fewer ``num_tempi``, the distinct values of round(2^linspace(log2 shortest, log2 longest, m)), both
    unrounded, for the smallest m of at least ``num_tempi`` that gives as many; for that itself, if they need not be
    ``distinct``. Raises `InputError` for an empty range, and for beats under one frame.
    """
    shortest, longest = 60.0 * fps / max_bpm, 60.0 * fps / min_bpm
    if min_bpm > max_bpm:
        raise InputError(
            "the slowest tempo is above the fastest",
            where=where,
            found=f"min_bpm {min_bpm:g}, max_bpm {max_bpm:g}",
        )
    low, high = int(whole[0](shortest)), int(whole[1](longest))
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
        if not distinct:
            break
    return some.astype(np.int64)


def tempo_change(
    lengths: Array,
    transition_lambda: float | None,
    *,
    inverted: bool = False,
    least: float = LEAST,
    normalised: bool = True,
) -> Array:
    """Probabilities (from, to) of a beat of each length behind each: exp(-lambda |to / from - 1|), 0 where that is at
    most ``least``, each row divided by its sum if ``normalised``.

    ``None`` keeps the tempo. ``inverted`` has from / to in place of to / from.
    """
    if transition_lambda is None:
        return np.eye(len(lengths))
    ratio = lengths.astype(np.float64) / lengths.astype(np.float64)[:, None]
    change = np.exp(-transition_lambda * np.abs((1 / ratio if inverted else ratio) - 1.0))
    change[change <= least] = 0
    rows: Array = change / change.sum(axis=1)[:, None] if normalised else change
    return rows


@dataclass(frozen=True)
class MeterParts:
    """What states are made by: lengths of beats (`intervals`), their probabilities (`tempo_change`), which positions
    lie before the border of a beat's beginning, and whether a downbeat's is as large a share of the bar."""

    lengths: Callable[..., Array] = intervals
    change: Callable[..., Array] = tempo_change
    begins: Callable[[Array, float], Array] = np.less
    of_bar: bool = False


#: madmom's.
PARTS = MeterParts()


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
    parts: MeterParts = PARTS,
) -> Meter:
    """The states of a bar of ``beats`` beats, which all have the same tempi; one beat is a bar of its own.

    Kinds: 0 outside beats, 1 where the part of the beat is below 1 / observation_lambda, 2 in the bar's first beat
    (for one beat too). ``parts`` are madmom's unless others are given. Raises `InputError` as `intervals`, and for a
    model that is too large.
    """
    lengths = parts.lengths(fps, min_bpm, max_bpm, num_tempi, where)
    bounded(beats * int(lengths.sum()), beats * len(lengths) ** 2, where)
    along = np.concatenate([np.linspace(0, 1, length, endpoint=False) for length in lengths.tolist()])
    positions = np.concatenate([beat + along for beat in range(beats)])
    border = 1.0 / observation_lambda
    kinds = np.where(parts.begins(positions % 1, border), 1, 0)
    kinds[parts.begins(positions, border * (beats if parts.of_bar else 1))] = 2
    return Meter(Chains(lengths, parts.change(lengths, transition_lambda), kinds, beats), positions)
