"""What became of the cases that were planned, and the one verdict that they come to."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace

from ..errors import ModelparityError, RuntimeFailure
from ..graph import Graph
from .bands import BANDS
from .judgement import Unjudged
from .model import Verdict


@dataclass(frozen=True)
class Outcome:
    """What became of a planned case: a verdict, or the error that prevented one; ``seconds`` that it took."""

    case: str
    verdict: Verdict | None
    error: ModelparityError | None = None
    seconds: float = 0.0


@dataclass
class Seen:
    """What one candidate was judged on already: {sizes: verdict}, and the sizes that it fixes.

    ``placed``: it was found wrong, and asked where.
    """

    fixed: dict[str, int] = field(default_factory=dict)
    placed: bool = False
    verdicts: dict[tuple[tuple[str, int], ...], Verdict] = field(default_factory=dict)


def answer(outcomes: Iterable[Outcome]) -> Verdict:
    """The worst verdict of the cases, holding all of them, and those that could not be judged.

    Raises the first case's error if none could be judged.
    """
    found = list(outcomes)
    verdicts = [one.verdict for one in found if one.verdict is not None]
    errors = [(one.case, one.error) for one in found if one.error is not None]
    if not verdicts:
        raise errors[0][1]
    return Verdict.of(verdicts, [Unjudged(case, str(error)) for case, error in errors])


def no_memory(graph: Graph, error: MemoryError) -> RuntimeFailure:
    return RuntimeFailure(
        "there is not enough memory for this case",
        where=graph.name,
        found=error or "no more to be had",
        fix="give smaller sizes (length=, sizes=), or run it where there is more memory",
    )


def with_place(
    found: Iterable[Outcome], seen: Seen, place: Callable[[str, Verdict], Verdict]
) -> Iterator[Outcome]:
    """``found``, the worst of it that is not ok with its place, unless a case that was ``seen`` before has one.

    ``place`` gives a case's verdict its place.
    """
    outcomes = [*found]
    off = [
        (BANDS.index(one.verdict.band), one.verdict.floors, at)
        for at, one in enumerate(outcomes)
        if one.verdict is not None and one.verdict.band in BANDS[2:] and not one.verdict.ok
    ]
    worst = max(off, key=lambda one: one[:2], default=(0, 0.0, -1))[2]
    for at, one in enumerate(outcomes):
        if at == worst and one.verdict is not None and not seen.placed:
            seen.placed, started = True, time.perf_counter()
            verdict = place(one.case, one.verdict)
            one = replace(one, verdict=verdict, seconds=one.seconds + time.perf_counter() - started)
        yield one
