"""Why a value departs: mistakes in settings, in ensembles and in values are named, if they explain all of it."""

from __future__ import annotations

import json
from typing import Annotated

import numpy as np
import pytest

from modelparity import Axis, Graph, Node, TensorSpec, run
from modelparity.errors import PluginError
from modelparity.stages import Function, Given, Mistakes, Networks, Numeric, Pipeline
from modelparity.stages.ensembles import ensemble
from modelparity.stages.reporting import verdict
from modelparity.stages.value_faults import value_faults

from .conftest import Unit

RNG = np.random.default_rng(7)
FRAMES = RNG.standard_normal((40, 4)).astype(np.float32)


def power(*, exponent: Annotated[int, Mistakes({1: "magnitude in place of power"})] = 2, floor: float = 0.01):
    """x (frame, band) -> |x| ^ exponent + floor"""
    nodes = [Node("abs", "abs", ("x",), ("size",))]
    nodes += [Node("square", "square", ("size",), ("power",))] if exponent == 2 else []
    nodes.append(Node("add", "add", ("power" if exponent == 2 else "size", "floor"), ("y",)))
    specs = (TensorSpec("x", (Axis("frame"), Axis("band", 4))),)
    return Graph("power", specs, ("y",), tuple(nodes), {"floor": np.float32(floor)})


def logarithm(*, base: Annotated[str, Mistakes({"e": "natural logarithm"})] = "10", unused: bool = True):
    """x (frame, band) -> its logarithm"""
    specs = (TensorSpec("x", (Axis("frame"), Axis("band", 4))),)
    return Graph("log", specs, ("y",), (Node("log", "log10" if base == "10" else "log", ("x",), ("y",)),), {})


@pytest.fixture
def bands() -> Pipeline:
    parts = (
        Given("frames"),
        Numeric("power", ("frames",), graph=power, fine=True),
        Numeric("log", ("power",), graph=logarithm),
    )
    return Pipeline("somebody/bands", parts)


def causes(pipeline, stage, got, **given):
    return pipeline.check(**given, **{stage: got})[stage].causes


def test_a_declared_mistake_is_named_with_its_fine_stage_and_what_it_takes_away(bands):
    theirs = bands.with_settings(exponent=1).run(frames=FRAMES)["log"]
    found = bands.check(frames=FRAMES, log=theirs)
    (cause,) = found["log"].causes
    assert (cause.fault, cause.variant, cause.nodes) == ("setting exponent", "1", ("power",))
    assert cause.text.startswith(
        "magnitude in place of power (exponent=1 in stage power, where the original has 2)"
    )
    assert cause.after <= 1 < cause.before
    assert cause.repair == "compute power with exponent=2, as the original does"
    assert "cause: magnitude in place of power" in repr(found)
    assert "magnitude in place of power" in found._repr_html_()
    assert json.loads(json.dumps(found.to_json()))["stages"][0]["causes"][0]["fault"] == "setting exponent"
    told = verdict(found, "theirs", {})
    assert told.causes == told.several[0].causes == (cause,)
    assert "magnitude in place of power" in str(told)


def test_two_mistakes_at_once_are_both_named(bands):
    theirs = bands.with_settings(exponent=1, base="e").run(frames=FRAMES)["log"]
    found = causes(bands, "log", theirs, frames=FRAMES)
    assert {one.fault for one in found} == {"setting exponent", "setting base"}
    assert all("undone together with" in one.text for one in found)


def test_another_number_that_nobody_declared_is_named(toy, audio):
    theirs = toy.with_settings(gain=100.0).run(audio=audio, rate=1000)
    (cause,) = causes(toy, "features", theirs["features"], audio=audio, rate=1000)
    assert (cause.fault, cause.variant, cause.nodes) == ("setting gain", "100.0", ("features",))


def test_what_is_right_or_explained_by_nothing_has_no_cause(bands, toy, audio):
    right = bands.run(frames=FRAMES)["log"]
    assert causes(bands, "log", right, frames=FRAMES) == ()
    noise = RNG.standard_normal(right.shape).astype(np.float32)
    assert causes(bands, "log", right + noise, frames=FRAMES) == ()
    # One setting explains most of it, and something else the rest.
    most = bands.with_settings(exponent=1).run(frames=FRAMES)["log"].copy()
    most[3, 1] += 0.001
    assert causes(bands, "log", most, frames=FRAMES) == ()
    events = toy.run(audio=audio, rate=1000)["events"]
    assert causes(toy, "events", events[:0] + 1, audio=audio, rate=1000) == ()


def test_a_change_that_changes_nothing_is_never_named(bands):
    """``unused`` does nothing, so whatever departs is not because of it."""
    theirs = bands.with_settings(base="e", unused=False).run(frames=FRAMES)["log"]
    found = causes(bands, "log", theirs, frames=FRAMES)
    assert found
    assert all("unused" not in one.text for one in found)


def test_it_is_not_asked_where_nobody_wants_it(bands):
    theirs = bands.with_settings(exponent=1).run(frames=FRAMES)["log"]
    assert bands.check(frames=FRAMES, log=theirs, explain=False)["log"].causes == ()


def test_the_setting_of_a_decoder_is_named(toy, audio):
    run = toy.run(audio=audio, rate=1000)
    theirs = toy.with_settings(fps=50.0).run(activations=run["activations"])["events"]
    found = toy.check(audio=audio, rate=1000, activations=run["activations"], events=theirs)["events"]
    assert found.causes
    assert found.causes[0].nodes == ("events",)
    assert found.causes[0].text.endswith("becomes none")
    assert (found.causes[0].fault, found.causes[0].variant) == ("setting fps", "50.0")


def test_what_is_computed_of_the_candidates_own_values_is_explained_beside_those(toy, audio):
    wrong = toy.with_settings(gain=3.0).run(audio=audio, rate=1000)
    features = wrong["features"]
    one = Unit("one", 2.0)
    alone = Pipeline("toy/one", (Given("features"), Networks("activations", ("features",), members=(one,))))
    activations = alone.run(features=features)["activations"]
    found = toy.check(audio=audio, rate=1000, features=features, activations=activations)["activations"]
    (cause,) = found.causes
    assert (cause.fault, cause.variant) == ("ensemble", "networks 1")
    assert cause.text.startswith("only network 1 of 2 in activations")


def test_the_median_of_an_ensemble_is_named_and_is_what_its_graph_computes():
    frames = FRAMES[:, :1]
    members = tuple(Unit(f"unit {gain}", gain) for gain in (1.0, 2.0, 4.0, 9.0))
    parts = [Networks("mean", ("features",), members=members)]
    whole = Pipeline("somebody/ensemble", (Given("features"), *parts))
    other = Networks("mean", ("features",), members=members, joint="median")
    median = Pipeline("somebody/ensemble", (Given("features"), other))
    theirs = median.run(features=frames)["mean"]
    each = [
        Pipeline("one", (Given("features"), Networks("mean", ("features",), members=(one,))))
        for one in members
    ]
    values = [one.run(features=frames)["mean"] for one in each]
    np.testing.assert_allclose(theirs, np.median(values, axis=0), rtol=1e-6)
    (cause,) = whole.check(features=frames, mean=theirs)["mean"].causes
    assert (cause.fault, cause.variant) == ("ensemble", "median")
    assert cause.text.startswith("the median of the networks in mean, where the original takes their mean")
    assert median.check(features=frames, mean=theirs).ok
    for count in (3, 4):
        step = ensemble("mean", "features", [one.load() for one in members[:count]], None, "median")
        found = run(step.graph, frames)["mean"]
        np.testing.assert_allclose(found, np.median(values[:count], axis=0), rtol=1e-6)
    with pytest.raises(PluginError, match="mean or median"):
        Networks("mean", ("features",), members=members, joint="mode")


@pytest.mark.parametrize(
    ("changed", "fault", "text"),
    [
        (lambda x: np.concatenate([x[:1], x[:-1]]), "value late", "1 frame late"),
        (lambda x: np.concatenate([x[2:], x[:2]]), "value late", "2 frames early"),
        (lambda x: x[:-1], "value missing", "the last 1 frames are missing"),
        (
            lambda x: np.concatenate([x, x[:1]]),
            "value beyond",
            "0 frames too many at the start and 1 at the end",
        ),
        (lambda x: x * np.float32(-3), "value factor", "-3 times what it should be"),
        (lambda x: x * np.float32(np.log(10)), "value factor", "natural logarithm in place of log10"),
        (lambda x: x[:, ::-1], "value columns", "columns in reversed order"),
        (lambda x: x[:, [0, 2, 1, 3]], "value columns", "columns 1 and 2 are exchanged"),
        (lambda x: np.roll(x, 1, axis=1), "value columns", "columns begin 3 later"),
        (lambda x: x[::-1], "value turned", "in the reversed order of time"),
    ],
)
def test_mistakes_in_a_value_are_named(changed, fault, text):
    same = Function("same", ("frames",), function=lambda x: np.sin(x), dtype="float32")
    p = Pipeline("somebody/same", (Given("frames"), same))
    right = p.run(frames=FRAMES)["same"]
    (cause,) = causes(p, "same", changed(right), frames=FRAMES)
    assert cause.fault == fault
    assert cause.text.startswith(text)
    assert cause.after <= 1


def _same_as_given() -> Pipeline:
    same = Function("same", ("frames",), function=lambda x: np.sin(x), dtype="float32")
    return Pipeline("somebody/same", (Given("frames"), same))


def _rolled(x, *by):
    return np.stack([np.roll(row, one, axis=-1) for row, one in zip(x, by, strict=True)])


@pytest.mark.parametrize(
    ("rows", "changed", "key", "text"),
    [
        (1, lambda x: x[:, :, ::-1], "value columns=axis 2 reversed", "axis 2 in reversed order"),
        (3, lambda x: x[..., ::-1], "value columns=axis 3 reversed", "axis 3 in reversed order"),
        (
            1,
            lambda x: x[:, :, [1, 0, 2, 3, 4]],
            "value columns=axis 2 0, 1",
            "columns 0 and 1 of axis 2 are exchanged",
        ),
        (1, lambda x: x * np.float32(-3), "value factor=-3", "-3 times what it should be"),
        (1, lambda x: _rolled(x, 4), "value moved=4", "axis 3 begins 4 places later"),
        (
            3,
            lambda x: _rolled(x, 4, 0, 5),
            "value moved=4, 0, 5",
            "axis 3 begins 4, 0, 5 places later, row by row",
        ),
    ],
)
def test_mistakes_in_images_are_named(rows, changed, key, text):
    """Images (window, channel 1, band, frame), of one window too, whose last frames are padded."""
    images, p = RNG.standard_normal((rows, 1, 5, 7)).astype(np.float32), _same_as_given()
    images[..., 4:] = 0
    (cause,) = causes(p, "same", changed(p.run(frames=images)["same"]), frames=images)
    assert f"{cause.fault}={cause.variant}" == key
    assert cause.text.startswith(text)
    assert cause.after <= 1


def test_an_order_that_changes_nothing_is_never_named():
    """Images that are alike in whichever order their axes are read: what departs has another reason."""
    p = _same_as_given()
    for images in (np.ones((2, 1, 5, 7), np.float32), np.zeros((1, 1, 5, 7), np.float32)):
        for theirs in (2 * p.run(frames=images)["same"] + 1, p.run(frames=images)["same"].copy()):
            theirs[0, 0, 2, 3] += 1
            assert causes(p, "same", theirs, frames=images) == ()
    images = RNG.standard_normal((1, 1, 5, 7)).astype(np.float32)
    most = _rolled(p.run(frames=images)["same"], 4)
    most[0, 0, 2, 3] += 0.001
    assert causes(p, "same", most, frames=images) == ()


@pytest.mark.parametrize("at", [0, -1])
def test_steady_frames_are_neither_late_nor_early(at):
    """Every fourth frame is the same one, or all are but for rounding: one that is wrong is not another one."""
    turn = np.arange(24) * np.pi / 2
    noise = np.random.default_rng(1).uniform(-1e-8, 1e-8, (24, 2))
    floor = np.full((24, 2), 1e-6)
    for truth in (np.stack([np.sin(turn), np.cos(turn)], axis=1), 1 + noise):
        theirs = truth.copy()
        theirs[at] += 1
        assert value_faults({"x": theirs}, {"x": truth}, {"x": floor}, "x") is None


def test_one_number_but_for_rounding_has_no_factor():
    truth = 1 + np.random.default_rng(1).uniform(-1e-8, 1e-8, (24, 2))
    floor = {"x": np.full((24, 2), 1e-6)}
    assert value_faults({"x": truth + 2}, {"x": truth}, floor, "x") is None
    truth[3] = 5
    cause = value_faults({"x": truth * 3}, {"x": truth}, floor, "x")
    assert cause is not None
    assert cause.fault == "value factor"


def test_a_silent_tensor_hides_no_mistake_in_another():
    truth = {"loud": RNG.standard_normal((9, 3)), "silent": np.zeros((9, 3))}
    floors = {name: np.full((9, 3), 1e-6) for name in truth}
    for theirs, fault in (
        ({"loud": truth["loud"][:, ::-1], "silent": truth["silent"]}, "value columns"),
        ({"loud": truth["loud"] * 2, "silent": truth["silent"]}, "value factor"),
    ):
        cause = value_faults(theirs, truth, floors, "x")
        assert cause is not None
        assert cause.fault == fault


def test_frames_of_another_count_that_are_all_alike_have_no_place():
    floor = np.full((9, 2), 1e-6)
    for count in (8, 10, 12, 13):
        assert value_faults({"x": np.ones((count, 2))}, {"x": np.ones((9, 2))}, {"x": floor}, "x") is None


def test_a_square_value_that_is_transposed_is_named():
    same = Function("same", ("frames",), function=lambda x: np.sin(x), dtype="float32")
    p = Pipeline("somebody/same", (Given("frames"), same))
    square = FRAMES[:4]
    (cause,) = causes(p, "same", p.run(frames=square)["same"].T, frames=square)
    assert cause.fault == "value transposed"


def test_the_mistakes_of_a_float32_transform_are_still_named():
    """What a mistake leaves may be explained by fewer bits, as of another program's Fourier transform."""
    p = Pipeline("somebody/bands", (Given("frames"), Numeric("power", ("frames",), graph=power)))
    theirs = p.with_settings(exponent=1).run(frames=FRAMES)["power"].astype(np.float16)
    (cause,) = causes(p, "power", theirs, frames=FRAMES)
    assert cause.fault == "setting exponent"
