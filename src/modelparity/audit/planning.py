"""Which trials an audit makes: a sample that is the same in every run, and grows by raising its numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from hashlib import sha256
from itertools import islice
from typing import TypeVar

from ..graph import Graph
from ..verdict.faults import Application, faults
from .foreign import FOREIGN, places
from .model import Trial
from .variations import VARIATIONS

T = TypeVar("T")
#: Applications of one fault that are listed at most, to choose among.
LISTED = 200


def plan(
    name: str,
    graph: Graph,
    targets: Sequence[str],
    *,
    singles: int = 1,
    pairs: int = 0,
    sound: bool = False,
    foreign: int = 0,
    only: Iterable[str] = (),
    seed: int = 0,
) -> list[Trial]:
    """The trials of one network, in a stable order.

    Args:
        name: what the network is called in them.
        graph: the network.
        targets: suffixes of files that are written, and "engine".
        singles: applications of every fault.
        pairs: pairs of faults at different nodes.
        sound: whether every sound variation is tried.
        foreign: places for every foreign mistake.
        only: ids of the faults that are made; all, if none is given.
        seed: another sample, and other inputs.
    """
    chosen = [one for fault in _applied(graph, only, seed) for one in fault[:singles]]
    makes: list[tuple[str, tuple[str, ...]]] = [("single", (one.key,)) for one in chosen]
    makes += [("pair", (one.key, two.key)) for one, two in islice(_pairs(graph, only, seed), pairs)]
    if sound:
        makes += [("sound", (variation,)) for variation in VARIATIONS]
    makes += [
        ("foreign", (f"{kind}@{place}",))
        for kind in (FOREIGN if foreign else ())
        for place in _shuffled(list(places(graph, kind)), str, seed)[:foreign]
    ]
    return [Trial(name, kind, target, made, seed) for target in targets for kind, made in makes]


def _applied(graph: Graph, only: Iterable[str], seed: int) -> Iterator[list[Application]]:
    """The applications of each fault, in an order by chance."""
    wanted = set(only)
    for fault in faults():
        if not wanted or fault.id in wanted:
            yield _shuffled(list(islice(fault.applications(graph), LISTED)), lambda one: one.key, seed)


def _pairs(graph: Graph, only: Iterable[str], seed: int) -> Iterator[tuple[Application, Application]]:
    """Two faults at different nodes, never one pair twice."""
    firsts = [found[0] for found in _applied(graph, only, seed) if found]
    every = [
        (one, two)
        for i, one in enumerate(firsts)
        for two in firsts[i + 1 :]
        if not set(one.nodes) & set(two.nodes)
    ]
    yield from _shuffled(every, lambda pair: f"{pair[0].key} {pair[1].key}", seed)


def _shuffled(items: list[T], key: Callable[[T], str], seed: int) -> list[T]:
    """In an order that depends on the seed and on each item alone."""
    return sorted(items, key=lambda one: sha256(f"{seed} {key(one)}".encode()).digest())
