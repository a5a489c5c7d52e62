"""The reference's tensors: their values, how far rounding moves them, and which hold the same in what order."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from ...engine.arithmetic import Arithmetic
from ...engine.operator import Kernel
from ...engine.perturbed import Perturbed
from ...graph import Array, Graph
from ..floor import FIRST
from .beside import Beside
from .live import Live
from .moves import PLAIN, Move, moves, parts, reordered
from .tolerance import Tolerance

#: Elements that are looked at before all of them are.
SAMPLE = 48
#: Elements of the reference's tensors that are kept at once: a gigabyte in float64.
MOST = 1 << 27
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
    #: One in so many results was kept, and those that were wanted; 1: all.
    stride: int = 1
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

    def makers(self, name: str) -> tuple[int, ...]:
        """Places of the nodes that make a tensor: the one that computes its values, then those that hand them on."""
        found: list[int] = []
        group = self.named[name].group
        left: str | None = name
        while left in self.live.made:
            found.append(self.live.made[left])
            given = self.live.given(found[-1])
            left = next((n for n in given if n in self.named and self.named[n].group == group), None)
        return tuple(reversed(found))

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


def tensors(
    graph: Graph,
    feeds: Mapping[str, Array],
    outputs: tuple[str, ...],
    precision: str,
    wanted: Collection[str] = (),
    most: int = MOST,
) -> Tensors:
    """The tensors that ``outputs`` are computed from, in float64, with what rounding at ``precision`` does to each.

    Where they hold more than ``most`` elements, one result in so many is kept, outputs and those that are ``wanted``
    always. Raises `GraphError` as runs do.
    """
    live = Live(graph, outputs)
    places = {name: n for n, name in enumerate(name for at in live.nodes for name in live.results(at))}
    always = {*feeds, *outputs, *wanted}
    kept: dict[str, Array] = dict(feeds)
    stride = 1

    def keep(at: int, kernel: Kernel, arrays: Sequence[Array | None]) -> Sequence[Array]:
        nonlocal stride
        results = _results(kernel, arrays)
        for name, array in zip(live.node(at).outputs, results, strict=False):
            if name in places and name not in live.fixed and (name in always or places[name] % stride == 0):
                kept[name] = array[0]
        while sum(a.size for a in kept.values()) > most and stride < len(places):
            stride *= 2
            for name in [n for n in kept if n not in always and places[n] % stride]:
                del kept[name]
        return results

    ar = Arithmetic("float64")
    Beside(graph, ar, keep)({name: ar.cast(a)[None] for name, a in feeds.items()})
    within = {name: Tolerance.seen(a, np.zeros(a.shape), FIRST, precision) for name, a in feeds.items()}

    def measure(at: int, kernel: Kernel, arrays: Sequence[Array | None]) -> Sequence[Array]:
        results = _results(kernel, arrays)
        for name, lanes in zip(live.node(at).outputs, results, strict=False):
            if name in kept:
                within[name] = Tolerance.seen(kept[name], _departed(lanes, kept[name]), FIRST, precision)
        return results

    moved = Perturbed(precision, lanes=FIRST)
    Beside(graph, moved, measure)(
        {name: np.repeat(moved.cast(a)[None], FIRST, axis=0) for name, a in feeds.items()}
    )
    found = Tensors(live, stride)
    for name, values in kept.items():
        if name in live.tensors:
            found.add(name, np.asarray(values), within[name])
    return found


def _results(kernel: Kernel, arrays: Sequence[Array | None]) -> Sequence[Array]:
    result = kernel(*arrays)
    results: Sequence[Array] = result if type(result) is tuple else (result,)
    return results


def _departed(lanes: Array, truth: Array) -> Array:
    """The largest departure of all lanes at each element."""
    away = np.zeros(truth.shape)
    if lanes.shape[1:] != truth.shape:
        return away  # its size depends on values that rounding moves
    with np.errstate(invalid="ignore", over="ignore"):
        for lane in lanes:
            np.fmax(away, np.abs(lane.astype(np.float64) - truth), out=away)
    return away
