"""Steps of a run: long signals in blocks, functions with settings, perturbed lanes that measure a chain's floor."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest

from modelparity import Axis, Graph, Node, TensorSpec, run
from modelparity.errors import GraphError, InputError
from modelparity.stages import FRAMEWISE, Blocks, Function, Given, Numeric, Pipeline
from modelparity.stages.ensembles import ensemble
from modelparity.verdict.floor import measure, measured

from .conftest import frames, loudness


def halved(audio, *, by: float = 2.0):
    """sound (sample,) -> (sample,)"""
    return np.asarray(audio) / by


@pytest.mark.parametrize("samples", [1, 39, 40, 41, 400, 4001])
def test_blocks_take_every_frame_once_with_what_it_needs(samples):
    blocks = Blocks(hop=10, before=7, after=25, lead=2)
    kept = []
    for take, keep in blocks.plan(samples, frames=16):
        first = take.start // 10 + keep.start
        for frame in range(first, take.start // 10 + keep.stop):
            assert take.start <= max(0, frame * 10 - 7)
            assert take.stop >= min(samples, frame * 10 + 25)
            kept.append(frame)
    assert kept == list(range(-(-samples // 10)))


def test_a_long_signal_in_blocks_gives_what_it_gives_whole():
    audio = np.random.default_rng(0).standard_normal(30_000)
    parts = (Given("sound"), Numeric("frames", ("sound",), graph=frames, blocks=Blocks(10, 0, 10)))
    blocked = Pipeline("toy/blocks", parts).run(sound=audio)["frames"]
    np.testing.assert_array_equal(blocked, audio.astype(np.float32).reshape(-1, 10))


def test_blocks_of_stages_behind_each_other_need_what_all_of_them_need():
    frames_ = Blocks(hop=10, before=7, after=25)
    assert frames_.then(FRAMEWISE) == frames_
    assert frames_.then(Blocks(1, 3, 1)) == Blocks(10, 37, 25)
    assert frames_.then(Blocks(2, 0, 4)) == Blocks(20, 7, 55)


def lagged() -> Graph:
    """frames (frame, 10) -> lag (frame, 10): what stands three frames before, 0 before the first"""
    spec = TensorSpec("frames", (Axis("frame"), Axis("sample", 10)))
    return Graph("lag", (spec,), ("lag",), (Node("lag", "delay", ("frames",), ("lag",), {"by": 3}),), {})


def ends() -> Graph:
    """lag (frame, 10) -> ends (frame + 1, 10): the last frame once more, of the whole"""
    spec = TensorSpec("lag", (Axis("frame"), Axis("sample", 10)))
    last = Node("last", "slice", ("lag",), ("last",), {"starts": (-1,), "ends": (None,), "axes": (0,)})
    return Graph(
        "ends",
        (spec,),
        ("ends",),
        (last, Node("ends", "concat", ("lag", "last"), ("ends",), {"axis": 0})),
        {},
    )


def test_fine_stages_are_computed_in_blocks_and_what_sees_the_whole_behind_them(monkeypatch):
    audio = np.random.default_rng(0).standard_normal(2_000).astype(np.float32)
    parts = (
        Given("sound"),
        Numeric("frames", ("sound",), graph=frames, fine=True, blocks=Blocks(10, 0, 10)),
        Numeric("lag", ("frames",), graph=lagged, fine=True, blocks=lambda: Blocks(1, 3, 1)),
        Numeric("ends", ("lag",), graph=ends),
    )
    whole = Pipeline("toy/whole", parts).run(sound=audio)["ends"]
    monkeypatch.setattr("modelparity.stages.steps.FRAMES", 16)
    (step,) = Pipeline("toy/blocks", parts).steps(("sound",), ("ends",), {})
    assert step.rest is not None
    np.testing.assert_array_equal(step.exact({"sound": audio})["ends"], whole)
    (wrong,) = Pipeline(
        "toy/wrong", (*parts[:1], Numeric("frames", ("sound",), graph=frames, blocks=Blocks(5, 0, 10)))
    ).steps(("sound",), ("frames",), {})
    with pytest.raises(GraphError, match="how many frames"):
        wrong.exact({"sound": audio})


def test_a_function_is_a_stage_with_settings():
    half = Function("half", ("audio",), function=halved, dtype="float32")
    made = Pipeline("toy/half", (Given("audio"), half), chosen={"by": 4.0})
    found = made.run(audio=np.arange(3.0))
    np.testing.assert_array_equal(found["half"], [0, 0.25, 0.5])
    assert found["half"].dtype == np.float32
    with pytest.raises(InputError, match="by"):
        made.with_settings(by="two")


def test_lanes_of_steps_measure_the_floor_of_the_chain(toy, audio):
    made = toy.graph("activations")
    truth = run(made, audio.astype(np.float32))
    steps = list(toy.steps(("audio",), ("features", "activations"), {"dtype": "float32"}))

    def lanes(ar):
        values = {"audio": np.broadcast_to(ar.cast(audio), (ar.lanes, *audio.shape))}
        for step in steps:
            values.update(step.lanes(values, ar))
        return {"activations": values["activations"]}

    ours = measured(lanes, truth, ranges=steps[-1].ranges, recurrent=False).outputs["activations"]
    whole = measure(made, {made.inputs[0].name: audio.astype(np.float32)}, truth).outputs["activations"]
    ratio = np.median(ours / whole)
    assert 0.5 < ratio < 2


def test_ways_of_computing_a_function_are_lanes():
    from modelparity.engine.perturbed import Perturbed

    other = partial(lambda audio: [np.asarray(audio) / 2 + 1])
    half = Function("half", ("audio",), function=halved, variants=other)
    (step,) = Pipeline("toy/ways", (Given("audio"), half)).steps(("audio",), ("half",), {})
    given = np.broadcast_to(np.array([4, 8], np.int16), (4, 2))
    found = step.lanes({"audio": given}, Perturbed(lanes=4))["half"]
    np.testing.assert_allclose(found, [[2, 4], [3, 5], [2, 4], [3, 5]], rtol=1e-6)


def test_ways_of_computing_a_function_have_its_settings_and_add_to_rounding():
    from modelparity.engine.perturbed import Perturbed

    def other(audio, *, by: float = 2.0):
        return [np.asarray(audio) / by + 1]

    half = Function("half", ("audio",), function=halved, variants=other)
    pipeline = Pipeline("toy/ways", (Given("audio"), half)).with_settings(by=4.0)
    (step,) = pipeline.steps(("audio",), ("half",), {})
    given = np.broadcast_to(np.array([4.1, 8.1], np.float32), (4, 2))
    found = step.lanes({"audio": given}, Perturbed(lanes=4))["half"]
    np.testing.assert_allclose(found, given / 4 + [[0], [1], [0], [1]], rtol=1e-6)
    assert len({row.tobytes() for row in found}) > 2


@pytest.mark.parametrize("exact", [True, False])
def test_times_that_tell_frames_carry_no_rounding_if_so_declared(exact):
    """A time on the edge of two frames is in one of them; rounding it would give either, and hide a frame's shift."""

    def at(values, times):
        return np.asarray(values)[np.floor(np.asarray(times, np.float64) * 100).astype(int)]

    parts = (Given("values"), Given("times", exact=exact), Function("at", ("values", "times"), function=at))
    pipeline = Pipeline("toy/times", parts)
    given = {"values": np.arange(100, dtype=np.float32) + 1, "times": np.array([0.07, 0.29, 0.5, 0.57])}
    right = pipeline.run(**given)["at"]
    np.testing.assert_array_equal(right, np.floor(given["times"] * 100) + 1)
    assert pipeline.check(**given, at=right).ok
    assert pipeline.check(**given, at=right + np.array([0, 0, 0, 1])).ok is not exact


def test_gain_is_of_the_graph_that_has_it():
    assert loudness(gain=3.0).constants["gain"] == 3


def test_long_features_are_cut_along_their_frames_alone(monkeypatch):
    """Windows (window, time) with a delay along time: what one block ends with is not what the next begins with."""
    spec = TensorSpec("x", (Axis("window"), Axis("time")))
    nodes = (
        Node("turn", "transpose", ("x",), ("turned",), {"axes": (1, 0)}),
        Node("late", "delay", ("turned",), ("later",), {"by": 1, "fill": 0.0}),
        Node("back", "transpose", ("later",), ("y",), {"axes": (1, 0)}),
    )
    network = Graph("late", (spec,), ("y",), nodes, {})
    step = ensemble("activations", "x", [network], None)
    fed = {"x": np.random.default_rng(0).standard_normal((8, 5))}
    whole = step.exact(fed)["activations"]
    monkeypatch.setattr("modelparity.stages.ensembles.LONG", 3)
    monkeypatch.setattr("modelparity.stages.ensembles.BLOCK", 4)
    np.testing.assert_array_equal(step.exact(fed)["activations"], whole)
