"""A sound candidate is judged by few runs, where more of them could not change its verdict."""

from __future__ import annotations

import numpy as np
import pytest

import modelparity as mp
from modelparity.engine.run import run
from modelparity.graph import Array, Axis, Graph, Node, TensorSpec
from modelparity.verdict.floor import EARLY, RUNS, measuring
from modelparity.verdict.judging import judge
from modelparity.verdict.reference import Reference

RNG = np.random.default_rng(4)
START = RNG.bit_generator.state


@pytest.fixture(autouse=True)
def from_the_start() -> None:
    RNG.bit_generator.state = START


def graph(*ops: str) -> Graph:
    names = ["x", *(f"t{k}" for k in range(len(ops))), "y"]
    nodes = [Node(f"n{k}", op, (names[k],), (names[k + 1],)) for k, op in enumerate(ops)]
    constants = {"w": RNG.normal(size=(24, 24)).astype(np.float32)}
    last = Node("last", "dense", (names[len(ops)], "w"), ("y",))
    inputs = (TensorSpec("x", (Axis("time"), Axis("in", 24))),)
    return Graph("few", inputs, ("y",), (*nodes, last), constants)


def reference(net: Graph, rows: int = 40) -> Reference:
    return Reference(net, {"x": RNG.normal(size=(rows, 24)).astype(np.float32)})


def band(of: Reference, outputs: dict[str, Array]) -> tuple[str, int]:
    verdict = judge(of, outputs, candidate="c", runtime="r")
    return verdict.band, verdict.floor_runs


@pytest.mark.parametrize("ops", [(), ("tanh",), ("exp", "log"), ("sin", "relu"), ("sign",)])
def test_no_floor_is_below_what_few_runs_say_that_it_is_at_least(ops: tuple[str, ...]) -> None:
    one = reference(graph(*ops))
    for runs in EARLY:
        measurement = measuring(one.graph, one.feeds, one.truth)
        measurement.go_on(runs)
        assert (measurement.least()["y"] <= measurement.whole().outputs["y"] * (1 + 1e-12)).all()
        assert measurement.so_far().runs == RUNS


def test_runs_made_little_by_little_come_to_the_same_floor() -> None:
    one = reference(graph("tanh"))
    measurement = measuring(one.graph, one.feeds, one.truth)
    measurement.go_on(EARLY[-1])
    assert measurement.so_far().runs == EARLY[-1]
    assert np.array_equal(measurement.whole().outputs["y"], one.floor().outputs["y"])


def test_a_sound_candidate_is_judged_by_few_runs() -> None:
    one = reference(graph("tanh"))
    found = band(one, run(one.graph, one.feeds, arithmetic="float32"))
    assert found[0] == "rounding"
    assert found[1] <= EARLY[-1]


@pytest.mark.parametrize(("share", "wanted"), [(0.8, "rounding"), (1.2, "wrong")])
def test_near_the_limit_all_runs_decide(share: float, wanted: str) -> None:
    one = reference(graph("tanh"))
    away = one.truth["y"] + share * one.floor().outputs["y"]
    again = Reference(one.graph, one.feeds)  # of which nothing is known yet
    assert band(again, {"y": away.astype(np.float32)}) == (wanted, RUNS)


def test_whom_it_was_asked_of_before_changes_no_verdict() -> None:
    one = reference(graph("tanh"))
    sound = run(one.graph, one.feeds, arithmetic="float32")
    first = judge(one, sound, candidate="c", runtime="r")
    assert band(one, {"y": sound["y"] * np.float32(1.01)}) == ("wrong", RUNS)
    again = judge(one, sound, candidate="c", runtime="r")
    assert (again.floors, again.floor_runs) == (first.floors, first.floor_runs)


def test_a_floor_that_was_recorded_is_the_one_that_is_taken() -> None:
    one = reference(graph())
    other = Reference(one.graph, one.feeds)
    other.know(one.floor())
    found = band(other, run(one.graph, one.feeds, arithmetic="float32"))
    assert found == ("rounding", RUNS)


def test_check_says_by_how_many_runs() -> None:
    net = graph("tanh")
    verdict = mp.check(net, net, recipes=["noise"], runtime="engine")
    assert verdict.ok
    assert 0 < verdict.floor_runs <= EARLY[-1]
