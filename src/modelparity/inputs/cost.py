"""What a verdict at some sizes would cost, estimated before anything runs, and sizes that can be afforded.

Counted, not timed, so that the same network gets the same inputs on every machine.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from weakref import WeakKeyDictionary

from ..describe.running_sizes import Search
from ..describe.shapes import free_axes, zeros
from ..describe.walk import Walked, walked
from ..engine.limits import TooMuch, limited
from ..errors import InputError, near
from ..graph import Graph

#: What one run may be planned to hold at once (elements; a verdict runs up to twelve lanes side by side) and work
#: (multiplications, as `describe.walk` counts them; a verdict takes some ten runs on each of three inputs).
ALIVE, WORK = 1 << 23, 1 << 30
#: The sizes at which the cost is measured, or the least ones.
SAMPLE = 4
Sizes = dict[str, int]
#: (graph, sizes, those that were asked for) -> other sizes, or None.
Smaller = Callable[[Graph, Mapping[str, int], Mapping[str, int] | None], Sizes | None]
_known: WeakKeyDictionary[Graph, dict[tuple[tuple[str, int], ...], Walked]] = WeakKeyDictionary()


@dataclass(frozen=True)
class Budget:
    """What a run of the reference may take while it runs: ``elements`` at once, all lanes together, and ``seconds``.

    The sizes that nobody asked for are planned so that it takes much less; with more, they are planned larger.
    ``processor`` are the seconds of processor time that one candidate's cases may take together: recipes beyond it
    that nobody asked for are left out, and said.
    """

    elements: int = 1 << 28
    seconds: float = 60.0
    processor: float = 10.0

    @property
    def planned(self) -> tuple[float, float]:
        """(elements at once, multiplications) that a run of one lane is planned to take."""
        usual = Budget()
        return ALIVE * self.elements / usual.elements, WORK * self.seconds / usual.seconds

    @classmethod
    def of(cls, given: Budget | Mapping[str, float] | None) -> Budget:
        """The budget with what was given in place of the usual. Raises `InputError`."""
        if given is None or isinstance(given, Budget):
            return given or cls()
        known = [one.name for one in fields(cls)]
        for name, value in given.items():
            if name not in known:
                raise InputError(f"no limit {name!r}", where="limits", expected=near(name, known))
            if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < math.inf:
                raise InputError(
                    f"limit {name!r} is a number above 0", where="limits", found=repr(value)[:80]
                )
        return cls(
            int(given.get("elements", cls.elements)) or 1,
            given.get("seconds", cls.seconds),
            given.get("processor", cls.processor),
        )


def affordable(
    graph: Graph,
    wanted: Mapping[str, int],
    asked: Mapping[str, int] | None = None,
    budget: Budget | None = None,
) -> Sizes:
    """The sizes, those that nobody ``asked`` for halved until a run is within the budget, or they are the least."""
    most_alive, most_work = (budget or Budget()).planned
    sizes, least = dict(wanted), free_axes(graph)
    changeable = [name for name in sizes if name in least and name not in (asked or {})]
    if not changeable:
        return sizes
    first = {spec.axes[0].name for spec in graph.inputs if len(spec.axes) > 1 and spec.axes[0].size is None}
    sample = {
        name: max(least[name], min(sizes[name], SAMPLE)) if name in changeable else sizes[name]
        for name in least
        if name in sizes
    }
    ran = _ran(graph, sample)
    if ran.refusal is not None and not isinstance(ran.refusal, TooMuch):
        sample, ran = sizes, _ran(graph, sizes)  # small sizes may be none of its own
    if isinstance(ran.refusal, TooMuch):
        return {**sizes, **{name: least[name] for name in changeable}}
    if ran.refusal is not None:
        # What nobody asked for and does not run is no use; what runs at no size is for the run itself to say.
        return sizes if asked else {**sizes, **(Search(graph).found() or {})}
    if ran.alive * ran.work == 0:
        return sizes
    allowed = min(most_alive / ran.alive, most_work / ran.work)
    if allowed < math.prod(sizes[name] / sample[name] for name in sample):
        allowed = max(allowed, _beside(graph, sample, changeable, ran, most_alive, most_work))
    while math.prod(sizes[name] / sample[name] for name in sample) > max(allowed, 1):
        # Members of a batch first: what is long or wide may have to be so.
        name = max(
            changeable, key=lambda one: (one in first and sizes[one] > least[one], sizes[one] / least[one])
        )
        if sizes[name] <= least[name]:
            break
        sizes[name] = max(_half(sizes[name]), least[name])
    if sizes != dict(wanted):
        ran = _ran(graph, sizes)
        if ran.refusal is not None and not isinstance(ran.refusal, TooMuch):
            return {**wanted, **{name: least[name] for name in changeable if name in first}}
    return sizes


def _beside(
    graph: Graph, sample: Sizes, changeable: Sequence[str], ran: Walked, most_alive: float, most_work: float
) -> float:
    """How many times the ``sample``, which ``ran``, is affordable where part of what it takes is there at any size.

    Weights that are made of others are: what they take is no reason for sizes at which nothing else is left. It is
    told by sizes twice as large. A quarter more than what the sample takes is affordable if that is.
    """
    double = {name: 2 * size if name in changeable else size for name, size in sample.items()}
    other = _ran(graph, double)
    times = math.prod(double[name] / sample[name] for name in sample)
    if other.refusal is not None:
        return 1.0
    allowed = []
    for most, small, large in ((most_alive, ran.alive, other.alive), (most_work, ran.work, other.work)):
        rise = max(large - small, 0) / (times - 1)
        allowed.append(1 + (max(most, 1.25 * small) - small) / rise if rise else math.inf)
    return min(allowed)


def smaller(graph: Graph, sizes: Mapping[str, int], asked: Mapping[str, int] | None = None) -> Sizes | None:
    """The sizes, those that nobody ``asked`` for halved; None where all of them are the least already."""
    least = free_axes(graph)
    halved = {
        name: max(_half(size), least[name]) if name in least and name not in (asked or {}) else size
        for name, size in sizes.items()
    }
    return halved if halved != dict(sizes) else None


def runnable(graph: Graph, sizes: Mapping[str, int], asked: Mapping[str, int] | None = None) -> Sizes | None:
    """Sizes at which it runs, in place of those at which it does not; None where none are found.

    Of the longest axis that nobody ``asked`` for about the largest one: what a host feeds is a window of one length,
    and a shorter one may leave most of the network without work.
    """
    search, least = Search(graph), free_axes(graph)
    changeable = [name for name in sizes if name in least and name not in (asked or {})]
    if not changeable:
        return None
    longest = max(changeable, key=lambda name: sizes[name] / least[name])
    low, high = least[longest], sizes[longest]
    if not search.runs({**sizes, longest: low}):
        found = None if asked else search.found()
        return None if found is None or found == dict(sizes) else found
    while high - low > max(low // 16, 1):
        middle = (low + high) // 2
        low, high = (middle, high) if search.runs({**sizes, longest: middle}) else (low, middle)
    return {**sizes, longest: low}


def _half(size: int) -> int:
    """Half of a size; odd ones stay odd, as a recipe may want them."""
    return size // 2 | size & 1


def _ran(graph: Graph, sizes: Mapping[str, int]) -> Walked:
    """One run on zeros, made once: recipes of one length ask for the same."""
    known, key = _known.setdefault(graph, {}), tuple(sorted(sizes.items()))
    if key not in known:
        with limited(elements=8 * ALIVE, turns=10_000):
            known[key] = walked(graph, zeros(graph, sizes), most_alive=8 * ALIVE, most_work=8 * WORK)
    return known[key]
