"""Which states of a candidate are which of the reference's, and which of its outputs are their next values."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

from ...describe.caches import by_names, caches, next_values
from ...graph import Array
from ..reference import Reference
from .calling import call, first, kept
from .outputs import Chosen
from .plans import Plan
from .signature import Candidate


def carried_along(candidate: Candidate, plan: Plan, ready: Reference) -> dict[str, str]:
    """{state: the output that is its next value} of a candidate that is called again and again."""
    fed = [pair.candidate for pair in plan.inputs]
    own = {name: after for name, after in candidate.carried.items() if name not in fed}
    names = [name for name in (*plan.states, *plan.unsure, *candidate.given) if name not in own]
    if not names:
        return own
    once = call(candidate, replace(plan, along=None), ready.graph, first(plan, ready.graph, ready.feeds), {})
    same = [name for name in ready.graph.outputs if name in once]
    return own | next_values(names, candidate.specs, once, taken=same, sure=plan.states)


def shown(
    candidate: Candidate, plan: Plan, found: Chosen, ran: Mapping[str, Array], ready: Reference
) -> dict[str, str]:
    """{input: the output that is its next value} of all states that the candidate shows."""
    each = {name: array[0] for name, array in ran.items()} if plan.along is not None else ran
    fed = {pair.reference: pair.candidate for pair in plan.inputs}
    gave = {pair.reference: pair.candidate for pair in found.pairs}
    paired = {
        fed[name]: gave[after] for name, after in ready.carried.items() if name in fed and after in gave
    }
    names = [name for name in (*plan.states, *plan.unsure, *candidate.given) if name in candidate.specs]
    more = next_values(names, candidate.specs, each, taken=[*gave.values()], sure=plan.states)
    return {**more, **paired, **{name: to for name, to in candidate.carried.items() if to in each}}


def hidden(ready: Reference, plan: Plan) -> set[str]:
    """Outputs of the reference that are next values of states, which a candidate may keep to itself."""
    fed = {pair.reference for pair in plan.inputs}
    return {*ready.graph.states.values(), *(to for name, to in ready.carried.items() if name not in fed)}


def paired_outputs(
    ready: Reference, candidate: Candidate, plan: Plan, ran: Mapping[str, Array]
) -> dict[str, str]:
    """{output of the reference: output of the candidate} that are next values of one state, whatever their names."""
    if not ready.carried:
        return {}
    fed = {pair.reference: pair.candidate for pair in plan.inputs}
    gives = _own(candidate, ran, plan)
    found = {to: gives[fed[name]] for name, to in ready.carried.items() if name in fed and fed[name] in gives}
    left = {name: to for name, to in ready.carried.items() if name not in fed}
    over = {name: to for name, to in gives.items() if name not in fed.values()}
    for name, to in left.items():  # neither side was given it
        size = ready.feeds[name].size
        alike = [one for one in over if math.prod(ran[over[one]].shape) == size]
        if alike and to not in found:
            one = name if name in alike else alike[0]
            found[to] = over.pop(one)
    return found


def _own(candidate: Candidate, ran: Mapping[str, Array], plan: Plan) -> dict[str, str]:
    """{input: the output that is its next value} as the candidate has it: said, named, or seen in its graph."""
    declared = {name: to for name, to in candidate.carried.items() if to in ran}
    if plan.along is not None:
        return declared
    rest = {name: spec for name, spec in candidate.specs.items() if name not in declared}
    named = by_names(rest, {name: array for name, array in ran.items() if name not in declared.values()})
    if rest and not named and candidate.graph is not None and set(candidate.graph.outputs) == set(ran):
        named = {n: to for n, to in caches(candidate.graph, ran).items() if n not in declared}
    return {**named, **declared}


def state_names(ready: Reference, candidate: Candidate, plan: Plan) -> set[str]:
    """What a state is called on either side."""
    said = (*ready.carried, *ready.carried.values(), *candidate.carried, *candidate.carried.values())
    return {*said, *plan.states, *plan.unsure, *kept(candidate, plan, ready.graph, ready.feeds)}
