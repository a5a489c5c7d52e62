"""Run a candidate as a plan says: once, or again and again along an axis with its states carried."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from ...describe.initial_states import states_of
from ...errors import InputError
from ...graph import Array, Graph
from ...runtimes.engine import Engine
from ..reference import Reference
from .model import Fit
from .plans import Plan
from .roles import batch
from .signature import Candidate


def call(
    candidate: Candidate,
    plan: Plan,
    graph: Graph,
    feeds: Mapping[str, Array],
    states: Mapping[str, str],
    start: Mapping[str, Array] | None = None,
    run: Callable[[Mapping[str, Array]], dict[str, Array]] | None = None,
) -> dict[str, Array]:
    """The candidate's outputs for the reference's ``feeds``.

    Along an axis, those of all calls lie behind each other on a new first axis; ``states`` {input: output} go from
    call to call, and so does what the candidate keeps to itself. ``start`` {state: array} stands in place of zeros.
    ``run`` runs it in place of a run, or a session, of its own.
    """
    if plan.along is None:
        whole = Fit(inputs=plan.inputs).feeds(feeds)
        filled = _filled(candidate, plan, graph, feeds, whole)
        return (run or candidate.run)({**whole, **filled, **(start or {})})
    if run is None:
        with candidate.session() as run:
            return call(candidate, plan, graph, feeds, states, start, run)
    turns: list[dict[str, Array]] = []
    carried: dict[str, Array] = dict(start or {})
    for part in _parts(plan, graph, feeds):
        own = Fit(inputs=plan.inputs).feeds(part)
        ran = run({**own, **_filled(candidate, plan, graph, part, own), **carried})
        carried |= {taken: ran[given] for taken, given in states.items() if given in ran}
        turns.append(ran)
    return {name: np.stack([one[name] for one in turns]) for name in turns[0]}


def first(plan: Plan, graph: Graph, feeds: Mapping[str, Array]) -> dict[str, Array]:
    """The reference's feeds of the first call."""
    return _parts(plan, graph, feeds)[0] if plan.along is not None else dict(feeds)


def kept(candidate: Candidate, plan: Plan, graph: Graph, feeds: Mapping[str, Array]) -> tuple[str, ...]:
    """What the candidate keeps to itself from run to run."""
    return candidate.kept(feeds_of(candidate, plan, graph, feeds))


def feeds_of(candidate: Candidate, plan: Plan, graph: Graph, feeds: Mapping[str, Array]) -> dict[str, Array]:
    """What the candidate is given for its first call."""
    one = first(plan, graph, feeds)
    own = Fit(inputs=plan.inputs).feeds(one)
    return {**own, **_filled(candidate, plan, graph, one, own)}


def given_to(candidate: Candidate, fit: Fit, subject: Reference) -> dict[str, Array]:
    """{the candidate's input: array} of its first call, by a fit that was found; states start from zeros."""
    return given_to_both(candidate, fit, subject)[1]


def given_to_both(
    candidate: Candidate, fit: Fit, subject: Reference
) -> tuple[dict[str, Array], dict[str, Array]]:
    """({the reference's input: array}, {the candidate's input: array}) of the first call, by a fit that was found."""
    sizes = dict(fit.sizes)
    if fit.along is not None and fit.window > 1:
        sizes[fit.along] = fit.window
    ready = subject.at(sizes, {name: value for name, value in fit.fills if name in subject.feeds})
    plan = Plan(
        inputs=fit.inputs,
        along=fit.along if fit.window == 1 else None,
        fills=tuple(one for one in fit.fills if one[0] not in ready.feeds),
        states=tuple(name for name, _ in fit.states if name in candidate.specs),
    )
    one = first(plan, ready.graph, ready.feeds)
    return one, feeds_of(candidate, plan, ready.graph, ready.feeds)


def _parts(plan: Plan, graph: Graph, feeds: Mapping[str, Array]) -> list[dict[str, Array]]:
    """The feeds cut along the plan's axis."""
    places = {
        spec.name: place
        for spec in graph.inputs
        for place, axis in enumerate(spec.axes)
        if axis.name == plan.along and axis.size is None
    }
    count = {feeds[name].shape[place] for name, place in places.items()}.pop()
    return [
        {
            name: np.take(array, [turn], places[name]) if name in places else array
            for name, array in feeds.items()
        }
        for turn in range(count)
    ]


def _filled(
    candidate: Candidate,
    plan: Plan,
    graph: Graph,
    feeds: Mapping[str, Array],
    own: Mapping[str, Array],
) -> dict[str, Array]:
    """Arrays for the inputs that only the candidate has."""
    sizes = {
        axis.name: size
        for name, array in own.items()
        if name in candidate.specs
        for axis, size in zip(candidate.specs[name].axes, array.shape, strict=False)
        if axis.size is None and axis.name
    }
    values = {**dict.fromkeys((*plan.states, *plan.unsure), 0.0), **dict(plan.fills)}
    # A cache of free length has nothing in it at first; an initial state of a layer has a size all the same.
    # This package's engine takes no less than what a graph declares.
    known = None if isinstance(candidate.engine, Engine) else candidate.graph
    growing = {*plan.states, *plan.unsure} - states_of(known) if known is not None else set()
    found: dict[str, Array] = {}
    for name, array in candidate.given.items():
        kind = candidate.specs[name].dtype if name in candidate.specs else ""
        found[name] = array if kind in ("", "bfloat16") else array.astype(kind)
    for name, value in values.items():
        if name in found:
            continue
        if name not in candidate.specs:
            if name in dict(plan.fills):
                found[name] = np.asarray(value, np.float32)
            continue
        spec = candidate.specs[name]
        least = 0 if name in growing else 1
        shape = [
            axis.size if axis.size is not None else sizes.get(axis.name, 1 if batch(axis.name) else least)
            for axis in spec.axes
        ]
        dtype = "float32" if spec.dtype in ("", "bfloat16") else spec.dtype
        made = np.full(shape, value, dtype)
        if made.size and made.flat[0] != value and spec.dtype in ("bool",):
            raise InputError(f"input {name!r} is filled with 0 or 1", found=value)
        found[name] = made
    return found
