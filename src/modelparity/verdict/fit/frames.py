"""What is called like a function says no shapes: where it does not take the whole input, frames of it are tried."""

from __future__ import annotations

from dataclasses import replace

from ...errors import InputError
from ...inputs.sizes import time_axis
from ..reference import Reference
from .calling import call, first
from .layout import Layout
from .plans import Plan
from .signature import Candidate


def by_frame(subject: Reference, candidate: Candidate, plan: Plan) -> list[Plan]:
    """The ways to call a candidate of unknown shapes once a frame: with the axis of time at one, and without it."""
    time = time_axis(subject.graph)
    if candidate.inputs is not None or plan.along is not None or time is None:
        return []
    axes = {spec.name: tuple(axis.name for axis in spec.axes) for spec in subject.graph.inputs}
    without = tuple(
        replace(
            pair, layout=Layout(axes[pair.reference], tuple(n for n in axes[pair.reference] if n != time))
        )
        if time in axes[pair.reference]
        else pair
        for pair in plan.inputs
    )
    tried = (replace(plan, along=time), replace(plan, along=time, inputs=without))
    return [one for one in tried if _runs(subject, candidate, one)]


def _runs(subject: Reference, candidate: Candidate, plan: Plan) -> bool:
    one = first(plan, subject.graph, subject.feeds)
    try:
        call(candidate, replace(plan, along=None), subject.graph, one, {})
    except InputError:
        return False
    return True
