"""States are compared: each side carries its own over several steps, and the outputs of every step are judged.

What both sides show is compared by value; what one keeps to itself shows in the outputs of one step more. Where the
reference has no states, it runs once over what the candidate is given in parts. What has nothing to be compared with
leaves the question open, unless it was said to be meant.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from ..errors import InputError
from ..graph import Array
from .bands import BANDS, UNJUDGED
from .cause import Cause
from .fit.calling import call, kept
from .fit.find import Fitted
from .fit.parts import Parts, parted
from .fit.signature import Candidate
from .message import multiple
from .model import Verdict
from .reference import Reference
from .steps import Steps, opened_steps, over_steps, steps_of, wanted

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
    own = wanted(ready.carried, ignored)
    shown = wanted(found.carried, ignored)
    held = kept(candidate, found.plan, ready.graph, ready.feeds)
    hidden = [name for name in held if name not in ignored]
    names = list(dict.fromkeys((*own, *shown, *hidden)))
    every = {**ready.carried, **found.carried, **dict.fromkeys(held, "")}
    meant = [name for name, to in every.items() if name in ignored or to in ignored]
    if not names and ready.windows is not None:
        return _by_steps(found, candidate, verdict, judged, steps_of(found), {}, ())
    if not names:
        return _noted(verdict, f"not compared, as meant: {', '.join(meant)}") if meant else verdict
    if not own and found.plan.along is not None:  # they were carried along the whole input
        return verdict
    if own:
        verdict = _by_steps(found, candidate, verdict, judged, steps_of(found, own), shown, names)
        return verdict if held or found.carried else _without(verdict, own)
    return _in_parts(found, candidate, verdict, judged, shown, names)


def _by_steps(
    found: Fitted,
    candidate: Candidate,
    verdict: Verdict,
    judged: Judge,
    steps: Steps,
    shown: Mapping[str, str],
    names: Sequence[str],
) -> Verdict:
    ready = found.reference
    if not steps.follow:
        return _alone(
            found, verdict, names, shown, "inputs of a later step do not follow from those of the first"
        )
    results = over_steps(found, candidate, steps, shown)
    text = f"{', '.join(names)} carried over {len(steps.feeds)} steps"
    chain = judged(steps.chain, results)
    if names or ready.windows is None:
        return _worse(verdict, chain, text)
    size, axis, count = ready.windows.size, ready.windows.axis, ready.windows.count
    of = f" of {count}" if count > len(steps.feeds) else ""
    return _worse(verdict, chain, f"{len(steps.feeds)}{of} windows of {size} along {axis!r}", "windows")


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
    if (steps := opened_steps(found, candidate, shown)) is not None:
        return _by_steps(found, candidate, verdict, judged, steps, shown, names)
    return _alone(
        found, verdict, names, {}, "the reference keeps none, and no part of its input stands alone"
    )


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
