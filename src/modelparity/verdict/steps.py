"""Several steps of both sides, each with its own states: the reference as a chain, a candidate run step by step."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from ..engine.limits import TooMuch
from ..errors import ModelparityError
from ..graph import Array, Graph
from .chain import STEPS, at, reach, turns, unrolled
from .fit.calling import call
from .fit.find import Fitted
from .fit.signature import Candidate
from .growth import caches, grown
from .opened import opened
from .reference import Reference, in_half


@dataclass(frozen=True)
class Steps:
    """The reference over several steps, and its inputs of each."""

    chain: Reference
    feeds: list[dict[str, Array]]

    @property
    def follow(self) -> bool:
        """Whether it runs: inputs of later steps follow from those of the first. Raises `TooMuch`."""
        try:
            return bool(self.chain.truth)
        except TooMuch:
            raise
        except ModelparityError:
            return False


def wanted(states: Mapping[str, str], ignored: Sequence[str]) -> dict[str, str]:
    """{input: output} of the states that are compared: neither of the two is meant not to be."""
    return {name: to for name, to in states.items() if name not in ignored and to not in ignored}


def steps_of(found: Fitted, own: Mapping[str, str] = MappingProxyType({})) -> Steps:
    """Several steps with ``own`` {input: output} states, or the windows of an input that was given."""
    return _kept(found, found.reference.graph, found.reference.feeds, own)


def opened_steps(found: Fitted, candidate: Candidate, shown: Mapping[str, str]) -> Steps | None:
    """Several steps of the reference with its layers' states shown, if these are what the candidate carries."""
    opening = opened(found.reference)
    specs = [candidate.specs[name] for name in shown if name in candidate.specs]
    if opening is None or len(specs) < len(shown) or any(a.any() for a in opening.start.values()):
        return None
    if sum(math.prod(axis.size or 1 for axis in spec.axes) for spec in specs) != opening.size:
        return None
    return _kept(found, opening.graph, {**found.reference.feeds, **opening.start}, opening.states)


def _kept(found: Fitted, graph: Graph, feeds: Mapping[str, Array], own: Mapping[str, str]) -> Steps:
    """Made once of a reference: its truth and floor serve every candidate that takes the same."""
    fixed = (*(name for name, _ in found.plan.own), *found.plan.held)
    outputs = tuple(pair.reference for pair in found.fit.outputs)
    key = ("steps", graph.hash, tuple(sorted(own.items())), fixed, outputs)
    return found.reference.kept(key, lambda: _made(found.reference, graph, feeds, own, fixed, outputs))


def _made(
    reference: Reference,
    graph: Graph,
    feeds: Mapping[str, Array],
    own: Mapping[str, str],
    fixed: Sequence[str],
    outputs: Sequence[str],
) -> Steps:
    longer: tuple[str, ...] = ()
    if (windows := reference.windows) is not None:
        others = windows.feeds[1:] if own or windows.last is None else (*windows.feeds[1:], windows.last)
        each = [dict(feeds)]
        each += [{n: a if n not in fixed else feeds[n] for n, a in w.items() if n not in own} for w in others]
    else:
        growing = bool(own) and bool(caches(graph, feeds, own, reference.truth))
        count = STEPS if growing else reach(graph, own, feeds, fixed)
        each = turns(graph, feeds, own, fixed, count)
        if growing:
            each, longer = grown(graph, each, own, reference.truth)
    if (half := reference.about.get("rounded to")) is not None:
        each = [{n: in_half(a, half) if a.dtype.kind == "f" else a for n, a in one.items()} for one in each]
    given = {at(name, step): array for step, one in enumerate(each, 1) for name, array in one.items()}
    about = {**reference.about, "steps": len(each)}
    whole = unrolled(graph, own, len(each), outputs, longer)
    return Steps(Reference(whole, given, about, runs=reference.runs), each)


def over_steps(
    found: Fitted, candidate: Candidate, steps: Steps, shown: Mapping[str, str]
) -> dict[str, Array]:
    """{output of the chain: what the candidate gives there}, its states carried from step to step."""
    outputs = [pair.reference for pair in found.fit.outputs]
    results: dict[str, Array] = {}
    start: dict[str, Array] = {}
    with candidate.session() as run:
        for step, one in enumerate(steps.feeds, 1):
            feeds = {**found.reference.feeds, **one}
            ran = call(candidate, found.plan, found.reference.graph, feeds, found.carried, start, run)
            last = {name: ran[to] for name, to in shown.items() if to in ran}
            start = {
                name: array[-1] if found.plan.along is not None else array for name, array in last.items()
            }
            shapes = {name: steps.chain.truth[at(name, step)].shape for name in outputs}
            results |= {at(name, step): array for name, array in found.fit.results(ran, shapes).items()}
    return results
