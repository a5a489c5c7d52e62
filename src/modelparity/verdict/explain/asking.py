"""Ask what explains a wrong verdict: mistakes are tried at the place that is known, on what the candidate gives."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any

from ...errors import ModelparityError
from ...graph import Graph
from ...runtimes import Runtime
from ...runtimes.registry import runtime as runtime_named, runtime_for
from ..bands import BANDS
from ..case import fit_of
from ..fit.calling import given_to_both
from ..fit.find import Fitted
from ..fit.signature import Candidate
from ..locate.asking import read
from ..locate.chained import Chained, step_of
from ..model import Verdict
from ..reference import Reference
from ..weights import shrunken
from .causes import explained
from .local import Beside
from .overflow import FAULT, placed
from .proof import Observed
from .proven_place import where_proven

#: Seconds that it may take on a network that runs within a hundredth of them, and on one that takes longer.
QUICK, LONG = 5.0, 60.0
#: So many runs of the reference may be spent beyond that.
RUNS = 40
#: Seed of the second input.
SECOND = 3


def with_causes(
    subject: Reference,
    candidate: object,
    verdict: Verdict,
    *,
    runtime: str | Runtime | None = None,
    seconds: float,
    chain: Chained | None = None,
    **how: Any,
) -> Verdict:
    """``verdict`` with the causes that are proven, or what was tried; arguments as for `side_of`.

    Where inputs and outputs, or the runtime alone, are the cause, no mistake of the file is looked for. ``chain`` are
    both sides over the steps that the verdict was found on, where it was found on several.
    """
    known = verdict.causes if chain is None else ()  # that it shows in later steps is no mistake
    if known or (verdict.located is not None and verdict.located.side not in (None, "artefact")):
        return verdict
    started = time.monotonic()
    if chain is not None:
        return _of_chain(chain, candidate, verdict, seconds, subject.graph)
    try:
        found = fit_of(subject, candidate, runtime=runtime, **how)
    except ModelparityError:  # it ran before; what prevents it now is said there
        return verdict
    engine = runtime_named(runtime) if runtime is not None else runtime_for(candidate)
    seen = Candidate(engine, candidate, verdict.candidate, how.get("given") or {})
    held = shrunken(found.reference.graph, engine.weights(candidate) or {})
    beside = _beside(seen, verdict, subject, held)
    located = verdict.located
    place = () if located is None else tuple(dict.fromkeys((located.reference or "", *located.region)))
    made = explained(
        Observed(found.reference, found.outputs, held),
        place=tuple(filter(None, place)),
        beside=beside,
        format=_format(candidate, beside),
        again=_once(found, held),
        seconds=seconds - (time.monotonic() - started),
        work=_worth,
    )
    if located is not None and made.causes and made.causes[0].fault == FAULT:
        located = placed(located, made.causes[0], found.reference.graph)
    located = where_proven(located, made.causes, found.reference.graph)
    return replace(verdict, causes=made.causes, search=made.search, located=located)


def _of_chain(chain: Chained, candidate: object, verdict: Verdict, seconds: float, subject: Graph) -> Verdict:
    """The same over several steps, mistakes being made at one of them or at all alike."""
    held = shrunken(chain.reference.graph, chain.graph.constants)
    wrong = [one.name for one in verdict.outputs if one.band == BANDS[-1]]
    beside = Beside(chain.graph, chain.reference.feeds, chain.given, chain.fit, wrong, held or "float32")
    place = (chain.located.reference or "", *chain.located.region)
    made = explained(
        Observed(chain.reference, chain.results, held),
        place=tuple(filter(None, dict.fromkeys(place))),
        beside=beside,
        format=_format(candidate, beside),
        seconds=seconds,
        work=_worth,
    )
    causes = tuple(
        replace(one, nodes=tuple(dict.fromkeys(step_of(name)[0] for name in one.nodes)))
        for one in made.causes
    )
    located = where_proven(verdict.located, causes, subject)
    return replace(verdict, causes=(*causes, *verdict.causes), search=made.search, located=located)


def _worth(ran: float) -> float:
    """How many seconds may be worked where one run of the reference takes so long."""
    return max(QUICK, min(RUNS * ran, LONG))


def _once(found: Fitted, held: str | None) -> Callable[[], Observed | None]:
    """Both on a second input, run once; None where they do not run on it."""

    @cache
    def again() -> Observed | None:
        try:
            return Observed(*found.again(SECOND), held)
        except ModelparityError:
            return None

    return again


def _beside(seen: Candidate, verdict: Verdict, subject: Reference, held: str | None) -> Beside | None:
    """What the candidate says, by this package's readers, ready to be run; None where they do not read it."""
    wrong = [one.name for one in verdict.outputs if one.band == BANDS[-1]]
    try:
        feeds, given = given_to_both(seen, verdict.fit, subject)
        graph = read(seen.artefact, given)
    except ModelparityError:
        return None
    return Beside(graph, feeds, given, verdict.fit, wrong, held or "float32")


def _format(candidate: object, beside: Beside | None) -> str | None:
    """The format of a file that is a candidate; modules are PyTorch's."""
    if not isinstance(candidate, Graph | str | os.PathLike):
        return "torch"
    source = None if beside is None else beside.candidate.source
    return None if source is None else source.format
