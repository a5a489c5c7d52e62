"""From what a candidate gave to the causes that explain it: in what order things are tried, and what is said."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from ...errors import ModelparityError
from ..bands import LIMIT
from ..cause import Cause, Search
from ..message import digits
from .alike import with_alike
from .clock import Clock
from .fits import fits
from .local import Beside
from .order import Order, Possible
from .overflow import overflow
from .partly import partly
from .peeling import peeled
from .proof import Observed
from .search import Proven, Tries
from .together import pairs
from .weights import compared


@dataclass(frozen=True)
class Explained:
    """Causes that were proven, the likeliest first, and what was tried."""

    causes: tuple[Cause, ...]
    search: Search


def explained(
    seen: Observed,
    *,
    place: Sequence[str] = (),
    beside: Beside | None = None,
    format: str | None = None,
    again: Callable[[], Observed | None] = lambda: None,
    seconds: float = 30.0,
    work: Callable[[float], float] | None = None,
) -> Explained:
    """What explains the difference between a reference and what a candidate gave.

    Args:
        seen: the reference on its input, and the candidate's outputs.
        place: names of nodes of the reference at which the candidate departs, the first one first; () if unknown.
        beside: what the candidate's file says, ready to be run beside a reference; None where nobody reads it.
        format: the candidate's format, for what is to be changed in its file.
        again: the same on a second input, for what one input may say by chance.
        seconds: what it may take.
        work: how long it may work in these, where one run of the reference takes so long: a busy machine has it wait.

    Returns:
        Causes that were proven, if any, and what was tried. It never raises for what the graphs hold.
    """
    clock = Clock(seconds)
    graph = seen.reference.graph
    try:
        if seen.before <= LIMIT:
            return Explained((), Search())
        candidate = None if beside is None else beside.candidate
        over = None if candidate is None else overflow(seen, candidate, format, clock.left)
        if over is not None:
            return Explained((over,), Search(seconds=clock.took))
        weights = None if candidate is None else compared(graph, candidate)
        order = Order(graph, tuple(place), weights)
        tries = Tries(seen, clock, again)
        tries.inside = (
            None
            if beside is None
            else lambda one: not beside.deaf or beside.shows(graph, tries.ready, one, clock.left)
        )
        started = time.thread_time()
        if tries.ready and work is not None:
            clock.work(work(time.thread_time() - started))
        found = next((found for found in _stages(tries, order, beside) if found), [])
        found = with_alike(tries, found)
        rest = "" if found or candidate is None or weights is None else partly(tries, candidate, weights)
    except (ModelparityError, MemoryError):  # the verdict stands without it
        return Explained((), Search(seconds=clock.took))
    known = tries.tried if found else max(tries.tried, len(order.singles))
    said = tuple(weights.describe()) if weights is not None and not found else ()
    causes = _causes(tries, found, format) if found else ()
    return Explained(causes, Search(tries.tried, known, clock.took, rest, said))


def _stages(tries: Tries, order: Order, beside: Beside | None) -> Iterator[list[Proven]]:
    """What is found, stage by stage: at the place, everywhere, one after another, elsewhere, fitted, two together."""
    yield tries.first(order.near)
    yield tries.first(order.everywhere())
    if beside is not None:
        yield peeled(tries, order, beside)
    if order.place:
        yield fits(tries, beside)
    yield tries.first(order.singles)
    if not order.place:
        yield fits(tries, beside)
    yield pairs(tries, order)


def _causes(tries: Tries, found: Sequence[Proven], format: str | None) -> tuple[Cause, ...]:
    """The first of them as a cause, or as several that only together explain it; the others are the same here."""
    first = found[0]
    every = [*first.others, tuple(one.possible for one in found)]
    left = f"in {first.reduced}, to {digits(first.after)}" if first.reduced else digits(first.after)
    causes = []
    for some in every:
        one, *same = some
        besides = [other[0].made.text for other in every if other is not some]
        undone = f"undone together with {' and '.join(besides)}" if besides else "undone"
        becomes = f"{digits(tries.before)} times the floor becomes {left}"
        causes.append(
            Cause(
                fault=one.made.fault,
                nodes=one.made.nodes,
                before=tries.before,
                after=first.after,
                text=f"{one.made.text}{_same(same)}; {undone}, {becomes}",
                repair=one.fault.repair_for(format),
                variant=one.made.variant,
                alike=tuple(other.made.key for other in same),
            )
        )
    return tuple(causes)


def _same(others: Sequence[Possible]) -> str:
    if not others:
        return ""
    more = f" and {len(others) - 2} more" if len(others) > 2 else ""
    return f" (the same here: {'; '.join(one.made.text for one in others[:2])}{more})"
