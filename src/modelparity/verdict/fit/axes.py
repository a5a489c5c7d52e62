"""The ways in which the axes of a candidate's tensor can be those of the reference's, the likeliest first."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from ...graph import Axis, TensorSpec
from .layout import JOIN, UNIT, Layout, refined
from .roles import Roles

#: No more ways than so many are tried.
MOST = 24
#: What names alone say of axes.
NAMED = Roles()
#: Of tensors of more axes than so many, only the order that they have is taken.
RANKS = 6


@dataclass(frozen=True)
class Way:
    """One way: the layout, the sizes that it asks of free axes, and the axis along which it runs frame by frame."""

    layout: Layout
    sizes: dict[str, int] = field(default_factory=dict)
    along: str | None = None


def named(axes: Sequence[Axis]) -> tuple[str, ...]:
    """The names of axes, told apart where two share one."""
    names: list[str] = []
    for place, axis in enumerate(axes):
        name = "_".join(axis.name.replace(JOIN, "_").split()) or f"axis{place}"
        names.append(name if name not in (*names, UNIT) else f"{name}'{place}")
    return tuple(names)


def same(reference: Sequence[Axis], candidate: Sequence[int | None], roles: Roles) -> Way | None:
    """The identity, with the sizes that the candidate has fixed; None where the shapes do not allow it.

    A candidate that takes one frame is no candidate of a sequence of one (``roles`` says which axes are none); nor is
    one identity that fixes a free size and frees a fixed one, where axes in another order do neither.
    """
    if len(reference) != len(candidate):
        return None
    sizes: dict[str, int] = {}
    for axis, size in zip(reference, candidate, strict=True):
        if axis.size is not None and size not in (None, axis.size):
            return None
        if axis.size is None and size is not None:
            if size < axis.least or (size == 1 and not roles.one(axis)):
                return None
            if sizes.setdefault(axis.name, size) != size:
                return None
    pinned = any(
        axis.size is None and not roles.member(axis.name) for axis in reference if axis.name in sizes
    )
    loose = any(
        axis.size is not None and size is None for axis, size in zip(reference, candidate, strict=True)
    )
    if pinned and loose and any(_kept(cost) for cost, _ in _matched(reference, candidate, (), roles)):
        return None
    names = named(reference)
    return Way(Layout(names, names), sizes)


def ways(
    reference: Sequence[Axis],
    candidate: Sequence[int | None],
    called: Sequence[str] = (),
    roles: Roles = NAMED,
) -> list[Way]:
    """The likeliest ways, none if there is none; several where only values can tell.

    ``candidate`` has None where a size is free; ``called`` are its axes' names, where they have some. Axes of size
    one come and go; a free axis that the candidate lacks is run through frame by frame, or at size one where that is
    a whole run. More than was given is asked for only where every way does.
    """
    found = list(_matched(reference, candidate, called, roles))
    if given := [one for one in found if all(roles.most.get(n, s) >= s for n, s in one[1].sizes.items())]:
        found = given
    if not found:
        return _joined(reference, candidate)
    least = min(cost[:-1] for cost, _ in found)
    unique: dict[Layout, tuple[int, Way]] = {}
    for cost, way in found:
        if cost[:-1] == least and (way.layout not in unique or cost[-1] < unique[way.layout][0]):
            unique[way.layout] = cost[-1], way
    return [way for _, way in sorted(unique.values(), key=lambda one: one[0])]


def _joined(reference: Sequence[Axis], candidate: Sequence[int | None]) -> list[Way]:
    """All sizes fixed, and one side's axes lie in the other's."""
    sizes = [axis.size for axis in reference]
    if None in sizes or None in candidate:
        return []
    layout = refined([size or 1 for size in sizes], [size or 1 for size in candidate])
    return [] if layout is None else [Way(layout)]


def taken(way: Way, reference: TensorSpec, candidate: TensorSpec | None, current: Mapping[str, int]) -> Way:
    """The way with sizes that the candidate takes, where it bounds or lists them and the ``current`` ones are others.

    They are the nearest to the current ones, {free axis of the reference: size}.
    """
    if candidate is None or len(way.layout.candidate) != len(candidate.axes):
        return way
    free = {
        name: axis.name
        for name, axis in zip(named(reference.axes), reference.axes, strict=True)
        if axis.size is None and axis.name not in way.sizes
    }
    places = [(at, free[name]) for at, name in enumerate(way.layout.candidate) if name in free]
    if candidate.shapes:
        choices = [{axis: shape[at] for at, axis in places} for shape in candidate.shapes]
    else:
        bounds = [(axis, candidate.axes[at]) for at, axis in places if candidate.axes[at].size is None]
        choices = [
            {
                axis: max(own.least, current[axis] if own.most is None else min(own.most, current[axis]))
                for axis, own in bounds
            }
        ]
    nearest = min(
        choices,
        key=lambda one: sum(abs(math.log(max(size, 1) / max(current[a], 1))) for a, size in one.items()),
    )
    changed = {axis: size for axis, size in nearest.items() if size != current[axis]}
    return replace(way, sizes={**way.sizes, **changed}) if changed else way


Cost = tuple[int, ...]


def _kept(cost: Cost) -> bool:
    """Whether axes of members alone are left over, no axis of the candidate's is, and no free size is fixed."""
    lone, unused, _, pinned, *_ = cost
    return not (lone or unused or pinned)


def _matched(
    reference: Sequence[Axis], candidate: Sequence[int | None], called: Sequence[str], roles: Roles
) -> Iterator[tuple[Cost, Way]]:
    """Every way to give the candidate's axes to the reference's, with what it costs; order comes last."""
    names = named(reference)
    solid = [place for place, axis in enumerate(reference) if axis.size != 1]
    places = [place for place, size in enumerate(candidate) if size != 1]
    if math.perm(max(len(solid), len(places)), min(len(solid), len(places))) > math.factorial(RANKS):
        return
    for chosen in _assigned(reference, candidate, solid, places):
        left = [place for place in solid if place not in chosen.values()]
        along = [place for place in left if not roles.one(reference[place])]
        if len(along) > 1:
            continue
        sizes = {reference[place].name: 1 for place in left if place not in along}
        lone = sum(not roles.member(reference[place].name) for place in left)
        for own, place in chosen.items():
            size = candidate[own]
            if reference[place].size is None and size is not None:
                sizes[reference[place].name] = size
        order = [chosen[own] for own in places if own in chosen]
        moves = sum(a > b for i, a in enumerate(order) for b in order[i + 1 :])
        pinned = sum(
            candidate[own] is not None
            and reference[place].size is None
            and not roles.member(reference[place].name)
            for own, place in chosen.items()
        )
        alike = sum(
            own < len(called) and called[own] == reference[place].name for own, place in chosen.items()
        )
        unused = len(places) - len(chosen)
        axes = tuple(names[chosen[own]] if own in chosen else UNIT for own in range(len(candidate)))
        way = Way(Layout(names, axes), sizes, reference[along[0]].name if along else None)
        yield (lone, unused, len(left), pinned, -alike, moves), way


def _assigned(
    reference: Sequence[Axis], candidate: Sequence[int | None], solid: Sequence[int], places: Sequence[int]
) -> Iterator[dict[int, int]]:
    """{axis of the candidate: axis of the reference}: sizes agree; only free axes are left over."""

    def go(rest: Sequence[int], taken: dict[int, int]) -> Iterator[dict[int, int]]:
        if not rest:
            if all(reference[place].size is None for place in solid if place not in taken.values()):
                yield taken
            return
        own, size = rest[0], candidate[rest[0]]
        for place in solid:
            axis = reference[place]
            if place in taken.values() or (None not in (size, axis.size) and size != axis.size):
                continue
            if axis.size is None and size is not None and size < axis.least:
                continue
            yield from go(rest[1:], {**taken, own: place})
        if size is None:
            yield from go(rest[1:], taken)

    yield from go(places, {})
