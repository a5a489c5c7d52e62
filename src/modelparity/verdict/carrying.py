"""States are compared: each side carries its own over several steps, and the outputs of every step are judged.

What both sides show is compared by value; what one keeps to itself shows in the outputs of one step more. Where the
reference has no states, it runs once over what the candidate is given in parts. What has nothing to be compared with
leaves the question open, unless it was said to be meant.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from ..engine.limits import TooMuch
from ..errors import InputError, ModelparityError
from ..graph import Array, Graph
from .bands import BANDS, UNJUDGED
from .cause import Cause
from .chain import STEPS, at, reach, turns, unrolled
from .fit.calling import call, kept
from .fit.find import Fitted
from .fit.parts import Parts, parted
from .fit.signature import Candidate
from .growth import caches, grown
from .message import multiple
from .model import Verdict
from .opened import Opened, opened
from .reference import Reference, in_half

#: The judge, of a reference and outputs.
Judge = Callable[[Reference, Mapping[str, Array]], Verdict]


def carried(
    found: Fitted, candidate: Candidate, verdict: Verdict, judged: Judge, ignored: Sequence[str]
) -> Verdict:
    """``verdict`` on one step, or what several steps show where that is worse.

    "unjudged" in place of a good one where states have nothing to be compared with. ``ignored`` are names of states,
    or of outputs that are their next values, that are meant not to be compared. Raises as `Candidate.run`.
    """
    if verdict.band == "wrong":
        return verdict
    ready = found.reference
    own = _wanted(ready.carried, ignored)
    shown = _wanted(found.carried, ignored)
    held = kept(candidate, found.plan, ready.graph, ready.feeds)
    hidden = [name for name in held if name not in ignored]
    names = list(dict.fromkeys((*own, *shown, *hidden)))
    every = {**ready.carried, **found.carried, **dict.fromkeys(held, "")}
    meant = [name for name, to in every.items() if name in ignored or to in ignored]
    if not names and ready.windows is not None:
        steps = _steps(found, ready.graph, ready.feeds, {})
        return _over_steps(found, candidate, verdict, judged, steps, {}, ())
    if not names:
        return _noted(verdict, f"not compared, as meant: {', '.join(meant)}") if meant else verdict
    if not own and found.plan.along is not None:  # they were carried along the whole input
        return verdict
    if own:
        steps = _steps(found, ready.graph, ready.feeds, own)
        verdict = _over_steps(found, candidate, verdict, judged, steps, shown, names)
        return verdict if held or found.carried else _without(verdict, own)
    return _in_parts(found, candidate, verdict, judged, shown, names)


def _wanted(states: Mapping[str, str], ignored: Sequence[str]) -> dict[str, str]:
    return {name: to for name, to in states.items() if name not in ignored and to not in ignored}


def _over_steps(
    found: Fitted,
    candidate: Candidate,
    verdict: Verdict,
    judged: Judge,
    steps: Steps,
    shown: Mapping[str, str],
    names: Sequence[str],
) -> Verdict:
    ready, plan = found.reference, found.plan
    outputs = [pair.reference for pair in found.fit.outputs]
    try:
        truth = steps.chain.truth
    except TooMuch:  # smaller sizes are tried
        raise
    except ModelparityError:  # no later step can be made up
        return _alone(
            found, verdict, names, shown, "inputs of a later step do not follow from those of the first"
        )
    results: dict[str, Array] = {}
    start: dict[str, Array] = {}
    with candidate.session() as run:
        for step, one in enumerate(steps.feeds, 1):
            all_of_it = {**ready.feeds, **one}
            ran = call(candidate, plan, ready.graph, all_of_it, found.carried, start, run)
            start = {name: _last(found, ran[to]) for name, to in shown.items() if to in ran}
            shapes = {name: truth[at(name, step)].shape for name in outputs}
            results |= {at(name, step): array for name, array in found.fit.results(ran, shapes).items()}
    text = f"{', '.join(names)} carried over {len(steps.feeds)} steps"
    chain = judged(steps.chain, results)
    if names or ready.windows is None:
        return _worse(verdict, chain, text)
    size, axis, count = ready.windows.size, ready.windows.axis, ready.windows.count
    of = f" of {count}" if count > len(steps.feeds) else ""
    return _worse(verdict, chain, f"{len(steps.feeds)}{of} windows of {size} along {axis!r}", "windows")


@dataclass(frozen=True)
class Steps:
    """The reference over several steps, and its inputs of each."""

    chain: Reference
    feeds: list[dict[str, Array]]


def _steps(found: Fitted, graph: Graph, feeds: Mapping[str, Array], own: Mapping[str, str]) -> Steps:
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


def _last(found: Fitted, array: Array) -> Array:
    return array[-1] if found.plan.along is not None else array


def _in_parts(
    found: Fitted,
    candidate: Candidate,
    verdict: Verdict,
    judged: Judge,
    shown: Mapping[str, str],
    names: Sequence[str],
) -> Verdict:
    """The reference has no states: it runs once over several parts, of which the candidate is given one at a time."""
    for parts in parted(found.reference, found.plan):
        try:
            results = _each(found, candidate, parts, shown)
        except InputError:  # it takes no such part
            continue
        text = f"{', '.join(names)} carried over {len(parts.feeds)} parts of {parts.axis!r}"
        return _worse(verdict, judged(parts.whole, results), text)
    if (opening := _openings(found, candidate, shown)) is not None:
        steps = _steps(found, opening.graph, {**found.reference.feeds, **opening.start}, opening.states)
        return _over_steps(found, candidate, verdict, judged, steps, shown, names)
    return _alone(
        found, verdict, names, {}, "the reference keeps none, and no part of its input stands alone"
    )


def _openings(found: Fitted, candidate: Candidate, shown: Mapping[str, str]) -> Opened | None:
    """The reference with its layers' states shown, if these are what the candidate carries, from the same start."""
    opening = opened(found.reference)
    specs = [candidate.specs[name] for name in shown if name in candidate.specs]
    if opening is None or len(specs) < len(shown):
        return None
    size = sum(math.prod(axis.size or 1 for axis in spec.axes) for spec in specs)
    return opening if size == opening.size and not any(a.any() for a in opening.start.values()) else None


def _each(found: Fitted, candidate: Candidate, parts: Parts, shown: Mapping[str, str]) -> dict[str, Array]:
    start: dict[str, Array] = {}
    made: list[dict[str, Array]] = []
    with candidate.session() as run:
        for one in parts.feeds:
            ran = call(candidate, found.plan, found.reference.graph, one, {}, start, run)
            start = {name: ran[to] for name, to in shown.items() if to in ran}
            made.append(found.fit.results(ran, parts.shapes(len(made))))
    return parts.joined(made)


def _alone(
    found: Fitted, verdict: Verdict, names: Sequence[str], shown: Mapping[str, str], why: str
) -> Verdict:
    """What is to be said where no second step can be compared."""
    compared = {pair.candidate for pair in found.fit.outputs}
    fed = {pair.candidate for pair in found.plan.inputs}
    if shown and all(name in fed and to in compared for name, to in shown.items()):
        return _noted(verdict, f"{', '.join(names)} compared by value over one step: {why}")
    if not verdict.accepted:
        return verdict
    options = " ".join(f"--ignore {name}" for name in names)
    reason = (
        f"the states {', '.join(names)} were not compared: {why}; if that is meant: {options} (modelparity check), "
        f"ignore={list(names)} (Python, parity.toml)"
    )
    return replace(verdict, band=UNJUDGED, reason=reason, explained_by=None)


def _worse(verdict: Verdict, chain: Verdict, text: str, kind: str = "states") -> Verdict:
    """The verdict on one step with a word on the steps, or that on the steps where its band is worse."""
    said = f"{text}: {chain.band}, {multiple(chain.floors)}"
    if BANDS.index(chain.band) <= BANDS.index(verdict.band):
        return _noted(verdict, said, kind)
    text = f"{said}; one step alone: {verdict.band}, {multiple(verdict.floors)}"
    cause = Cause("state" if kind == "states" else "window", (), chain.floors, verdict.floors, text)
    chain = replace(chain, fit=verdict.fit, causes=(*chain.causes, cause))
    return _noted(chain, said, kind)


def _without(verdict: Verdict, lost: Mapping[str, str]) -> Verdict:
    """Where steps are wrong and the candidate has no states at all: that it is so, and the option if it is meant."""
    options = " ".join(f"--ignore {name}" for name in lost.values())
    said = (
        f"the candidate neither takes nor gives {', '.join(lost)}; if that is meant: {options} (modelparity check), "
        f"ignore={[*lost.values()]} (Python, parity.toml)"
    )
    causes = (replace(c, text=f"{c.text}; {said}") if c.fault == "state" else c for c in verdict.causes)
    return replace(verdict, causes=tuple(causes))


def _noted(verdict: Verdict, text: str, kind: str = "states") -> Verdict:
    return replace(verdict, settings={**verdict.settings, kind: text})
