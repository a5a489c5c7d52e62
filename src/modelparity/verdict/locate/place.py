"""From tensors that agree to the place: back from the outputs that are wrong, as far as nothing agrees."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ...engine.arithmetic import ULP
from ...engine.operator import find
from ..fit import Fit
from .followed import Blame, Followed
from .known import Match, Tensors, distance, telling
from .live import Live
from .model import Located
from .moves import PLAIN
from .statuses import statuses

#: How far float64 runs of one network may be apart, in tolerances scaled to float64: order of sums, and libraries.
ROOM = 16.0
#: Whole numbers of fewer elements are sizes and axes: they are looked into only where nothing else departs.
SIZES = 16
#: Of so many nodes at most a region is named whole.
WIDE = 8


@dataclass(frozen=True)
class Found:
    """A place: a node on either side, by its place in its graph; either may be missing."""

    candidate: int | None
    reference: int | None
    region: tuple[int, ...] = ()
    note: str = ""


def leading(reference: Tensors, followed: Followed, fit: Fit, wrong: Sequence[str]) -> list[int]:
    """Nodes of the candidate that lead from what departs to the outputs that are ``wrong``."""
    off = _wrong_outputs(reference, followed, fit, wrong)
    return followed.live.back(off.values(), followed.matched)


def between(
    reference: Tensors, followed: Followed, fit: Fit, wrong: Sequence[str]
) -> tuple[list[str], list[str]]:
    """Tensors of the reference that agree and border on a gap, and those in it: up to the first that is not there."""
    live, present = reference.live, _present(reference, followed)
    off = _wrong_outputs(reference, followed, fit, wrong)
    nodes = live.back(off, present)
    first = next(
        (n for at in nodes for n in live.results(at) if n in reference.named and n not in present), None
    )
    if first is None:
        return [], []
    gap = live.back([first], present)
    border = {name for at in gap for name in live.given(at) if name in present}
    return sorted(border), [name for at in gap for name in live.results(at)]


def placed(reference: Tensors, followed: Followed, fit: Fit, wrong: Sequence[str]) -> Located:
    """Where the candidate departs, from what was ``followed``; ``wrong`` are the reference's outputs that differ."""
    off = _wrong_outputs(reference, followed, fit, wrong)
    found, departed = _found(reference, followed, off)
    theirs, ours = followed.live, reference.live
    candidate = None if found.candidate is None else theirs.node(found.candidate)
    node = None if found.reference is None else ours.node(found.reference)
    seen = statuses(reference, followed, departed)
    compared = sum(one.status in ("same", "moved", "departed") for one in seen)
    asked = sum(one.status != "skipped" for one in seen)
    return Located(
        reference=None if node is None else node.name,
        candidate=None if candidate is None else candidate.name,
        origin="" if candidate is None else candidate.origin,
        reference_origin="" if node is None else node.origin,
        region=tuple(ours.node(at).name for at in found.region),
        departed=tuple(theirs.node(at).name for at in departed),
        output=next(iter(off), "") or (wrong[0] if wrong else ""),
        compared=compared / asked if asked else 0.0,
        nodes=tuple(seen),
        note=found.note,
    )


def _wrong_outputs(reference: Tensors, followed: Followed, fit: Fit, wrong: Sequence[str]) -> dict[str, str]:
    """{output of the reference: the candidate's} of those that are ``wrong`` here too."""
    found: dict[str, str] = {}
    for pair in fit.outputs:
        known, array = reference.named.get(pair.reference), followed.outputs.get(pair.candidate)
        if pair.reference not in wrong or known is None:
            continue
        if array is None:  # the run ended before it
            found |= {pair.reference: pair.candidate} if followed.stopped else {}
            continue
        if fit.along is not None and fit.window == 1:
            array = array[None]  # the outputs of all calls lie behind each other
        moved = Fit(outputs=(pair,)).results({pair.candidate: array}, {pair.reference: known.values.shape})
        got = np.asarray(moved[pair.reference])
        if got.shape != known.values.shape or distance(known, PLAIN, got.astype(np.float64)) > 1:
            found[pair.reference] = pair.candidate
    return found


def _found(reference: Tensors, followed: Followed, off: Mapping[str, str]) -> tuple[Found, list[int]]:
    """The first place, and all nodes of the candidate that depart by themselves."""
    live = followed.live
    before = set(live.back(live.outputs, ()))
    blames = {blame.node: blame for blame in followed.blames if blame.node in before}
    fronts = {at: name for name in followed.instead for at in _fronts(followed, _leading_to(followed, name))}
    unmatched = _fronts(followed, live.back(off.values(), {*followed.matched, *followed.instead}))
    moved = [name for name in off.values() if name in followed.matched]
    departed = sorted({*unmatched, *fronts, *blames})
    if departed:
        first = departed[0]
        handing = [
            one
            for at in departed
            for one in ([n for n, _ in _handing(reference, followed, blames[at])] if at in blames else [at])
        ]
        nodes = sorted(set(handing))
        if first in blames:
            return _by_blame(reference, followed, blames[first]), nodes
        if first in fronts:
            return _by_what_it_should_be(reference, followed, fronts[first], first), nodes
        return _by_front(reference, followed, off, first), nodes
    if moved:
        output = next(name for name, own in off.items() if own == moved[0])
        found = _by_output(reference, followed, output, moved[0])
        return found, [] if found.candidate is None else [found.candidate]
    return _softest(reference, followed)


def _by_output(reference: Tensors, followed: Followed, output: str, own: str) -> Found:
    """The output holds values of the reference, but in another order, or those of another tensor."""
    match, live = followed.matched[own], reference.live
    made = live.made.get(output)
    if match.known.group == reference.named[output].group:
        how = match.move.text or "in another shape"
        own_region = () if made is None else (made,)
        return Found(_mover(followed, own), made, own_region, f"its values are all there, {how}")
    present = _present(reference, followed)
    region = live.back([output], present)
    first = next(
        (at for at in region if all(n in present or n not in live.made for n in live.given(at))), made
    )
    note = f"the output is {match.known.name!r} of the reference{f', {match.move.text}' if match.move.text else ''}"
    at = _first_handing_on(followed, own)
    at = followed.live.made.get(own) if at is None else at
    return Found(at, first, tuple(region), note)


def _fronts(followed: Followed, region: Iterable[int]) -> list[int]:
    """Nodes of the region all of whose inputs agree; sizes and moved zeros count where nothing else is left."""
    live = followed.live

    def agrees(name: str) -> bool:
        return followed.agrees(name) or name not in live.made or _is_size(followed, name)

    found = [at for at in region if all(map(agrees, live.given(at)))]
    real = [at for at in found if not all(_is_size(followed, name) for name in live.results(at))]
    return [at for at in real if not _moves_zeros(followed, at)] or real or found


def _moves_zeros(followed: Followed, at: int) -> bool:
    """Whether a node hands on zeros and the like, as of a state that begins so: these say nothing of it."""
    live = followed.live
    odd = [followed.odd[name] for name in live.results(at) if name in followed.odd]
    return bool(find(live.node(at).op).facts.moves) and bool(odd) and not any(map(telling, odd))


def _leading_to(followed: Followed, name: str) -> list[int]:
    """Nodes that lead to a tensor from what agrees."""
    return followed.live.back([name], {*followed.matched, *followed.instead} - {name})


def _is_size(followed: Followed, name: str) -> bool:
    return followed.sizes.get(name, SIZES) < SIZES


def _by_front(reference: Tensors, followed: Followed, off: Iterable[str], first: int) -> Found:
    """The node itself, and the reference's that reads the same and whose result is nowhere."""
    theirs, live = followed.live, reference.live
    off, present = list(off), _present(reference, followed)
    region = live.back(off, present.difference(off))
    fronts = [at for at in region if all(n in present or n not in live.made for n in live.given(at))]
    if not fronts:
        made = [live.made[name] for name in off if name in live.made]
        note = "every tensor of the reference is there: what follows should not be"
        return Found(first, made[0] if made else None, tuple(made), note)
    given = {m.known.group for n in theirs.given(first) if (m := followed.matched.get(n))}
    node = theirs.node(first)
    fixed = [n for n in node.inputs if n in theirs.graph.constants]

    def unlike(at: int) -> tuple[bool, int, int]:
        own = {reference.named[n].group for n in live.given(at) if n in reference.named}
        return live.node(at).op != node.op, -len(own & given), at

    near = [
        at
        for at in fronts
        if {reference.named[n].group for n in live.given(at) if n in reference.named} & given
    ]
    best = min(near or fronts, key=unlike) if fixed or node.inputs else fronts[0]
    return Found(first, best, _region(reference, region, best, _next(theirs, first)))


def _by_what_it_should_be(reference: Tensors, followed: Followed, name: str, first: int) -> Found:
    """The node leads to a tensor of which it is known what it should be: with that, what reads it agrees."""
    known, live = followed.instead[name], reference.live
    region = live.back([known.name], _present(reference, followed))
    if not region:
        read = _beside(reference, followed, known.name, first)
        made = reference.makers(known.name) or (() if read is None else (read,))
        note = f"without it, with {known.name!r} of the reference in place of {name!r}, what follows agrees"
        return Found(first, made[0] if made else None, made, note)
    found = _by_front(reference, followed, [known.name], first)
    return found if len(region) > WIDE else replace(found, region=tuple(region))


def _next(live: Live, at: int) -> set[str]:
    """The operators that follow a node; what only moves elements is passed over."""
    found: set[str] = set()
    left, passed = [at], {at}
    while left:
        for name in live.node(left.pop()).outputs:
            for reader in live.readers.get(name, ()):
                op = live.node(reader).op
                if not find(op).facts.moves:
                    found.add(op)
                elif reader not in passed:
                    passed.add(reader)
                    left.append(reader)
    return found


def _region(reference: Tensors, region: Sequence[int], first: int, after: set[str]) -> tuple[int, ...]:
    """The reference's nodes from the first one on that nothing but it leads to: what one node may have been made of.

    It ends before an operator that the candidate has behind its node (``after``), and before a result of another
    shape.
    """
    live = reference.live
    found, made = [first], set(live.node(first).outputs)
    shapes = {reference.named[n].values.shape for n in made if n in reference.named}
    for at in region:
        node = live.node(at)
        if at <= first or not made.intersection(node.inputs):
            continue
        own = {reference.named[n].values.shape for n in live.results(at) if n in reference.named}
        if node.op in after or own != shapes or any(name not in made for name in live.given(at)):
            break
        found.append(at)
        made.update(node.outputs)
    return tuple(found)


def _present(reference: Tensors, followed: Followed) -> set[str]:
    """Tensors of the reference whose values the candidate has."""
    groups = {match.known.group for match in followed.matched.values() if match.move.whole}
    return {name for name, known in reference.named.items() if known.group in groups}


def _by_blame(reference: Tensors, followed: Followed, blame: Blame) -> Found:
    """What hands the node something else than the reference's does."""
    at, made = _handing(reference, followed, blame)[0]
    match = followed.matched[blame.given]
    handed = f"{followed.live.node(blame.node).name!r} is given {blame.given!r}"
    what = match.move.text or f"what {match.known.name!r} holds"
    note = f"{handed}: {what}; with {blame.known!r} of the reference its result agrees"
    return Found(at, made, () if made is None else (made,), note)


def _handing(reference: Tensors, followed: Followed, blame: Blame) -> list[tuple[int, int | None]]:
    """The nodes that hand over something else, each with the reference's that does not.

    Where nothing stands between, it is the node that reads it.
    """
    found: list[tuple[int, int | None]] = []
    live = reference.live
    for name, known in blame.instead:
        group = followed.matched[name].known.group
        made = _beside(reference, followed, known, blame.node)
        before = (
            [n for n in live.given(live.made[known]) if n in reference.named] if known in live.made else []
        )
        if group != reference.named[known].group or any(reference.named[n].group == group for n in before):
            at = _first_handing_on(followed, name)  # the reference makes it of what is there
        elif (at := _mover(followed, name)) is not None:  # something else reorders it here
            own = [n for n in followed.live.results(at) if n in followed.matched]
            made = live.made.get(followed.matched[own[0]].known.name, made) if own else made
        found.append((blame.node if at is None else at, made))
    return found


def _beside(reference: Tensors, followed: Followed, name: str, at: int) -> int | None:
    """The reference's node that makes a tensor; of an input, the one that reads it, of the operator at ``at``."""
    live, op = reference.live, followed.live.node(at).op
    if name in live.made:
        return live.made[name]
    readers = live.readers.get(name, [])
    return next((one for one in readers if live.node(one).op == op), readers[0] if readers else None)


def _first_handing_on(followed: Followed, name: str) -> int | None:
    """The first of the nodes that hand on the values of this tensor without making anything of them."""
    live, at = followed.live, None
    group = followed.matched[name].known.group
    while name in live.made:
        before = [n for n in live.given(live.made[name]) if _group(followed, n) == group]
        if not before:
            return at
        at, name = live.made[name], before[0]
    return at


def _mover(followed: Followed, name: str) -> int | None:
    """The first of the nodes that hand on this tensor's values in the order, or with the sign, that it has.

    A sign goes through sums of products: what is computed from something negated is not what negated it.
    """
    live, at = followed.live, None
    while name in live.made:
        at, match = live.made[name], followed.matched[name]
        before = [n for n in live.given(at) if n in followed.matched]
        same = [n for n in before if followed.matched[n].known.group == match.known.group]
        handed = same or [n for n in before if followed.matched[n].move.text == match.move.text]
        if not handed or followed.matched[handed[0]].move.plain != match.move.plain:
            return at
        name = handed[0]
    return at


def _group(followed: Followed, name: str) -> int | None:
    match = followed.matched.get(name)
    return None if match is None else match.known.group


def _softest(reference: Tensors, followed: Followed) -> tuple[Found, list[int]]:
    """Where nothing is out of what rounding may do: the node that is off most by itself."""
    exact = ROOM * ULP["float64"] / ULP["float32"]
    live = followed.live
    off: dict[int, tuple[float, Match]] = {}
    for name, match in followed.matched.items():
        if name in live.made and match.off > exact:
            at = live.made[name]
            if at not in off or match.off > off[at][0]:
                off[at] = (match.off, match)
    if not off:
        return Found(None, None, (), "read by this engine, the file computes the same, node by node"), []
    at = max(off, key=lambda one: off[one][0])
    share, match = off[at]
    if fronts := _fronts(followed, _unmatched_before(followed, at)):
        return _by_front(reference, followed, [match.known.name], fronts[0]), fronts
    made = reference.live.made.get(match.known.name)
    note = (
        f"every node by itself is within rounding; this one is off most, by {share:.2g} of it, "
        f"as are {len(off) - 1} more to some extent"
        if len(off) > 1
        else f"it alone is off, by {share:.2g} of what rounding may do to this tensor"
    )
    return Found(at, made, () if made is None else (made,), note), [at]


def _unmatched_before(followed: Followed, at: int) -> list[int]:
    """Nodes that lead to this one and whose results are nowhere: off by little more than rounding, then by less."""
    live = followed.live
    return live.back((name for name in live.given(at) if name not in followed.matched), followed.matched)
