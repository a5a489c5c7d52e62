"""How a candidate may be fed: which input is which, how its axes lie, what is filled, before anything runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, permutations, product

import numpy as np

from ...describe.caches import fits
from ...describe.initial_states import states_of
from ...errors import InputError, near
from ...graph import Graph, TensorSpec
from ..reference import Reference
from .axes import MOST, Way, named, same, taken, ways
from .image import Pixels
from .layout import Layout
from .model import Pair
from .names import Sides, by_name, filling, which
from .roles import Roles, roles
from .signature import Candidate

#: What may be filled with a number.
Fills = Mapping[str, float]


@dataclass(frozen=True)
class Plan:
    """One way to feed a candidate.

    ``fills`` are values of inputs that only the candidate has, ``own`` of those that only the reference has;
    ``states`` are those of either that are zero because they are states, ``unsure`` those of which only the outputs
    can tell; ``held`` are states of the reference's alone that start from what it holds.
    """

    inputs: tuple[Pair, ...]
    sizes: tuple[tuple[str, int], ...] = ()
    along: str | None = None
    window: int = 1
    fills: tuple[tuple[str, float], ...] = ()
    own: tuple[tuple[str, float], ...] = ()
    states: tuple[str, ...] = ()
    unsure: tuple[str, ...] = ()
    held: tuple[str, ...] = ()

    @property
    def plain(self) -> bool:
        """Whether every axis is where it is in the reference, and one run is enough."""
        return self.along is None and all(pair.layout is None for pair in self.inputs)


def plans(subject: Reference, candidate: Candidate, names: Mapping[str, str], fills: Fills) -> list[Plan]:
    """The likeliest ways to feed ``candidate`` what the reference is fed; several where only values can tell.

    Raises `InputError` with both signatures where there is none, or where an input needs a value.
    """
    graph, feeds = subject.graph, subject.feeds
    sides = candidate.sides(graph)
    chosen = {name: other for name, other in names.items() if name in feeds}
    _refuse_fills(graph, candidate, fills)
    _refuse_given(graph, candidate)
    found = candidate.inputs
    if found is None:
        return [_called_like_a_function(subject, candidate, chosen, sides, fills)]
    zero = {name for name in graph.states if name not in found and not feeds[name].any()}
    filled = [name for name in fills if name in candidate.specs and name not in feeds]
    given = [*filled, *candidate.given]
    wanted = [spec.name for spec in graph.inputs if spec.name not in zero]
    kept = [name for name in candidate.carried if name not in found]
    # What the candidate may do without it is given all the same where it is called as the reference's is.
    free = dict.fromkeys([*kept, *(name for name in candidate.specs if name not in found)])
    own = [*found, *(name for name in free if name in wanted or name in chosen.values())]
    pairs, left, over = by_name("input", wanted, [one for one in own if one not in given], chosen, sides)
    kept = [name for name in kept if name not in own]
    if len(left) == len(over) + len(kept):  # states that a file keeps have names of its own
        over += kept
    lost = _lost(subject, left, fills) if len(left) > len(over) else []
    left = [name for name in left if name not in lost]
    specs = {spec.name: spec for spec in graph.inputs}
    more = _extra(candidate, over) if len(over) > len(left) else None
    tried: list[Plan] = []
    for sure in (
        True,
        False,
    ):  # inputs over that are known to be states, else those of which the outputs tell
        for names_of in _assignments(pairs, left, over) if not tried else ():
            rest = [name for name in over if name not in names_of.values()]
            if not sure or more is None or set(rest) <= set(more) or not candidate.graph or not left:
                tried += _fed(names_of, specs, candidate, rest, more or (), subject)
    if len(left) > len(over):
        raise sides.refusal(f"the candidate has no input for {', '.join(map(repr, left))}", filling(left))
    if not tried:
        raise sides.refusal(*_why(pairs, left, specs, candidate, roles(subject)))
    fixed = tuple((name, fills[name]) for name in filled)
    reset, held = _reset(graph, lost, fills)
    quiet = tuple(name for name in lost if name not in fills)
    both = tuple((name, fills[name]) for name in fills if name in feeds and name not in lost)
    return [
        Plan(
            plan.inputs,
            plan.sizes,
            plan.along,
            plan.window,
            fixed,
            (*reset, *both),
            (*plan.states, *quiet),
            plan.unsure,
            held,
        )
        for plan in tried[:MOST]
    ]


def _reset(
    graph: Graph, lost: Sequence[str], fills: Fills
) -> tuple[tuple[tuple[str, float], ...], tuple[str, ...]]:
    """What states are set to that the candidate does not take: numbers, and those that start from what is held."""
    held = tuple(name for name in lost if name not in fills and np.any(graph.defaults.get(name, 0.0)))
    start = {name: graph.defaults.get(name, 0.0) for name in lost}
    numbers = {name: fills.get(name, value) for name, value in start.items()}
    return tuple((n, float(v)) for n, v in numbers.items() if not isinstance(v, np.ndarray)), held


def _refuse_given(graph: Graph, candidate: Candidate) -> None:
    """Raise `InputError` for arrays that neither side takes, or that the candidate takes otherwise."""
    for name, array in candidate.given.items():
        spec = candidate.specs.get(name)
        if spec is None and candidate.inputs is not None:
            known = [*candidate.specs, *(one.name for one in graph.inputs)]
            raise InputError(
                f"neither side has an input {name!r}", where=candidate.where, expected=near(name, known)
            )
        if spec is not None and not fits(spec, array):
            raise InputError(
                f"input {name!r} was given in another shape or type",
                where=candidate.where,
                found=f"{array.shape} {array.dtype}",
                expected=spec,
            )


def _refuse_fills(graph: Graph, candidate: Candidate, fills: Fills) -> None:
    own = {spec.name: spec for spec in graph.inputs}
    known = {**candidate.specs, **own}
    for name, value in fills.items():
        if name not in known and candidate.inputs is not None:
            raise InputError(
                f"neither side has an input {name!r}", where=candidate.where, expected=near(name, known)
            )
        kind = np.dtype(known[name].dtype or "float32").kind if name in known else "f"
        if not isinstance(value, int | float) or (kind in "iub" and value != int(value)):
            wanted = "a whole number" if kind in "iub" else "a number"
            raise InputError(f"input {name!r} is filled with {wanted}", where="fill", found=repr(value))


def _called_like_a_function(
    subject: Reference, candidate: Candidate, chosen: Mapping[str, str], sides: Sides, fills: Fills
) -> Plan:
    """Names only; structures (``states.0``) keep theirs."""
    signature = candidate.engine.parameters(candidate.artefact)
    feeds = subject.feeds
    given = tuple((name, value) for name, value in fills.items() if name not in feeds)
    own = tuple((name, value) for name, value in fills.items() if name in feeds)
    lost = _lost_states(subject, candidate, signature, chosen, fills)
    wanted = [name for name in feeds if name not in lost]
    reset, held = _reset(subject.graph, [name for name in lost if name not in fills], {})
    if signature is None or any("." in name for name in wanted):
        pairs = {name: chosen.get(name, name) for name in wanted}
    else:
        needed, optional = signature
        meant = {*wanted, *chosen.values()}
        aside = (*dict(given), *candidate.given)
        known = [name for name in (*needed, *(n for n in optional if n in meant)) if name not in aside]
        pairs, left, over = by_name("input", wanted, known, chosen, sides)
        if len(left) != len(over) or (len(left) > 1 and len(pairs) > len(chosen)):
            raise sides.refusal("the candidate's inputs have other names", which(left or wanted))
        pairs.update(zip(left, over, strict=True))
    return Plan(
        tuple(Pair(name, pairs[name]) for name in wanted),
        fills=given,
        own=(*own, *reset),
        states=tuple(lost),
        held=held,
    )


def _lost_states(
    subject: Reference,
    candidate: Candidate,
    signature: tuple[Sequence[str], Sequence[str]] | None,
    chosen: Mapping[str, str],
    fills: Fills,
) -> list[str]:
    """States of the reference that a candidate which is called like a function has no parameter for."""
    if signature is None or len(subject.feeds) <= len(signature[0]):
        return []
    known = {*signature[0], *signature[1]}
    left = [
        name
        for name in subject.feeds
        if name not in chosen and name not in fills and name not in known and name.split(".")[0] not in known
    ]
    return _lost(subject, left, fills)


def _lost(subject: Reference, left: Sequence[str], fills: Fills) -> list[str]:
    """Inputs that the candidate need not have: what is filled, and states, unless other ones were given."""
    if all(name in fills for name in left):
        return list(left)
    graph = subject.graph
    states = {
        name
        for name in states_of(graph) | set(subject.carried)
        if not (subject.given and (subject.feeds[name] != graph.defaults.get(name, 0.0)).any())
    }
    return [name for name in left if name in fills or name in states]


def _extra(candidate: Candidate, over: Sequence[str]) -> list[str]:
    """Inputs of the candidate that are states."""
    states = states_of(candidate.graph) if candidate.graph is not None else set()
    return [name for name in over if name in states]


def _assignments(
    pairs: Mapping[str, str], left: Sequence[str], over: Sequence[str]
) -> Iterator[dict[str, str]]:
    """Every way to give names that are left over to each other, in the order of both first."""
    for chosen in islice(permutations(over, len(left)), MOST * MOST):
        yield {**pairs, **dict(zip(left, chosen, strict=True))}


def _fed(
    names_of: Mapping[str, str],
    specs: Mapping[str, TensorSpec],
    candidate: Candidate,
    rest: Sequence[str],
    states: Sequence[str],
    subject: Reference,
) -> list[Plan]:
    """The plans for one choice of names: none if an input's axes do not fit."""
    chosen = {name: names_of[name] for name in specs if name in names_of}
    current, known = subject.sizes, roles(subject)
    options = [
        [
            taken(way, specs[name], candidate.specs.get(other), current)
            for way in _ways(specs[name], candidate, other, known)
        ]
        for name, other in chosen.items()
    ]
    plans = []
    for one in islice(product(*options), MOST):
        sizes: dict[str, int] = {}
        along = {way.along for way in one if way.along is not None}
        if len(along) > 1 or any(sizes.setdefault(n, s) != s for way in one for n, s in way.sizes.items()):
            continue
        pairs = tuple(
            Pair(name, other, _moved(way.layout), pixels=_pixels(specs[name], candidate, other))
            for (name, other), way in zip(chosen.items(), one, strict=True)
        )
        plans.append(
            Plan(
                pairs,
                tuple(sizes.items()),
                along.pop() if along else None,
                states=tuple(name for name in rest if name in states),
                unsure=tuple(name for name in rest if name not in states),
            )
        )
    return plans


def _pixels(spec: TensorSpec, candidate: Candidate, other: str) -> Pixels | None:
    """What the candidate makes of an image, where the reference takes what comes of it."""
    return candidate.images.get(other) if _kind(spec.dtype) == "f" else None


def _of_image(spec: TensorSpec, other: TensorSpec) -> list[Way]:
    """The ways of an image (height, width[, channel]): its rows are the reference's rows."""
    names = named(spec.axes)
    found = ways(spec.axes, [axis.size for axis in other.axes], [axis.name for axis in other.axes])
    return [
        way
        for way in found
        if all(one in names for one in way.layout.candidate[:2])
        and names.index(way.layout.candidate[0]) < names.index(way.layout.candidate[1])
    ]


def _moved(layout: Layout) -> Layout | None:
    return None if layout.identity else layout


def _ways(spec: TensorSpec, candidate: Candidate, name: str, known: Roles) -> list[Way]:
    """The ways of one input; the identity alone where shapes allow it."""
    other = candidate.specs.get(name)
    if other is None:
        return [Way(Layout((), ()))]
    if _pixels(spec, candidate, name) is not None:
        return _of_image(spec, other)
    if _kind(spec.dtype) != _kind(other.dtype or spec.dtype):
        return []
    sizes = [axis.size for axis in other.axes]
    if identity := same(spec.axes, sizes, known):
        return [identity]
    return ways(spec.axes, sizes, [axis.name for axis in other.axes], known)


def _kind(dtype: str) -> str:
    """Floats, or what counts: whole numbers and booleans are each other's stand-ins in formats that lack one."""
    return "f" if dtype == "bfloat16" or np.dtype(dtype).kind == "f" else "i"


def _why(
    pairs: Mapping[str, str],
    left: Sequence[str],
    specs: Mapping[str, TensorSpec],
    candidate: Candidate,
    known: Roles,
) -> tuple[str, str | None]:
    """What to say where no plan is left: the input whose shape is another, or that nothing stands for one."""
    for name, other in pairs.items():
        if not _ways(specs[name], candidate, other, known):
            return (
                f"input {other!r} has another shape",
                f"the reference takes {specs[name]}: convert for the same shape",
            )
    if len(left) == 1:
        return (
            f"no input of the candidate has a shape that fits {left[0]!r}",
            f"the reference takes {specs[left[0]]}: convert for the same shape",
        )
    return "the candidate's inputs have other names, and no shapes that fit", which(left)
