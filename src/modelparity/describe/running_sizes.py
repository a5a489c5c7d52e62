"""Sizes of free axes at which a network runs, sought from where it refuses: what its weights take, it tells there.

A feature axis that a file leaves free has one size all the same: the rows of the matrix that it meets, be it after
reshapes and convolutions. So the network is run on zeros at small sizes; where a node refuses, the axes are changed
one by one (then two at a time) so that one of the node's inputs gets a size that the node speaks of (its weights, its
settings, its other inputs), and a change that brings the run further is kept.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import product

import numpy as np

from ..engine.limits import TooMuch, limited
from ..graph import Graph, Node
from .modes import blank
from .shapes import free_axes
from .walk import Walked, walked

Sizes = dict[str, int]
#: Sizes to begin with, unlike each other; first axes are often batches, which cost and decide nothing.
FIRST, OTHERS = 3, (13, 17, 19, 23, 29, 31)
#: Further beginnings, first of every axis but the first ones: networks that halve and double take multiples of these.
ROUND = (32, 64, 256)
#: The size of an axis that is long by itself: a window of sound at 16,000 numbers a second.
LONE = 512
#: Runs that a search may take; what each may hold, and all of them work; sizes that it considers; targets of a node.
TRIALS, ALIVE, WORK, LARGEST, TARGETS = 160, 1 << 22, 1 << 33, 1 << 17, 16


class Search:
    """Looks for sizes of one graph; every run is counted, and none is made twice.

    ``dearest`` is the work of a run (as `walked` counts it) beyond which nothing is sought: where small sizes take as
    much, all others do.
    """

    def __init__(self, graph: Graph, *, dearest: int = WORK) -> None:
        self.graph = graph
        self.dearest = dearest
        self.free = free_axes(graph)
        self.first = {spec.axes[0].name for spec in graph.inputs if spec.axes and spec.axes[0].size is None}
        self.left = TRIALS
        self.work = WORK
        #: Changes that were kept, or another beginning than the first.
        self.steps = 0
        self._known: dict[tuple[int, ...], Walked] = {}

    def found(self) -> Sizes | None:
        """Sizes at which the graph runs; None if none were found within the trials."""
        others = iter(OTHERS * len(self.free))
        starts = [{name: FIRST if name in self.first else next(others) for name in self.free}]
        starts += [{name: 2 if name in self.first else size for name in self.free} for size in ROUND]
        starts += [dict.fromkeys(self.free, size) for size in ROUND[:2]]
        starts = [{name: max(size, self.free[name]) for name, size in start.items()} for start in starts]
        # One long axis and little else: a signal with a state that has members too, whose nodes are inside a branch.
        lone = [{**dict.fromkeys(self.free, 2), name: LONE} for name in self.free if len(self.free) > 1]
        lone = [{name: max(size, self.free[name]) for name, size in start.items()} for start in lone]
        for place, start in enumerate([*starts, *lone]):  # one that runs as it is costs no search
            if self.runs(start):
                self.steps += place > 0
                return start
            if place == 0 and self.tried(start).work > self.dearest:
                return None
        for start in starts:
            sizes = self._from(start)
            if sizes is not None:
                return sizes
        return None

    def runs(self, sizes: Mapping[str, int]) -> bool:
        """Whether it runs at these sizes and anything comes of it."""
        tried = self.tried(sizes)
        return tried.refusal is None and all(math.prod(tried.shapes[name]) for name in self.graph.outputs)

    def tried(self, sizes: Mapping[str, int]) -> Walked:
        """One run."""
        key = tuple(sizes[name] for name in self.free)
        if key not in self._known:
            self.left -= 1
            feeds = {
                spec.name: blank(
                    self.graph, spec, tuple(sizes[a.name] if a.size is None else a.size for a in spec.axes)
                )
                for spec in self.graph.inputs
            }
            if self.left < 0 or self.work <= 0 or any(a.size > ALIVE for a in feeds.values()):
                refusal = TooMuch("sizes that are not tried")
                return Walked(0, {}, {}, 0, 0, 0, refusal)
            with limited(elements=ALIVE, turns=1000, steps=WORK):
                most = min(self.work, self.dearest)
                self._known[key] = walked(self.graph, feeds, most_alive=8 * ALIVE, most_work=most)
            self.work -= self._known[key].work
        return self._known[key]

    def forced(self, sizes: Sizes) -> Sizes:
        """Of sizes at which it runs, those that have to be what they are.

        An axis that must only be as long as another one is free: both are changed, and all that are as long. What is
        not tried, because it costs too much, forces nothing.
        """
        return {
            name: size
            for name, size in sizes.items()
            if all(self._refused({**sizes, **changes}) for changes in _changes(sizes, name))
        }

    def _refused(self, sizes: Sizes) -> bool:
        return not self.runs(sizes) and not isinstance(self.tried(sizes).refusal, TooMuch)

    def branched(self, sizes: Sizes, name: str) -> bool:
        """Whether it also runs at a size of one along an axis, where it takes another branch: ranks differ then.

        So ``x.squeeze(2)`` is written. What is repeated along an axis runs at a size of one too, ranks as they were.
        """
        one = {**sizes, name: 1}
        if sizes[name] == 1 or not self.runs(one):
            return False
        here, there = self.tried(sizes).shapes, self.tried(one).shapes
        return any(len(here[tensor]) != len(there[tensor]) for tensor in here.keys() & there.keys())

    def all_least(self, sizes: Sizes, names: Sequence[str]) -> Sizes:
        """{axis: the least size at which it runs}; one run tells, where all of these may be as small as declared."""
        smallest = {name: self.free[name] for name in names}
        if self.runs({**sizes, **smallest}):
            return smallest
        found: Sizes = {}
        for name in sorted(names, key=lambda name: name not in self.first):
            # As few members as may be make the other runs short, and height and width are mostly alike.
            alike = [size for other, size in found.items() if other not in self.first]
            found[name] = self.least(sizes, name, likely=alike[-1] if alike else None)
            if name in self.first and self.runs({**sizes, name: found[name]}):
                sizes = {**sizes, name: found[name]}
        return {name: found[name] for name in names}

    def least(self, sizes: Sizes, name: str, *, likely: int | None = None) -> int:
        """The least size of one axis at which it runs, the others being these; perhaps a ``likely`` one."""
        low, high = self.free[name] - 1, sizes[name]
        for size in (likely, likely - 1) if likely is not None else ():
            if low < size < high:
                low, high = (low, size) if self.runs({**sizes, name: size}) else (size, high)
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if self.runs({**sizes, name: middle}) else (middle, high)
        return high

    def _from(self, sizes: Sizes) -> Sizes | None:
        for _ in range(4 * len(self.free) + 8):
            state = self.tried(sizes)
            if state.refusal is None and self.runs(sizes):
                return sizes
            # Where nothing comes out, more has to come in.
            longer = {name: 2 * size for name, size in sizes.items()}
            better = longer if state.refusal is None else self._further(sizes, state)
            if better is None:
                return None
            sizes, self.steps = better, self.steps + 1
        return None

    def _further(self, sizes: Sizes, state: Walked) -> Sizes | None:
        """Sizes with which the run comes further than ``state``."""
        if isinstance(state.refusal, TooMuch) or state.done >= len(self.graph.nodes):
            return None
        node = self.graph.nodes[state.done]
        changes = [(name, list(self._candidates(node, sizes, state, name))) for name in reversed(self.free)]
        # A small change of any axis comes before a large one: of a product of two sizes, the likelier is off.
        singly = [(max(size / sizes[name], 1), name, size) for name, found in changes for size in found]
        # A size of one comes last, since it would also be repeated along another.
        for _, name, size in sorted(singly, key=lambda one: (one[2] == 1, one[0])):
            if self.left > 0 and self.tried({**sizes, name: size}).done > state.done:
                return {**sizes, name: size}
        for (one, first), (two, second) in product(changes, changes):
            if one < two:
                for a, b in product(first[:6], second[:6]):
                    both = {**sizes, one: a, two: b}
                    if self.left > 0 and self.tried(both).done > state.done:
                        return both
        return None

    def _candidates(self, node: Node, sizes: Sizes, state: Walked, name: str) -> Iterator[int]:
        """Sizes of an axis that give an input of the node a size that the node speaks of, the likeliest first."""
        other = self.tried({**sizes, name: 2 * sizes[name]})
        seen = {sizes[name]}
        for target, here in product(_targets(node, self.graph, state), node.inputs):
            if here in self.graph.constants or here not in state.shapes or here not in other.shapes:
                continue
            one, two = state.shapes[here], other.shapes[here]
            if len(one) != len(two):
                continue
            pairs = [*zip(one, two, strict=True), (math.prod(one), math.prod(two))]
            for at, doubled in dict.fromkeys(pairs):
                if doubled == at or at == target:
                    continue
                rise = Fraction(doubled - at, sizes[name])
                size = sizes[name] + (target - at) / rise
                for near in range(math.floor(size), math.ceil(size) + 1 + (rise < 1)):
                    if self.free[name] <= near <= LARGEST and near not in seen:
                        seen.add(near)
                        yield near


def _changes(sizes: Sizes, name: str) -> Iterator[Sizes]:
    """Other sizes of an axis: of it alone, with all that are as long, with one other."""
    size = sizes[name]
    yield from ({name: other} for other in (size + 1, 2 * size, size - 1) if other)
    alike = [other for other, its in sizes.items() if its == size]
    yield from (dict.fromkeys(alike, other) for other in (size + 1, 2 * size) if len(alike) > 2)
    for other, its in sizes.items():
        if other != name:
            yield {name: size + 1, other: its + 1}
            yield {name: 2 * size, other: 2 * its}


def _targets(node: Node, graph: Graph, state: Walked) -> list[int]:
    """Sizes that a node speaks of: of its weights, of its settings, of what else enters it."""
    found: list[int] = []
    for name in node.inputs:
        if name in graph.constants:
            shape = graph.constants[name].shape
            found += [n for n in shape if n > 1]
            found += [math.prod(shape[:-1])] if len(shape) > 2 else []
    for value in node.attrs.values():
        if isinstance(value, tuple | list) and all(isinstance(n, int | np.integer) for n in value):
            found += [abs(int(n)) for n in value if abs(int(n)) > 1]
            found.append(math.prod(int(n) for n in value if n > 0))
    if len(node.inputs) > 1:
        found += [
            n for name in node.inputs if name not in graph.constants for n in state.shapes.get(name, ())
        ]
    return list(dict.fromkeys(n for n in (*found, 1) if n > 0))[:TARGETS]
