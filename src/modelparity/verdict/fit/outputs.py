"""Which of a candidate's outputs is which of the reference's, and how their axes lie, once both have run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from itertools import islice, permutations, product

import numpy as np

from ...graph import Array, Axis, Graph
from .axes import MOST, ways
from .layout import LAST, Layout
from .model import Pair
from .names import Sides, by_name, leaving

#: Values agree if the root of the mean square of their difference is no more than this share of that of the values.
NEAR = 1e-2


@dataclass(frozen=True)
class Chosen:
    """One way to take the candidate's outputs for the reference's."""

    pairs: tuple[Pair, ...]
    extra: tuple[str, ...] = ()

    @property
    def plain(self) -> bool:
        """Whether every axis is where it is in the reference."""
        return all(pair.layout is None for pair in self.pairs)


def choices(
    graph: Graph,
    truth: Mapping[str, Array],
    outputs: Mapping[str, Array],
    *,
    carried: Sequence[str],
    hidden: Set[str],
    known: Set[str],
    names: Mapping[str, str],
    ignored: Sequence[str],
    axes: Mapping[int, str],
    along: str | None,
    sides: Sides,
) -> list[Chosen]:
    """The ways that names and shapes leave open, the likeliest first.

    ``carried`` are outputs that are states of the candidate, ``hidden`` those of the reference that it may keep to
    itself; ``known`` are names of states, which may be ignored as well. ``axes`` are {size: name} of the sizes that
    tell an axis, ``along`` the one that the candidate was called along. Raises `InputError` where an output has no
    counterpart.
    """
    given = {name: other for name, other in names.items() if name in graph.outputs}
    wanted = [
        name
        for name in graph.outputs
        if name not in ignored and (name in outputs or name in given or name not in hidden)
    ]
    if unknown := [name for name in ignored if name not in graph.outputs and name not in known]:
        raise sides.refusal(f"there is no output and no state {unknown[0]!r} to ignore")
    if not wanted:
        raise sides.refusal("no output is left to compare", "ignore less")
    meant = (*wanted, *given.values())
    found = [name for name in outputs if name in meant or name not in carried]
    pairs, left, over = by_name("output", wanted, found, given, sides)
    if len(left) > len(over):
        raise sides.refusal(f"the candidate has no output for {', '.join(map(repr, left))}", leaving(left))
    shapes = {
        name: [
            (one, _layouts(truth[name], outputs[one], axes, along))
            for one in ([pairs[name]] if name in pairs else over)
        ]
        for name in wanted
    }
    made: list[Chosen] = []
    for chosen in islice(permutations(over, len(left)), MOST * MOST):
        taken = {**pairs, **dict(zip(left, chosen, strict=True))}
        options = [
            [
                (name, taken[name], layout)
                for layout in dict(shapes[name])[taken[name]] or _by_name(name in pairs)
            ]
            for name in wanted
        ]
        extra = tuple(name for name in over if name not in taken.values())
        for one in islice(product(*options), MOST):
            made.append(Chosen(tuple(Pair(name, other, layout) for name, other, layout in one), extra))
    if not made:  # no shapes fit: the order, and the comparison says so
        rest = dict(zip(left, over, strict=False))
        made = [
            Chosen(
                tuple(Pair(name, {**pairs, **rest}[name]) for name in wanted),
                tuple(name for name in over if name not in rest.values()),
            )
        ]
    if len(made) > 1 and (typed := [one for one in made if _kinds_agree(one, truth, outputs)]):
        made = typed
    return made[:MOST]


def _by_name(certain: bool) -> list[Layout | None]:
    """A shape that does not fit is a finding where the name is certain, and no way where it is not."""
    return [None] if certain else []


def _layouts(truth: Array, got: Array, axes: Mapping[int, str], along: str | None) -> list[Layout | None]:
    """The layouts of one output: the identity alone where the shapes are the same."""
    if along is None and truth.shape == got.shape:
        return [None]
    wanted = [Axis(axes.get(size, f"axis{place}"), size) for place, size in enumerate(truth.shape)]
    if along is not None and not any(axis.name == along for axis in wanted):
        return list(_last(wanted, got))
    return [None if way.layout.identity else way.layout for way in ways(wanted, got.shape)]


def _last(wanted: Sequence[Axis], got: Array) -> Iterator[Layout]:
    """Of an output that does not go along the axis of the calls, what the last call gave."""
    for way in ways(wanted, got.shape[1:]):
        yield Layout(way.layout.reference, (LAST, *way.layout.candidate))


def _kinds_agree(chosen: Chosen, truth: Mapping[str, Array], outputs: Mapping[str, Array]) -> bool:
    return all(
        (truth[pair.reference].dtype.kind == "f") == (outputs[pair.candidate].dtype.kind == "f")
        for pair in chosen.pairs
    )


def distance(results: Mapping[str, Array], truth: Mapping[str, Array]) -> float:
    """How far the worst output is from its truth, as a share of it; infinite where shapes differ."""
    worst = 0.0
    for name, got in results.items():
        want = np.asarray(truth[name], np.float64)
        if got.shape != want.shape or got.dtype.kind not in "fiub":
            return float("inf")
        both = np.isfinite(want) & np.isfinite(got)
        off = np.where(both, got.astype(np.float64) - np.where(both, want, 0), 0)
        size = float(np.sqrt(np.mean(np.square(np.where(both, want, 0))))) if want.size else 0.0
        far = float(np.sqrt(np.mean(np.square(np.where(both, off, 0))))) if want.size else 0.0
        if far:
            worst = max(worst, far / size if size else float("inf"))
        if not np.array_equal(np.isnan(want), np.isnan(got.astype(np.float64))):
            return float("inf")
    return worst
