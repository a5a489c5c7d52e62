"""A reference's input in parts along an axis, for a candidate that is given one after the other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from ...errors import ModelparityError
from ...graph import Array, Graph
from ...inputs.sizes import time_axis
from ..reference import Reference
from .plans import Plan

#: Parts that an input is cut into.
PARTS = 3
#: A part is a multiple of one of these where it can be, so that strides divide it.
STRIDES = (64, 32, 16, 8, 4, 2)


@dataclass(frozen=True)
class Parts:
    """``whole`` is the reference on all of it, ``feeds`` its inputs in parts along ``axis``.

    ``places`` {output: (its axis that goes along, the frames that each part gives)}.
    """

    whole: Reference
    axis: str
    feeds: tuple[dict[str, Array], ...]
    places: Mapping[str, tuple[int, tuple[int, ...]]]

    def shapes(self, part: int) -> dict[str, tuple[int, ...]]:
        """The shapes of the reference's outputs for one part."""
        found = {}
        for name, array in self.whole.truth.items():
            place, sizes = self.places[name]
            found[name] = (*array.shape[:place], sizes[part], *array.shape[place + 1 :])
        return found

    def joined(self, results: Sequence[Mapping[str, Array]]) -> dict[str, Array]:
        """{output: the parts' results behind each other}; the first part's where they are no parts of one thing."""
        found = {}
        for name in results[0]:
            try:
                found[name] = np.concatenate([one[name] for one in results], axis=self.places[name][0])
            except ValueError:
                found[name] = results[0][name]
        return found


def parted(ready: Reference, plan: Plan) -> Iterator[Parts]:
    """The ways to cut the reference's input: along time where an axis says so, else along the longest axes.

    Only where no output reads on: what a part gives does not depend on the parts behind it.
    """
    for axis, places in _axes(ready.graph, ready.feeds):
        size = {ready.feeds[name].shape[place] for name, place in places.items()}
        if len(size) != 1:
            continue
        whole = ready
        count = size.pop()
        if ready.windows is not None:
            if ready.windows.axis != axis:
                continue
            number = len(ready.windows.feeds)
            whole = _shortened(ready.windows.whole, places, number * count)
            cuts = [count] * number
        elif count < PARTS or any(name == axis for name, _ in plan.sizes):
            if (longer := _longer(ready, axis, PARTS * count)) is None:
                continue
            whole, cuts = longer, [count] * PARTS
        else:
            each = count // PARTS
            each -= each % next((one for one in STRIDES if one <= each), 1)
            cuts = [each] * (PARTS - 1) + [count - each * (PARTS - 1)]
        if (along := _along(whole, places, cuts)) is None:
            continue
        bounds = np.cumsum([0, *cuts])
        feeds = tuple(
            {
                name: np.take(array, range(start, stop), places[name]) if name in places else array
                for name, array in whole.feeds.items()
            }
            for start, stop in pairwise(bounds)
        )
        yield Parts(whole, axis, feeds, along)


def _axes(graph: Graph, feeds: Mapping[str, Array]) -> Iterator[tuple[str, dict[str, int]]]:
    """(axis, {input: where it lies}), the likeliest to be time first."""
    time = time_axis(graph)
    known: dict[str, dict[str, int]] = {}
    for spec in graph.inputs:
        for place, axis in enumerate(spec.axes):
            known.setdefault(axis.name, {}).setdefault(spec.name, place)
    if time is not None:
        yield time, known[time]
        return
    longest = {
        name: max(feeds[one].shape[at] for one, at in places.items()) for name, places in known.items()
    }
    for name in sorted(known, key=lambda name: -longest[name]):
        if longest[name] >= PARTS:
            yield name, known[name]


def _shortened(whole: Reference, places: Mapping[str, int], size: int) -> Reference:
    """A reference on the beginning of what it was given."""
    feeds = {
        name: np.take(array, range(size), places[name]) if name in places else array
        for name, array in whole.feeds.items()
    }
    return Reference(whole.graph, feeds, whole.about)


def _longer(ready: Reference, axis: str, size: int) -> Reference | None:
    """The reference on a longer input, where inputs are made."""
    if ready.given or axis not in ready.sizes:
        return None
    try:
        longer = ready.at({axis: size}, {})
        _ = longer.truth
    except ModelparityError:
        return None
    return longer


def _along(
    whole: Reference, places: Mapping[str, int], cuts: Sequence[int]
) -> dict[str, tuple[int, tuple[int, ...]]] | None:
    """For each output the axis that goes along, if nothing before the last part depends on it; else None."""
    count, rest = sum(cuts), sum(cuts[:-1])
    feeds = dict(whole.feeds)
    for name, place in places.items():
        array = np.moveaxis(feeds[name].copy(), place, 0)
        array[rest:] = array[rest:][::-1] + 1 if array.dtype.kind == "f" else np.roll(array[rest:], 1)
        feeds[name] = np.moveaxis(array, 0, place)
    try:
        other = Reference(whole.graph, feeds).truth
    except ModelparityError:
        return None
    found = {}
    for name, truth in whole.truth.items():
        options = [
            (place, tuple(cut * size // count for cut in cuts))
            for place, size in enumerate(truth.shape)
            if all(cut * size % count == 0 for cut in cuts)
            and _before(truth, other[name], place, rest, count)
        ]
        if len(options) != 1:
            return None
        found[name] = options[0]
    return found


def _before(one: Array, other: Array, place: int, rest: int, count: int) -> bool:
    """Whether two runs are the same before a place along an axis, and not behind it."""
    if one.shape != other.shape:
        return False
    at = rest * one.shape[place] // count
    before, behind = range(at), range(at, one.shape[place])
    size = max(float(np.max(np.abs(one), initial=0.0)), 1e-30) if one.dtype.kind == "f" else 0.0
    far = np.abs(np.take(one, before, place).astype(float) - np.take(other, before, place).astype(float))
    same = np.array_equal(np.take(one, behind, place), np.take(other, behind, place))
    return bool(at and np.max(far, initial=0.0) <= 1e-9 * size) and not same
