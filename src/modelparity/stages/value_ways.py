"""Ways in which a value is another one without a setting, each as what to do with the reference's to get it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from ..graph import Array
from .matching import turned

#: Frames by which a value may be late, or that may be missing; columns of which two may be exchanged, or all rolled.
LATE, MISSING, EXCHANGED, ROLLED = 4, 16, 12, 128
#: Factors that have a name.
NAMED = {
    math.log(10): "natural logarithm in place of log10",
    1 / math.log(10): "log10 in place of natural logarithm",
}
#: Rows whose places are told one by one.
TOLD = 4
Places = tuple[slice | Array, ...]


@dataclass(frozen=True)
class Made:
    """One way: ``text`` says it, the reference's places ``truth`` times ``factor`` are the candidate's ``got``.

    ``moved`` says by how many places each row lies later along the last axis, what leaves at its end coming in again
    at its start.
    """

    fault: str
    variant: str
    text: str
    repair: str
    turn: tuple[Places, Places]
    factor: float = 1.0
    swapped: tuple[int, ...] = ()
    moved: tuple[int, ...] = ()


def ways(got: Array, truth: Array) -> Iterator[Made]:
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
    yield from _moved(got, truth)
    yield Made(
        "turned", "time", "in the reversed order of time", "turn it round", ((slice(None, None, -1),), whole)
    )
    for told, _ in turned(got, truth.shape):
        if truth.ndim == 2 and truth.shape[0] == truth.shape[1]:
            yield Made("transposed", "", told, "transpose it", (whole, whole), swapped=(1, 0))


def _columns(truth: Array) -> Iterator[Made]:
    """Other orders along each axis behind the first one: reversed, and of columns also exchanged or rolled."""
    axes = [axis for axis in range(1, truth.ndim) if truth.shape[axis] > 1]
    plain = truth.ndim == 2

    def made(axis: int, variant: str, text: str, order: Array) -> Made:
        repair = f"give {'the columns' if plain else f'axis {axis}'} in the order of the original"
        turn: Places = (slice(None),) * axis + (order,)
        variant = variant if plain else f"axis {axis} {variant}"
        return Made("columns", variant, text, repair, (turn, (slice(None),)))

    for axis in axes:
        text = f"{'columns' if plain else f'axis {axis}'} in reversed order"
        yield made(axis, "reversed", text, np.arange(truth.shape[axis])[::-1])
    for axis in axes[:1]:
        count, of = truth.shape[axis], "" if plain else f" of axis {axis}"
        if count <= EXCHANGED:
            for one, other in combinations(range(count), 2):
                order = np.arange(count)
                order[[one, other]] = other, one
                yield made(axis, f"{one}, {other}", f"columns {one} and {other}{of} are exchanged", order)
        for by in range(1, count) if count <= ROLLED else ():
            order = np.roll(np.arange(count), by)
            text = f"columns{of} begin {count - by} later in the order of the original"
            yield made(axis, f"rolled {by}", text, order)


def _moved(got: Array, truth: Array) -> Iterator[Made]:
    """Each row moved along the last axis, by as much as fits best: as where images are padded in another place."""
    if truth.ndim < 3 or not (np.isfinite(truth).all() and np.isfinite(got).all()):
        return
    places = tuple(_lag(one, other) for one, other in zip(got, truth, strict=True))
    if not any(places):
        return
    last, many = truth.ndim - 1, len(places) > 1
    each = ", ".join(str(by) for by in places[:TOLD])
    each += f" and {len(places) - TOLD} more" if len(places) > TOLD else ""
    text = f"axis {last} begins {each} places later{', row by row' if many else ''}"
    repair = f"begin axis {last} where the original begins it; look at where it is padded"
    whole = (slice(None),)
    yield Made("moved", each, text, repair, (whole, whole), moved=places)


def _lag(got: Array, truth: Array) -> int:
    """By how many places of the last axis ``truth`` is moved round in ``got``; 0 where all of them are alike."""
    one, other = (np.asarray(x, np.float64).reshape(-1, x.shape[-1]) for x in (got, truth))
    if other.size == 0 or bool(np.all(other == other[:, :1])):
        return 0
    one, other = one - one.mean(), other - other.mean()
    alike = np.fft.irfft((np.fft.rfft(one) * np.conj(np.fft.rfft(other))).sum(0), other.shape[-1])
    return int(np.argmax(alike))


def _factor(got: Array, truth: Array) -> float | None:
    """The factor that brings the reference nearest to what was given."""
    one, other = np.asarray(truth, np.float64), np.asarray(got, np.float64)
    if not (np.isfinite(one).all() and np.isfinite(other).all()):
        return None
    square = float(np.sum(one * one))
    factor = float(np.sum(one * other)) / square if square else 0.0
    return factor if factor and math.isfinite(factor) else None
