"""Mistakes tried one after another until one is proven, within a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

from ...engine.limits import TooMuch, limited
from ...errors import ModelparityError
from ...graph import Graph
from ..faults import FittedFault
from .clock import Clock
from .order import Possible, changed
from .proof import MUCH, Observed
from .rerun import Rerun

#: Changes that are made at a time, at first and at most: those of one kind run as one.
FIRST, AT_ONCE = 6, 32
#: After one is proven, as much time again is spent on others at the same nodes, and so many seconds at least.
AGAIN, LEAST = 0.5, 0.1
#: What is left of a proven one may be so many times the least of all, and so many floors more.
ALIKE, MORE = 3.0, 0.05


@dataclass(frozen=True, eq=False)
class Proven:
    """A mistake that explains the difference: what is left, in floors, and the half precision that it takes.

    ``others`` are mistakes that it takes besides, each followed by those that are the same there.
    """

    possible: Possible
    graph: Graph
    after: float
    reduced: str = ""
    others: tuple[tuple[Possible, ...], ...] = ()


@dataclass
class Tries:
    """What was tried, what time there is, and what came nearest.

    ``base`` is the graph that mistakes are made to, where it is not the reference's own: one with a mistake already.
    ``inside`` tells whether a mistake is seen inside the candidate too, where outputs prove nothing.
    """

    seen: Observed
    clock: Clock
    again: Callable[[], Observed | None]
    tried: int = 0
    best: tuple[float, Possible | None] = (float("inf"), None)
    base: Graph | None = None
    rerun: Rerun | None = None
    inside: Callable[[Possible], bool] | None = None
    before: float = 0.0
    _keys: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.before = self.seen.before
        self._least, self._only = 0.0, frozenset[str]()

    @property
    def left(self) -> float:
        """Seconds that are left."""
        return self.clock.left - self._least

    @property
    def ready(self) -> Rerun:
        """The graph that mistakes are made to, run once."""
        if self.rerun is None:
            self.rerun = Rerun(self.base or self.seen.reference.graph, self.seen.reference.feeds)
        return self.rerun

    def first(self, possible: Iterable[Possible]) -> list[Proven]:
        """The first of these that is proven, with those that are the same here; none if none is."""
        found: list[Proven] = []
        self._least, self._only = 0.0, frozenset[str]()
        for one, proof in self._results(possible):
            if proof is None:
                continue
            if not found:
                self._least = max(0.0, self.clock.left - max(AGAIN * self.clock.worked, LEAST))
                self._only = frozenset(one.made.nodes)
            found.append(proof)
        self._least = 0.0
        told = self._told(found)
        if told and isinstance(told[0].possible.fault, FittedFault):  # with more numbers, more fits
            told = told[:1]
        return [one for one in told if self.holds(one)]

    def besides(self, found: Sequence[Proven], possible: Iterable[Possible], seconds: float) -> list[Proven]:
        """Those of ``possible`` that explain it as well as what was ``found``, within so many seconds."""
        self._least, self._only = max(0.0, self.clock.left - seconds), frozenset()
        every = [*found, *(proof for _, proof in self._results(possible) if proof is not None)]
        self._least = 0.0
        return [one for one in self._told(every) if one not in found and self.holds(one)]

    @staticmethod
    def _told(found: Sequence[Proven]) -> list[Proven]:
        """Those that leave about as little as the best."""
        least = min((one.after for one in found), default=0.0)
        return [one for one in found if one.after <= ALIKE * least + MORE]

    def holds(self, proof: Proven) -> bool:
        """Whether it is so on a second input too, where one input may deceive: a small difference, fitted numbers.

        Where a candidate's outputs come from zeros alone, it has to show it inside.
        """
        if self.inside is not None and not self.inside(proof.possible):
            return False
        certain = self.before > MUCH and not isinstance(proof.possible.fault, FittedFault)
        return certain or self.elsewhere(proof)

    def elsewhere(self, proof: Proven) -> bool:
        """Whether the mistake explains what the candidate gives for a second input."""
        other = self.again()
        if other is None:
            return False
        try:
            run = Rerun(other.reference.graph, other.reference.feeds)
            results = next(run.run([run.change(proof.graph)]))
            return results is not None and (
                other.floors(results) <= 1 or other.proven(proof.graph, results, other.before) is not None
            )
        except ModelparityError:
            return False

    def _results(self, possible: Iterable[Possible]) -> Iterator[tuple[Possible, Proven | None]]:
        """Each that is tried, with its proof if it has one; those that were tried before are left out."""
        rerun = self.ready
        for some in _parts(self._new(possible)):
            graphs = [(one, graph) for one in some if (graph := changed(one.made)) is not None]
            runs = rerun.run([rerun.change(graph) for _, graph in graphs])
            for at, (one, graph) in enumerate(graphs):
                try:
                    if (left := self.left) <= 0:
                        raise TooMuch("time is up")
                    with limited(seconds=left):
                        results = next(runs)
                except TooMuch:
                    self._keys.difference_update(other.made.key for other, _ in graphs[at:])
                    return
                self.tried += 1
                if results is None:
                    yield one, None
                    continue
                near = self.seen.sampled(results)
                if near < self.best[0]:
                    self.best = near, one
                if self._only and self._only.isdisjoint(one.made.nodes):
                    continue
                proof = self.seen.proven(graph, results, self.before)
                yield one, None if proof is None else Proven(one, graph, *proof)

    def _new(self, possible: Iterable[Possible]) -> Iterator[Possible]:
        for one in possible:
            if self._only and self._only.isdisjoint(one.made.nodes):
                continue
            if one.made.key not in self._keys:
                self._keys.add(one.made.key)
                yield one


def _parts(items: Iterable[Possible]) -> Iterator[Sequence[Possible]]:
    """A few, then twice as many, and so on."""
    rest, size = iter(items), FIRST
    while some := list(islice(rest, size)):
        yield some
        size = min(2 * size, AT_ONCE)
