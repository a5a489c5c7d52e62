"""A candidate over several steps as one graph, beside the reference's chain: what departs later is located too."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from ...errors import ModelparityError
from ...graph import Array, Graph
from ...runtimes import Runtime
from ...runtimes.registry import runtime as runtime_named, runtime_for
from ..bands import BANDS
from ..case import fit_of
from ..chain import at, unrolled
from ..fit import Fit, Pair
from ..fit.calling import feeds_of
from ..fit.find import Fitted
from ..fit.signature import Candidate
from ..judgement import Judgement
from ..reference import Reference
from ..steps import Steps, opened_steps, over_steps, steps_of, wanted
from ..weights import shrunken
from .asking import read
from .locating import locate
from .model import Located

#: What `chain.at` puts behind a name.
STEP = re.compile(r" at step (\d+)$")


@dataclass(frozen=True, eq=False)
class Chained:
    """Both sides over several steps.

    ``reference`` is the chain, ``results`` what the candidate gave to be compared with its outputs, ``graph`` what
    the candidate's file says over as many ``steps``, ``given`` its inputs, ``fit`` how the two correspond.
    ``located`` is where it departs, by the names of nodes in a chain.
    """

    reference: Reference
    results: Mapping[str, Array]
    graph: Graph
    given: Mapping[str, Array]
    fit: Fit
    steps: int
    located: Located = field(default_factory=Located)


def chained(
    subject: Reference,
    candidate: object,
    verdict: Judgement,
    *,
    seconds: float,
    runtime: str | Runtime | None = None,
    **how: Any,
) -> Chained | None:
    """Where a candidate departs over the steps on which the ``verdict`` was found; ``how`` as for `fit_of`.

    None where there are no steps to be made again, or nobody reads the candidate; ``seconds`` what it may take.
    """
    try:
        made = _made(subject, candidate, verdict, runtime, how)
    except ModelparityError:
        return None
    if made is None:
        return None
    wrong = [one.name for one in verdict.outputs if one.band == BANDS[-1]]
    held = shrunken(subject.graph, made.graph.constants)
    found = locate(
        made.reference.graph,
        made.reference.feeds,
        made.graph,
        made.given,
        made.fit,
        wrong,
        precision=held or "float32",
        seconds=seconds,
    )
    return replace(made, located=found)


def in_one_step(chain: Chained) -> Located:
    """The place by the names of nodes in the network itself, with a word on the step."""
    found = chain.located

    def plain(names: Iterable[str]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(step_of(name)[0] for name in names))

    step = step_of(found.candidate or found.reference or "")[1]
    at_step = (
        ""
        if step is None
        else f"over {chain.steps} steps, with what is carried, it departs first at step {step}"
    )
    return replace(
        found,
        reference=None if found.reference is None else step_of(found.reference)[0],
        candidate=None if found.candidate is None else step_of(found.candidate)[0],
        region=plain(found.region),
        departed=plain(found.departed),
        note="; ".join(filter(None, (at_step, found.note))),
    )


def step_of(name: str) -> tuple[str, int | None]:
    """A name in a chain as (the name in the network, the step); None where it is of no step."""
    found = STEP.search(name)
    return (name, None) if found is None else (name[: found.start()], int(found[1]))


def _made(
    subject: Reference,
    candidate: object,
    verdict: Judgement,
    runtime: str | Runtime | None,
    how: Mapping[str, Any],
) -> Chained | None:
    found = fit_of(subject, candidate, runtime=runtime, **how)
    engine = runtime_named(runtime) if runtime is not None else runtime_for(candidate)
    seen = Candidate(engine, candidate, verdict.candidate, how.get("given") or {})
    ignored, ready = how.get("ignore") or (), found.reference
    own, shown = wanted(ready.carried, ignored), wanted(found.carried, ignored)
    if found.plan.along is not None:
        return None
    alone = own or ready.windows is not None
    steps = steps_of(found, own) if alone else opened_steps(found, seen, shown)
    if steps is None or not steps.follow:
        return None
    given = [feeds_of(seen, found.plan, ready.graph, {**ready.feeds, **one}) for one in steps.feeds]
    return _beside(found, steps, over_steps(found, seen, steps, shown), read(candidate, given[0]), given)


def _beside(
    found: Fitted, steps: Steps, results: Mapping[str, Array], graph: Graph, given: list[dict[str, Array]]
) -> Chained:
    """The candidate's graph behind itself as often as there are steps, with what each is given."""
    states = {**graph.states, **found.carried}
    free = {axis.name for spec in graph.inputs for axis in spec.axes if axis.size is None}
    outputs = tuple(pair.candidate for pair in found.fit.outputs)
    whole = unrolled(graph, states, len(steps.feeds), outputs, tuple(free))
    names, ours = {spec.name for spec in whole.inputs}, {spec.name for spec in steps.chain.graph.inputs}
    fed: dict[str, Array] = {}
    pairs: list[tuple[list[Pair], list[Pair]]] = []
    for step, arrays in enumerate(given, 1):
        fed |= {at(name, step): array for name, array in arrays.items() if at(name, step) in names}
        taken, gave = (
            [
                replace(one, reference=at(one.reference, step), candidate=at(one.candidate, step))
                for one in some
            ]
            for some in (found.fit.inputs, found.fit.outputs)
        )
        pairs.append(([one for one in taken if one.reference in ours and one.candidate in names], gave))
    for spec in graph.inputs:
        if at(spec.name, 1) in names - fed.keys():  # a state that it keeps to itself begins so
            begun = graph.defaults.get(spec.name, 0.0)
            shape = [axis.size or 1 for axis in spec.axes]
            fed[at(spec.name, 1)] = np.broadcast_to(np.asarray(begun, spec.dtype or "float32"), shape).copy()
    fit = Fit(
        inputs=tuple(one for taken, _ in pairs for one in taken),
        outputs=tuple(one for _, gave in pairs for one in gave),
    )
    return Chained(steps.chain, results, whole, fed, fit, len(given))
