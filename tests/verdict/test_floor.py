"""The floor: what rounding can do, element by element, and no more."""

from __future__ import annotations

import numpy as np
import pytest

import modelparity as mp
from modelparity import Axis, Graph, Node, TensorSpec
from modelparity.engine.arithmetic import ULP
from modelparity.inputs import make
from modelparity.verdict import floor as floors
from modelparity.verdict.floor import COVER, FEWER, FIRST, ILL, MORE_RUNS, RUNS, measure

RNG = np.random.default_rng(5)


def graph(*nodes: Node, width: int = 8, **constants: np.ndarray) -> Graph:
    spec = TensorSpec("x", (Axis("time"), Axis("feature", width)))
    return Graph("g", (spec,), (nodes[-1].outputs[0],), nodes, constants)


def node(op: str, inputs: str, output: str, **attrs: object) -> Node:
    return Node(output, op, tuple(inputs.split()), (output,), attrs)


def dense(gain: float = 1.0, width: int = 8) -> Graph:
    weight = (RNG.normal(size=(width, 4)) * gain).astype(np.float32)
    return graph(node("dense", "x w", "y"), width=width, w=weight)


@pytest.mark.parametrize("model", mp.families()["fixtures"].models(), ids=lambda model: model.key)
@pytest.mark.parametrize("recipe", ["noise", "features", "silence", "one_frame"])
def test_float32_is_within_the_floor_and_the_floor_is_no_wider_than_needed(model, recipe: str) -> None:
    g = model.load()
    feeds = make(g, recipe, seed=3)
    truth = mp.run(g, feeds)["y"]
    away = np.abs(mp.run(g, feeds, arithmetic="float32")["y"] - truth)
    floor = measure(g, feeds)
    assert floor.outputs["y"].shape == truth.shape
    assert np.all(away <= floor.outputs["y"])
    assert np.all(floor.outputs["y"] <= 2e-4 * np.maximum(1, np.abs(truth).max()))
    assert floor.conditioning == "well"


def test_where_one_number_takes_long_there_are_fewer_runs_and_a_sound_one_may_go_further(monkeypatch) -> None:
    """What little is known of it must not make an alarm."""
    g = graph(
        node("dense", "x w", "a"),
        node("reduce_sum", "a", "y", axes=(0, 1), keepdims=True),
        w=dense().constants["w"],
    )
    x = {"x": RNG.normal(size=(20, 8)).astype(np.float32)}
    monkeypatch.setattr(floors, "WORK", 0.0)
    many = measure(g, x)
    monkeypatch.setattr(floors, "FEW_WORK", 4 * many.cost)
    few = measure(g, x)
    assert (many.runs, few.runs) == (16, 4)
    (seen,) = few.spread.values()
    scale = np.abs(mp.run(g, x)["y"]).max() * ULP["float32"]
    assert few.outputs["y"].max() >= 0.99 * 2 * (COVER + FEWER / 4) * seen * scale


def test_the_floor_grows_with_what_amplifies_rounding() -> None:
    x = {"x": RNG.normal(size=(20, 8)).astype(np.float32)}
    one, many = (np.median(measure(dense(gain), x).outputs["y"]) for gain in (1.0, 100.0))
    assert 30 < many / one < 300


def test_the_floor_at_another_precision_follows_its_unit() -> None:
    g, x = dense(), {"x": RNG.normal(size=(20, 8)).astype(np.float32)}
    wide = {p: np.median(measure(g, x, precision=p).outputs["y"]) for p in ULP}
    assert list(wide.values()) == sorted(wide.values())
    assert wide["bfloat16"] / wide["float16"] == pytest.approx(8, rel=0.5)
    assert wide["float32"] / wide["float64"] == pytest.approx(2**29, rel=0.5)


def test_equal_seeds_give_equal_floors_and_others_do_not() -> None:
    g, x = dense(), {"x": RNG.normal(size=(20, 8)).astype(np.float32)}
    first, again, other = (measure(g, x, seed=seed).outputs["y"] for seed in (0, 0, 1))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_a_quiet_element_keeps_a_strict_floor_beside_a_loud_one() -> None:
    """The second channel is a difference of large numbers, the first is not."""
    weight = np.array([[1, 1e4], [0, -1e4]], np.float32)
    g = graph(node("dense", "x w", "y"), width=2, w=weight)
    x = np.repeat(RNG.normal(size=(30, 1)).astype(np.float32), 2, axis=1)
    floor = measure(g, {"x": x}).outputs["y"]
    assert np.median(floor[:, 1]) > 1e3 * np.median(floor[:, 0])


def test_whole_numbers_have_a_floor_of_zero() -> None:
    nodes = [node("viterbi", "x t i", "y")]
    g = graph(*nodes, t=np.eye(8, dtype=np.float32), i=np.zeros(8, np.float32))
    floor = measure(g, {"x": RNG.normal(size=(5, 8)).astype(np.float32)})
    assert floor.outputs["y"].tolist() == [0] * 5
    assert floor.conditioning == "well"


def test_no_floor_is_zero_so_that_flushed_subnormals_are_rounding() -> None:
    g = graph(node("mul", "x c", "y"), c=np.float32(0))
    assert np.all(measure(g, {"x": np.ones((3, 8), np.float32)}).outputs["y"] > 1e-40)


def test_runs_are_many_where_they_are_cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    x = {"x": RNG.normal(size=(20, 8)).astype(np.float32)}
    assert measure(dense(), x).runs == RUNS
    model = next(model for model in mp.families()["fixtures"].models() if model.key == "blstm")
    assert measure(model.load(), make(model.load())).runs == RUNS
    monkeypatch.setattr("modelparity.verdict.floor.WORK", 1.0)
    assert measure(dense(), x).runs == FIRST


def test_a_run_costs_what_its_products_and_elements_do() -> None:
    from modelparity.engine.perturbed import PASSES, Perturbed
    from modelparity.engine.run import run_lanes

    for lanes in (2, 8):
        ar = Perturbed(lanes=lanes)
        run_lanes(dense(), RNG.normal(size=(20, 8)).astype(np.float32), ar)
        assert ar.work == 20 * 4 * (8 + PASSES)


def test_a_chaotic_network_is_called_ill_conditioned_and_gets_more_runs() -> None:
    """A logistic map: h = 3.9 h (1 - h), frame by frame, forgets its beginning within fifty steps."""
    weight = np.zeros((1, 1, 8), np.float32)
    nodes = [node("mul", "x zero", "h0")]
    for step in range(60):
        nodes += [
            node("sub", f"one h{step}" if step else "one x", f"rest{step}"),
            node("mul", f"h{step} rest{step}" if step else "x rest0", f"half{step}"),
            node("mul", f"half{step} gain", f"h{step + 1}"),
        ]
    constants = {"zero": np.float32(0), "one": np.float32(1), "gain": np.float32(3.9), "w": weight}
    g = graph(*nodes, **constants)
    x = {"x": RNG.uniform(0.1, 0.9, size=(6, 8)).astype(np.float32)}
    floor = measure(g, x)
    assert floor.conditioning == "ill"
    assert RUNS < floor.runs <= MORE_RUNS
    assert floor.spread["h60"] > ILL
    away = np.abs(mp.run(g, x, arithmetic="float32")["h60"] - mp.run(g, x)["h60"])
    assert away.max() > 1e-2  # float32 is lost indeed
    assert np.all(away <= floor.outputs["h60"])


def test_where_runs_overflow_the_floor_stays_finite() -> None:
    """exp(88.7229) is beyond float32, exp(88.7228) is not; the frames beside them keep a floor of their own."""
    g = graph(node("exp", "x", "y"), width=1)
    x = np.zeros((40, 1), np.float32)
    x[20:22, 0] = 88.72283, 89.5
    floor = measure(g, {"x": x})
    assert np.all(np.isfinite(floor.outputs["y"]))
    assert np.all(floor.outputs["y"][:10] < (COVER + FEWER) * 1e-6)
    verdict = mp.check(g, g, inputs={"x": x})
    assert verdict.ok, verdict


def test_frames_that_are_not_finite_leave_the_others_judged() -> None:
    g = graph(node("log", "x", "y"), width=1)
    x = np.ones((30, 1), np.float32)
    x[3], x[7] = 0, -1
    floor = measure(g, {"x": x}).outputs["y"]
    assert np.all(np.isfinite(floor))
    assert mp.check(g, g, inputs={"x": x}).ok


def test_a_long_sum_taken_in_order_is_within_the_floor_and_needs_its_room() -> None:
    """The worst order in use: every partial sum rounded, which costs far more than the result's last place."""
    rng = np.random.default_rng(8)
    weight = rng.standard_normal((4096, 8)).astype(np.float32)
    x = rng.standard_normal((20, 4096)).astype(np.float32)
    g = graph(node("dense", "x w", "y"), width=4096, w=weight)
    truth, floor = mp.run(g, x)["y"], measure(g, {"x": x}).outputs["y"]
    away = np.abs(np.cumsum(x[:, :, None] * weight, axis=1, dtype=np.float32)[:, -1] - truth)
    assert np.all(away <= floor)
    assert np.median(away / (np.abs(truth) * ULP["float32"])) > 4
    assert np.median(floor) < 24 * np.median(away)


@pytest.mark.parametrize("count", [100, 3000, 50_000])
@pytest.mark.parametrize("sign", ["one", "both"])
def test_a_sum_in_order_is_rounding_however_long(count: int, sign: str) -> None:
    """One partial sum after another is the worst order in use, and legitimate."""
    x = RNG.uniform(0.5 if sign == "one" else -1, 1, size=(12, count)).astype(np.float32)
    g = graph(node("reduce_sum", "x", "y", axes=(1,)), width=count)
    truth = mp.run(g, x)["y"]
    away = np.abs(np.cumsum(x, axis=1, dtype=np.float32)[:, -1] - truth)
    floor = measure(g, {"x": x}).outputs["y"]
    assert np.all(away <= floor)
    assert np.all(floor < 1e-6 * np.sqrt(count) * np.maximum(np.abs(truth), np.sqrt(count)))


def test_an_element_that_few_runs_hardly_moved_has_the_floor_of_those_around_it() -> None:
    """All elements are alike here, so what differs between their floors is the luck of four runs."""
    rng = np.random.default_rng(2)
    weight, x = (rng.choice([-1.0, 1.0], size=s).astype(np.float32) for s in ((64, 4), (200, 64)))
    floor = measure(graph(node("dense", "x w", "y"), width=64, w=weight), {"x": x}).outputs["y"]
    assert floor.min() > 0.5 * np.median(floor)


def test_a_batch_of_one_does_not_change_the_floor() -> None:
    """Frames stand along the second axis then, and a loud one must not excuse a quiet one there either."""
    loud = np.where(np.arange(60) < 30, 1e4, 1.0)[:, None]
    x = (loud * RNG.normal(size=(60, 8))).astype(np.float32)
    weight = RNG.normal(size=(8, 3)).astype(np.float32)
    plain = measure(graph(node("dense", "x w", "y"), width=8, w=weight), {"x": x}).outputs["y"]
    batched = Graph(
        "batched",
        (TensorSpec("x", (Axis("batch"), Axis("time"), Axis("feature", 8))),),
        ("y",),
        (node("matmul", "x w", "y"),),
        {"w": weight},
    )
    floor = measure(batched, {"x": x[None]}).outputs["y"]
    assert floor.shape == (1, 60, 3)
    assert np.all(floor[0, 40:] < 1e-2 * plain[:20].max())
