"""Every known mistake, made: somewhere it can be, and there it changes what comes out, or is refused with a reason.

Those that float32 cannot tell from a sound run are listed with their reasons; a listed one that shows fails.
"""

from __future__ import annotations

from contextlib import suppress
from functools import cache
from itertools import groupby, islice

import numpy as np
import pytest

import modelparity as mp
from modelparity.errors import GraphError, ModelparityError
from modelparity.inputs import make
from modelparity.verdict.faults import Fault, FittedFault, faults, together
from modelparity.verdict.reference import Reference

from .graphs import GRAPHS

CATALOGUE = [one for one in faults() if not isinstance(one, FittedFault)]
#: Ways of one fault in one graph that are made.
MOST = 4
#: Faults that no input of these graphs can show, or whose every way is equal by construction, each with the reason.
EQUAL: dict[str, str] = {
    "mask-empty-row": "no row of the masks of these graphs is empty; tests/ops/test_attention.py has such rows",
}


@cache
def reference(name: str) -> Reference:
    graph = GRAPHS[name]()
    timed = any(axis.name == "time" for spec in graph.inputs for axis in spec.axes)
    feeds = make(graph, "noise", seed=3, length=9 if timed else None)
    rng = np.random.default_rng(4)
    shapes = {spec.name: [axis.size or 1 for axis in spec.axes] for spec in graph.inputs}
    feeds |= {state: rng.standard_normal(shapes[state]) for state in graph.states}
    return Reference(graph, feeds)


def seen(ref: Reference, changed: mp.Graph) -> str:
    """What becomes of a graph with a mistake: refused, shape, not finite, more than a floor, or less."""
    try:
        outputs = mp.run(changed, ref.feeds)
    except GraphError:
        return "refused"
    floors, more = ref.floor().outputs, False
    for name, wanted in ref.truth.items():
        if outputs[name].shape != wanted.shape:
            return "shape"
        if not np.isfinite(outputs[name]).all():
            return "not finite"
        difference = np.abs(np.asarray(outputs[name], np.float64) - wanted)
        more = more or bool(np.any(difference > floors[name]))
    return "more" if more else "less"


@pytest.mark.parametrize("one", CATALOGUE, ids=lambda one: one.id)
def test_a_mistake_can_be_made_and_shows(one: Fault) -> None:
    found: dict[str, str] = {}
    for name in GRAPHS:
        graph = reference(name).graph
        for made in islice(one.applications(graph), MOST):
            known = {node.name for node in graph.nodes}
            assert made.nodes, made.key
            assert set(made.nodes) <= known, made.key
            assert made.fault == one.id
            assert made.text
            found[f"{name}: {made.key}"] = seen(reference(name), made.changed())
    assert found, "no small graph has a place for it"
    shows = [key for key, what in found.items() if what not in ("refused", "less")]
    assert bool(shows) == (one.id not in EQUAL), found


@pytest.mark.parametrize("name", sorted(GRAPHS))
def test_ways_have_names_of_their_own_and_come_in_the_same_order(name: str) -> None:
    graph, again = GRAPHS[name](), GRAPHS[name]()
    for one in CATALOGUE:
        keys = [made.key for made in islice(one.applications(graph), 40)]
        assert len(set(keys)) == len(keys), keys
        assert keys == [made.key for made in islice(one.applications(again), 40)]


@pytest.mark.parametrize("name", sorted(GRAPHS))
def test_the_graph_stays_as_it_is_and_a_mistake_is_the_same_each_time(name: str) -> None:
    graph = GRAPHS[name]()
    before = graph.hash
    for one in CATALOGUE:
        for made in islice(one.applications(graph), 2):
            try:
                assert made.changed().hash == made.changed().hash != before, made.key
            except GraphError:
                continue  # refused when it is built
    fresh = GRAPHS[name]()
    assert graph.hash == before == fresh.hash
    assert all(np.array_equal(graph.constants[key], array) for key, array in fresh.constants.items())


@pytest.mark.parametrize("name", sorted(GRAPHS))
def test_nothing_else_than_a_reason_comes_of_two_at_once(name: str) -> None:
    """Pairs of neighbours in the catalogue, at whatever node: they run, or are refused."""
    graph = GRAPHS[name]()
    made = [next(one.applications(graph), None) for one in CATALOGUE]
    there = [one for one in made if one is not None]
    for one, two in zip(there[::3], there[1::3], strict=False):
        with suppress(ModelparityError):
            mp.run(together([one, two]).changed(), reference(name).feeds, arithmetic="float32")


def test_likelier_kinds_come_first() -> None:
    ranks = [one.group.rank for one in faults()]
    assert ranks == sorted(ranks)
    assert len({rank for rank, _ in groupby(ranks)}) == len({one.group.id for one in faults()})
