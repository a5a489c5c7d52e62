"""Mistakes in a value that need no setting: frames late or missing, columns in another order, another factor.

Each is made to the reference's value; where that is then the candidate's, it is the cause.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from ..graph import Array
from ..verdict.bands import LIMIT
from ..verdict.cause import Cause
from ..verdict.compare import compare
from .matching import turned

#: Frames by which a value may be late, or that may be missing; columns of which two may be exchanged, or all rolled.
LATE, MISSING, EXCHANGED, ROLLED = 4, 16, 12, 128
#: Factors that have a name.
NAMED = {
    math.log(10): "natural logarithm in place of log10",
    1 / math.log(10): "log10 in place of natural logarithm",
}
Places = tuple[slice, ...]


@dataclass(frozen=True)
class Made:
    """One way: ``text`` says it, the reference's places ``truth`` times ``factor`` are the candidate's ``got``."""

    fault: str
    variant: str
    text: str
    repair: str
    turn: tuple[Places | tuple[slice, Array], Places]
    factor: float = 1.0
    swapped: tuple[int, ...] = ()


def value_faults(
    got: Mapping[str, Array], truth: Mapping[str, Array], floors: Mapping[str, Array], stage: str
) -> Cause | None:
    """The first mistake, alike in all tensors of a stage, with which the reference's value is the candidate's."""
    names = list(got)
    if any(got[name].dtype.kind not in "fiub" for name in names):
        return None
    before = _away(got, truth, floors, None)
    for made in _ways(got[names[0]], truth[names[0]]):
        after = _away(got, truth, floors, made)
        if after is not None and after <= LIMIT:
            return Cause(
                fault=f"value {made.fault}",
                nodes=(stage,),
                before=before,
                after=after,
                text=f"{made.text}: undone, {_size(before)} becomes {_size(after)}",
                repair=made.repair,
                variant=made.variant,
            )
    return None


def _size(floors: float | None) -> str:
    return "another shape" if floors is None or math.isinf(floors) else f"{floors:.2g} times the floor"


def _away(
    got: Mapping[str, Array], truth: Mapping[str, Array], floors: Mapping[str, Array], made: Made | None
) -> float | None:
    """The largest distance in floors with the mistake made; None where it does not fit or too little is compared."""
    most = 0.0
    for name, array in got.items():
        try:
            want, floor = _made(truth[name], made), _made(floors[name], made)
            if made is not None:
                want, floor = want * made.factor, floor * abs(made.factor)
                array = array[made.turn[1]]
        except (IndexError, ValueError):
            return None
        if made is not None and (want.size < truth[name].size / 4 or _flat(want)):
            return None
        most = max(most, compare(name, array, want, floor, dtypes=(str(array.dtype),)).floors)
    return most


def _made(array: Array, made: Made | None) -> Array:
    if made is None:
        return array
    if made.swapped:
        return np.transpose(array, made.swapped)
    return array[made.turn[0]]


def _flat(array: Array) -> bool:
    """Whether it is the same throughout, or along its first axis, so that no place is told from another."""
    return array.size == 0 or bool(np.all(array == array[:1]))


def _ways(got: Array, truth: Array) -> Iterator[Made]:
    """Every way, likeliest first."""
    whole: Places = (slice(None),)
    if got.ndim == 0 or got.ndim != truth.ndim:
        return
    rows, other = len(truth), len(got)
    repair = "begin with the frame that the original begins with"
    if got.shape[1:] == truth.shape[1:]:
        if 0 < rows - other <= MISSING:
            for first in range(rows - other + 1):
                last = rows - other - first
                parts = [f"the first {first}" if first else "", f"the last {last}" if last else ""]
                text = f"{' and '.join(filter(None, parts))} frames are missing"
                turn = ((slice(first, rows - last),), whole)
                yield Made(
                    "missing", f"{first}, {last}", text, "give every frame that the original gives", turn
                )
        if 0 < other - rows <= MISSING:
            for first in range(other - rows + 1):
                last = other - rows - first
                text = f"{first} frames too many at the start and {last} at the end"
                kept: Places = (slice(first, other - last),)
                yield Made(
                    "beyond", f"{first}, {last}", text, "give only what the original gives", (whole, kept)
                )
        for late in range(1, LATE + 1):
            # As far as both have them; what stands before the first or behind the last is not compared.
            same = min(rows, other - late)
            text = f"{late} {'frame' if late == 1 else 'frames'}"
            yield Made(
                "late", str(late), f"{text} late", repair, ((slice(0, same),), (slice(late, late + same),))
            )
            same = min(rows - late, other)
            yield Made(
                "late", str(-late), f"{text} early", repair, ((slice(late, late + same),), (slice(0, same),))
            )
    if got.shape != truth.shape:
        return
    if (factor := _factor(got, truth)) is not None:
        named = next((text for known, text in NAMED.items() if abs(factor / known - 1) < 1e-5), "")
        text = named or f"{factor:.7g} times what it should be"
        yield Made("factor", f"{factor:.7g}", text, f"divide by {factor:.7g}", (whole, whole), factor)
    yield from _columns(truth)
    yield Made(
        "turned", "time", "in the reversed order of time", "turn it round", ((slice(None, None, -1),), whole)
    )
    for told, _ in turned(got, truth.shape):
        if truth.ndim == 2 and truth.shape[0] == truth.shape[1]:
            yield Made("transposed", "", told, "transpose it", (whole, whole), swapped=(1, 0))


def _columns(truth: Array) -> Iterator[Made]:
    """Orders of the columns of the second axis."""
    if truth.ndim < 2 or truth.shape[1] < 2:
        return
    whole, count = (slice(None),), truth.shape[1]
    repair = "give the columns in the order of the original"

    def made(variant: str, text: str, order: Array) -> Made:
        return Made("columns", variant, text, repair, ((slice(None), order), whole))

    yield made("reversed", "columns in reversed order", np.arange(count)[::-1])
    if count <= EXCHANGED:
        for one, other in combinations(range(count), 2):
            order = np.arange(count)
            order[[one, other]] = other, one
            yield made(f"{one}, {other}", f"columns {one} and {other} are exchanged", order)
    for by in range(1, count) if count <= ROLLED else ():
        order = np.roll(np.arange(count), by)
        yield made(f"rolled {by}", f"columns begin {count - by} later in the order of the original", order)


def _factor(got: Array, truth: Array) -> float | None:
    """The factor that brings the reference nearest to what was given."""
    one, other = np.asarray(truth, np.float64), np.asarray(got, np.float64)
    if not (np.isfinite(one).all() and np.isfinite(other).all()):
        return None
    square = float(np.sum(one * one))
    factor = float(np.sum(one * other)) / square if square else 0.0
    return factor if factor and math.isfinite(factor) else None
