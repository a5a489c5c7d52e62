"""Find the fit of a candidate: what names and shapes leave open is decided by values, or refused.

Where names and shapes allow the identity, values never overrule it. Values decide only where the identity is
impossible or names say nothing, and only if exactly one way agrees, on a second input too.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from ...describe.caches import by_names, next_values
from ...describe.initial_states import learned
from ...describe.output_types import output_types
from ...errors import InputError, ModelparityError
from ...graph import Array, Graph
from ...inputs import Generator, make
from ..reference import Reference, Unrunnable
from .axes import MOST
from .calling import call
from .frames import by_frame
from .image import BRIGHT
from .model import Fit, Pair
from .names import filling, which
from .outputs import NEAR, Chosen, choices, distance
from .pinned import refuse_changed
from .plans import Plan, plans
from .roles import batch
from .signature import Candidate
from .state_pairs import carried_along, hidden, paired_outputs, shown, state_names

#: Sizes of free axes of a trial: no two alike, and no usual sizes of other axes.
TRIAL = (11, 13, 17, 19)


@dataclass(frozen=True)
class Asked:
    """What was said of the fit: ``names`` of inputs and outputs, ``fills`` of inputs, outputs to ``ignore``.

    ``fit`` is the one that is demanded, if one is.
    """

    names: Mapping[str, str] = field(default_factory=dict)
    fills: Mapping[str, float] = field(default_factory=dict)
    ignore: Sequence[str] = ()
    fit: Fit | None = None


@dataclass(frozen=True)
class Fitted:
    """A fit, the reference at the sizes that it asks for, and what the candidate gave, in the reference's layout.

    ``plan`` is how it is fed, ``carried`` {input: output} of the states that it shows. ``learned`` runs it again, its
    states started as the reference's weights say rather than from zeros; None where the reference has no such states,
    or they do not fit. ``again`` runs both on a short input of that seed, by the same fit.
    """

    fit: Fit
    reference: Reference
    outputs: dict[str, Array]
    plan: Plan
    carried: dict[str, str]
    learned: Callable[[], dict[str, Array] | None]
    again: Callable[[int], tuple[Reference, dict[str, Array]]]


Ran = dict[str, Array]


def fitted(subject: Reference, candidate: Candidate, asked: Asked) -> Fitted:
    """The fit of ``candidate`` to the reference, and the candidate run under it.

    Raises `InputError` with both signatures where nothing fits, or where several ways do.
    """
    open_plans = plans(subject, candidate, asked.names, asked.fills)
    plan = open_plans[0]
    notes: tuple[str, ...] = ()
    chosen: Chosen | None = None
    if len(open_plans) > 1 or plan.along is not None:
        plan, chosen, notes = _tried(subject, candidate, asked, open_plans)
    ready = _ready(subject, plan)
    try:
        ran = _run(candidate, plan, ready)
    except InputError:
        if not (open_plans := by_frame(ready, candidate, plan)):
            raise
        plan, chosen, notes = _tried(subject, candidate, asked, open_plans)
        ran = _run(candidate, plan, ready)
    if chosen is None:
        left = _choices(ready, candidate, asked, plan, ran)
        chosen = left[0]
        near = chosen.plain and distance(_results(plan, chosen, ran, ready), ready.truth) <= NEAR
        if not near and not (len(left) == 1 and chosen.plain):
            _, chosen, notes = _tried(subject, candidate, asked, open_plans)
    fit = replace(_fit(plan, chosen), sizes=_changed(subject, ready, plan), notes=notes)
    fit = replace(fit, outputs=tuple(_typed(pair, candidate, ran, ready) for pair in fit.outputs))
    if moved := _not_pixels(subject, ready, plan):
        fit = replace(fit, notes=(*fit.notes, moved))
    fit = replace(fit, given=tuple(candidate.given))
    carried = shown(candidate, plan, chosen, ran, ready)
    next_ones = {to for name, to in carried.items() if not {name, to} & {*asked.ignore}}
    fit = replace(
        fit,
        states=tuple((name, carried.get(name)) for name, _ in fit.states),
        extra=tuple(name for name in fit.extra if name not in next_ones),
    )
    if ready.windows is not None:
        rest = tuple(one for one in fit.sizes if one[0] != ready.windows.axis)
        fit = replace(fit, sizes=rest, along=ready.windows.axis, window=ready.windows.size)
    refuse_changed(fit, asked.fit, candidate.sides(subject.graph, ran))
    shapes = {name: array.shape for name, array in ready.truth.items()}
    return Fitted(
        fit,
        ready,
        fit.results(ran, shapes),
        plan,
        carried,
        lambda: _from_learned(fit, plan, candidate, ready),
        lambda seed: _again(fit, plan, candidate, subject, seed),
    )


def _not_pixels(subject: Reference, ready: Reference, plan: Plan) -> str | None:
    """That what was given is not made of pixels, so that both sides saw the nearest that is."""
    for pair in plan.inputs:
        if pair.pixels is not None and subject.given:
            off = np.max(np.abs(ready.feeds[pair.reference] - subject.feeds[pair.reference]), initial=0.0)
            step = max(map(abs, pair.pixels.scale))
            if off > 1e-3 * step:
                return f"{pair.reference} is not made of pixels as it was given: both sides saw the nearest pixels"
    return None


def _from_learned(fit: Fit, plan: Plan, candidate: Candidate, ready: Reference) -> dict[str, Array] | None:
    held = learned(ready.graph)
    names = [name for name, _ in fit.states if name in candidate.specs]
    if not held or len(held) != len(names):
        return None
    start = {}
    for name, array in zip(names, held, strict=True):
        spec = candidate.specs[name]
        shape = [axis.size or 1 for axis in spec.axes]
        if math.prod(shape) != array.size:
            return None
        start[name] = array.reshape(shape).astype(spec.dtype or array.dtype)
    try:
        ran = _run(candidate, plan, ready, start)
    except ModelparityError:  # it takes no such states: nothing more is to be said
        return None
    return fit.results(ran, {name: array.shape for name, array in ready.truth.items()})


def _again(
    fit: Fit, plan: Plan, candidate: Candidate, subject: Reference, seed: int
) -> tuple[Reference, dict[str, Array]]:
    ready = trial(subject, plan, seed)
    shapes = {name: array.shape for name, array in ready.truth.items()}
    return ready, fit.results(_run(candidate, plan, ready), shapes)


def _tried(
    subject: Reference, candidate: Candidate, asked: Asked, open_plans: Sequence[Plan]
) -> tuple[Plan, Chosen, tuple[str, ...]]:
    """The way that agrees on one short input and on another, with the note that says so; the first if none does."""
    first = _trials(subject, candidate, asked, open_plans, 1)
    if not first:  # none of them runs: the run itself says why
        ready = _ready(subject, open_plans[0])
        ran = _run(candidate, open_plans[0], ready)
        return open_plans[0], _choices(ready, candidate, asked, open_plans[0], ran)[0], ()
    if len(first) == 1:
        return (*next(iter(first)), ())
    near = [one for one, far in first.items() if far <= NEAR]
    count = f"of {len(first)} ways that names and shapes leave open"
    if not near:
        plan, found = next(iter(first))
        return plan, found, (f"{count} none agrees: the first one is compared",)
    again = _trials(subject, candidate, asked, [plan for plan, _ in near], 2)
    sure = [one for one in near if again.get(one, 0.0) <= NEAR]
    if len(sure) == 1:
        return (*sure[0], (f"known by values: {count} only this one agrees, on two inputs",))
    if not sure or next(iter(first)) == sure[0]:
        plan, found = next(iter(first))
        return plan, found, (f"{count} values tell none from the first, which is compared",)
    raise candidate.sides(subject.graph).refusal(
        f"{count} several agree: {'; '.join(_text(*one) for one in sure)}",
        which([*subject.graph.outputs]),
    )


def _text(plan: Plan, found: Chosen) -> str:
    return ", ".join(_fit(plan, found).describe()[:1]) or "as they are"


def _trials(
    subject: Reference, candidate: Candidate, asked: Asked, open_plans: Sequence[Plan], seed: int
) -> dict[tuple[Plan, Chosen], float]:
    """{way: how far it is from the truth} on a short input of unequal sizes.

    A way is none at which either side does not run, or that asks for another size than was asked for.
    """
    found: dict[tuple[Plan, Chosen], float] = {}
    for plan in dict.fromkeys(open_plans):
        try:
            ready = trial(subject, plan, seed)
            ran, _ = _run(candidate, plan, ready), ready.truth
        except (InputError, Unrunnable):
            continue
        for one in _choices(ready, candidate, asked, plan, ran):
            found[plan, one] = distance(_results(plan, one, ran, ready), ready.truth)
            if len(found) >= MOST:
                return found
    return found


def trial(subject: Reference, plan: Plan, seed: int) -> Reference:
    """The reference on a trial's input; on its own, where none can be made."""
    graph, fixed = subject.graph, dict(plan.sizes)
    free = [axis for spec in graph.inputs for axis in spec.axes if axis.size is None]
    usual = iter(TRIAL)
    sizes = dict(fixed)
    for axis in free:
        if axis.name not in sizes:
            size = max(2 if batch(axis.name) else next(usual, TRIAL[-1]), axis.least)
            sizes[axis.name] = size if axis.most is None else min(size, axis.most)
    try:
        feeds = make(graph, "noise", seed=seed, sizes=sizes)
        made = _of_pixels(Reference(graph, feeds).at({}, _own(graph, plan)), plan)
        _ = made.truth
    except ModelparityError:
        return _ready(subject, plan)
    return made


def _ready(subject: Reference, plan: Plan) -> Reference:
    """The reference at the sizes that a plan asks for, filled as it says, images made of pixels."""
    return _of_pixels(subject.at(dict(plan.sizes), _own(subject.graph, plan)), plan)


def _own(graph: Graph, plan: Plan) -> dict[str, float | Array]:
    """What inputs are set to that only the reference has."""
    return {**dict(plan.own), **{name: graph.defaults[name] for name in plan.held}}


def _of_pixels(ready: Reference, plan: Plan) -> Reference:
    """The reference on what the candidate makes of pixels, where it takes some: of the nearest to what was given."""
    pairs = [pair for pair in plan.inputs if pair.pixels is not None]
    if not pairs:
        return ready

    def feeds() -> dict[str, Array]:
        found = dict(ready.feeds)
        for pair in pairs:
            array, layout, seen = found[pair.reference], pair.layout, pair.pixels
            assert seen is not None
            image = layout.to_candidate(array) if layout else array
            drawn = Generator("modelparity", "pixels", pair.reference, *ready.about.values())
            silent = ready.given or not array.any()
            pixels = (
                seen.pixels(image) if silent else drawn.whole(image.size, BRIGHT + 1).reshape(image.shape)
            )
            made = seen.values(pixels)
            found[pair.reference] = (layout.to_reference(made, array.shape) if layout else made).astype(
                array.dtype
            )
        return found

    return ready.other(("pixels", *pairs), feeds)


def _run(candidate: Candidate, plan: Plan, ready: Reference, start: Mapping[str, Array] | None = None) -> Ran:
    """The candidate's outputs. Of inputs that the reference refuses too, it is the reference that speaks."""
    try:
        states = carried_along(candidate, plan, ready) if plan.along is not None else {}
        return call(candidate, plan, ready.graph, ready.feeds, states, start)
    except ModelparityError:
        _ = ready.truth
        raise


def _choices(ready: Reference, candidate: Candidate, asked: Asked, plan: Plan, ran: Ran) -> list[Chosen]:
    graph = ready.graph
    sizes: dict[int, str] = {}
    for spec in graph.inputs:
        for axis, size in zip(spec.axes, ready.feeds[spec.name].shape, strict=True):
            if axis.size is None and size > 1:
                sizes.setdefault(size, axis.name)
    meant = {*asked.ignore, *(to for name, to in ready.carried.items() if name in asked.ignore)}
    own = paired_outputs(ready, candidate, plan, ran)
    given = {
        name: other if other in ran else candidate.carried.get(other, other)
        for name, other in asked.names.items()
    }
    found = choices(
        graph,
        ready.truth,
        ran,
        carried=[*candidate.carried.values()],
        names={**{name: other for name, other in own.items() if name not in meant}, **given},
        ignored=[*asked.ignore, *(meant - {*asked.ignore})],
        hidden=hidden(ready, plan),
        known=state_names(ready, candidate, plan) if asked.ignore else set(),
        axes=sizes,
        along=plan.along,
        sides=candidate.sides(graph, ran),
    )
    if plan.unsure:
        found = [one for one in found if _explained(candidate, plan, ran, one)]
        if not found:
            raise candidate.sides(graph, ran).refusal(
                f"the candidate takes {', '.join(map(repr, plan.unsure))}, which the reference does not have",
                filling(plan.unsure),
            )
    return found


def _explained(candidate: Candidate, plan: Plan, ran: Ran, one: Chosen) -> bool:
    """Whether each input that is not known to be a state pairs with an output that nothing else explains."""
    taken = [pair.candidate for pair in one.pairs]
    each = {name: array[0] for name, array in ran.items()} if plan.along is not None else ran
    names = [*plan.states, *plan.unsure]
    return set(plan.unsure) <= set(
        next_values(names, candidate.specs, each, taken=taken, sure=plan.states)
    ) | set(by_names({name: candidate.specs[name] for name in plan.unsure}, each))


def _fit(plan: Plan, found: Chosen) -> Fit:
    states = (*plan.states, *plan.unsure)
    return Fit(
        inputs=plan.inputs,
        outputs=found.pairs,
        fills=(*plan.fills, *(one for one in plan.own if one[0] not in states)),
        states=tuple((name, None) for name in states),
        held=plan.held,
        along=plan.along,
        window=plan.window,
        extra=found.extra,
    )


def _typed(pair: Pair, candidate: Candidate, ran: Ran, ready: Reference) -> Pair:
    """The pair with the reference's type, where the candidate's format lacks it and has another in its place."""
    truth = ready.truth[pair.reference]
    floats = output_types(ready.graph) if truth.dtype.kind == "f" else {}
    wanted = floats.get(pair.reference, str(truth.dtype))
    found = str(ran[pair.candidate].dtype)
    stands_in = found in candidate.lacks.get(wanted, ())
    return replace(pair, dtype=wanted) if stands_in else pair


def _results(plan: Plan, found: Chosen, ran: Ran, ready: Reference) -> dict[str, Array]:
    shapes = {name: array.shape for name, array in ready.truth.items()}
    return _fit(plan, found).results(ran, shapes)


def _changed(subject: Reference, ready: Reference, plan: Plan) -> tuple[tuple[str, int], ...]:
    """The sizes that the candidate fixes and that the question would not have had."""
    before = subject.sizes
    return tuple((name, size) for name, size in plan.sizes if before.get(name, size) != size)


__all__ = ["Asked", "Fitted", "fitted", "trial"]
