"""The reference's tensors: their values, how far rounding moves them, and which hold the same in what order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np

from ...engine.perturbed import Perturbed
from ...engine.program import Program
from ...engine.run import run
from ...graph import Array, Graph
from ..floor import FIRST
from .live import Live
from .moves import PLAIN, Move, moves, parts, reordered
from .tolerance import Tolerance

#: Elements that are looked at before all of them are.
SAMPLE = 48
#: Whole numbers and truth values say something where there are so many, and so many different ones.
MANY, DIFFERENT = 16, 2


@dataclass(frozen=True, eq=False)
class Known:
    """A tensor of the reference; ``group`` is shared by those of the same values, in whatever order."""

    name: str
    values: Array
    within: Tolerance
    mean: float
    square: float
    group: int


@dataclass(frozen=True, eq=False)
class Match:
    """A tensor of the reference with the values of one of the candidate's.

    ``off`` is the worst element's difference, as a share of what rounding may do there.
    """

    known: Known
    move: Move
    off: float


@dataclass
class Tensors:
    """What the reference computes, by number of elements, in its order."""

    live: Live
    by_size: dict[int, list[Known]] = field(default_factory=dict)
    named: dict[str, Known] = field(default_factory=dict)
    groups: dict[int, list[Known]] = field(default_factory=dict)

    def add(self, name: str, values: Array, within: Tolerance) -> None:
        """Take one more; those of the same values are found among those that are there."""
        wide = np.ascontiguousarray(values, np.float64)
        same = None
        if telling(wide):
            same = next(iter(self.matches(wide, (), orders=True)), None)
        mean, square = moments(wide)
        group = len(self.groups) if same is None else same.known.group
        one = Known(name, wide, within, mean, square, group)
        self.by_size.setdefault(wide.size, []).append(one)
        self.groups.setdefault(group, []).append(one)
        self.named[name] = one

    def matches(self, values: Array, preferred: Iterable[str], *, orders: bool) -> Iterator[Match]:
        """Tensors that hold these ``values`` (float64): in the plain order first, the ``preferred`` ones first.

        With ``orders`` also in other orders, one of each group.
        """
        mean, square = moments(values)
        first = dict.fromkeys(preferred)
        near = [
            one for one in self.by_size.get(values.size, ()) if abs(one.square - square) <= one.within.square
        ]
        near.sort(key=lambda one: one.name not in first)
        found = False
        for one in near:
            if abs(one.mean - mean) <= one.within.mean and (off := distance(one, PLAIN, values)) <= 1:
                found = True
                yield Match(one, PLAIN, off)
        if found or not orders:
            return
        for one in near:
            for sign in (1, -1):
                if abs(sign * one.mean - mean) > one.within.mean:
                    continue
                for move in _ways(one.values, values, sign):
                    if (off := distance(one, move, values)) <= 1:
                        yield Match(one, move, off)
                        break

    def part(self, values: Array, among: Iterable[str]) -> Match | None:
        """A tensor ``among`` these of which the values are a part."""
        for name in among:
            if (one := self.named.get(name)) is None:
                continue
            for move in parts(one.values.shape, values.shape):
                if (off := distance(one, move, values)) <= 1:
                    return Match(one, move, off)
        return None


def _ways(ours: Array, values: Array, sign: int) -> Iterator[Move]:
    if sign < 0:
        yield PLAIN.negated()
    for move in (*moves(ours.shape, values.shape), *reordered(sign * ours, values)):
        yield move if sign > 0 else move.negated()


def distance(one: Known, move: Move, values: Array) -> float:
    """The worst difference as a share of the tolerance; infinite where values that are not finite differ."""
    ours = move.view(one.values)
    theirs = values.reshape(ours.shape)
    if ours.size > SAMPLE:
        at = np.linspace(0, ours.size - 1, SAMPLE).astype(np.intp)
        if _off(one.within, ours.flat[at], theirs.flat[at]) > 1:
            return np.inf
    return _off(one.within, ours, theirs)


def _off(within: Tolerance, ours: Array, theirs: Array) -> float:
    with np.errstate(invalid="ignore", over="ignore"):
        away = np.abs(theirs - ours)
        finite = np.isfinite(ours)
        if not finite.all():
            alike = (ours == theirs) | (np.isnan(ours) & np.isnan(theirs))
            away = np.where(finite, away, np.where(alike, 0.0, np.inf))
        away = np.where(np.isnan(away), np.inf, away)
        return float(np.max(away / within.of(ours), initial=0.0))


def moments(values: Array) -> tuple[float, float]:
    """Mean and root of the mean square of what is finite, as a share of all."""
    finite = values if np.isfinite(values).all() else np.where(np.isfinite(values), values, 0.0)
    if not finite.size:
        return 0.0, 0.0
    with np.errstate(over="ignore"):
        flat = finite.reshape(-1)
        return float(flat.mean()), float(np.sqrt(flat @ flat / flat.size))


def telling(values: Array) -> bool:
    """Whether values say where they come from: zeros, ones and the like are computed in many ways."""
    flat = values.reshape(-1)
    finite = flat[np.isfinite(flat)]
    if (finite != np.trunc(finite)).any():
        return True
    return finite.size >= MANY and len(np.unique(finite[: 1 << 12])) > DIFFERENT


def tensors(graph: Graph, feeds: Mapping[str, Array], outputs: tuple[str, ...], precision: str) -> Tensors:
    """The tensors that ``outputs`` are computed from, in float64, with what rounding at ``precision`` does to each.

    Raises `GraphError` as runs do.
    """
    live = Live(graph, outputs)
    taps = {**feeds, **run(graph, feeds, taps=True)}
    ar = Perturbed(precision, lanes=FIRST)
    lanes = {name: np.repeat(ar.cast(a)[None], FIRST, axis=0) for name, a in feeds.items()}
    moved = {**lanes, **Program([graph], ar)(lanes, taps=True)}
    found = Tensors(live)
    for name in (*feeds, *(name for at in live.nodes for name in live.results(at))):
        if name in live.tensors and name not in live.fixed:
            truth = np.asarray(taps[name])
            found.add(name, truth, Tolerance.seen(truth, _departed(moved.pop(name), truth), FIRST, precision))
    return found


def _departed(lanes: Array, truth: Array) -> Array:
    """The largest departure of all lanes at each element."""
    away = np.zeros(truth.shape)
    with np.errstate(invalid="ignore", over="ignore"):
        for lane in lanes:
            np.fmax(away, np.abs(lane.astype(np.float64) - truth), out=away)
    return away
