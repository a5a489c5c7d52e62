"""What somebody else computed of a pipeline is judged stage by stage; what only follows says so."""

from __future__ import annotations

import json

import numpy as np
import pytest
import scipy.fft
from hypothesis import HealthCheck, given, settings, strategies as st

from modelparity import Axis, Graph, Node, TensorSpec, convert
from modelparity.errors import InputError, ModelparityError
from modelparity.stages import Checked, Function, Given, Networks, Numeric, Pipeline

from .conftest import Unit, frames

COMPUTED = ("features", "activations", "events")


def checked(pipeline, audio, **given) -> Checked:
    return pipeline.check(audio=audio, rate=1000, **given)


@pytest.mark.parametrize("names", [COMPUTED[:1], COMPUTED[1:2], COMPUTED[2:], COMPUTED])
def test_right_values_pass(toy, audio, names):
    right = toy.run(audio=audio, rate=1000)
    found = checked(toy, audio, **{name: right[name] for name in names})
    assert found.ok
    assert found.worst == "exact"
    assert [name for name in found if found[name].given] == list(names)
    assert found.stages == COMPUTED[COMPUTED.index(names[0]) :]


def test_rounding_is_told_from_a_fault(toy, audio):
    right = toy.run(audio=audio, rate=1000)
    one_more = np.nextafter(right["activations"], np.float32(1))
    assert checked(toy, audio, activations=one_more)["activations"].band == "rounding"
    found = checked(toy, audio, activations=right["activations"] + np.float32(1e-5))
    assert (found.ok, found["activations"].band) == (False, "wrong")
    assert "times what rounding can explain" in found["activations"].text
    assert checked(toy, audio, activations=right["activations"].astype(np.float64)).worst == "exact"


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(gain=st.floats(1, 100), seed=st.integers(0, 1000))
def test_another_setting_is_placed_in_its_stage(toy, audio, gain, seed):
    audio = (audio * np.random.default_rng(seed).uniform(0.5, 2)).astype(np.float32)
    theirs = toy.with_settings(gain=gain).run(audio=audio, rate=1000)
    found = checked(toy, audio, **{name: theirs[name] for name in COMPUTED})
    if abs(gain - 10) < 1e-6:
        return
    assert found["features"].failed
    assert [one.name for one in found.failed] == ["features"]
    assert found["activations"].follows == "features"
    assert found["activations"].alone.band == "exact"
    assert found["events"].ok


def test_a_window_of_other_frames_is_placed_before_what_follows(toy, audio):
    later = np.roll(audio, -3).reshape(-1, 10)
    rest = toy.run(frames=later)
    found = checked(toy, audio, frames=later, features=rest["features"], activations=rest["activations"])
    assert [one.name for one in found.failed] == ["frames"]
    assert found["features"].follows == found["activations"].follows == "frames"
    assert repr(found).splitlines()[0] == "toy/loud: frames is wrong, expected rounding"


def test_another_threshold_is_placed_in_the_decoder(toy, audio):
    theirs = toy.with_settings(threshold=0.9).run(audio=audio, rate=1000)
    assert not np.array_equal(theirs["events"], toy.run(audio=audio, rate=1000)["events"])
    found = checked(toy, audio, activations=theirs["activations"], events=theirs["events"])
    assert [one.name for one in found.failed] == ["events"]
    assert found["events"].compared.beyond


def test_a_fault_within_the_floor_of_its_chain_shows_beside_the_values_before_it(toy, audio):
    """Where a stage amplifies rounding, what follows from it is still judged strictly."""
    way = Function("other", ("features",), function=lambda x: np.sin(1e4 * x), dtype="float32")
    networks = Networks("activations", ("other",), members=(Unit("one", 2.0),))
    pipeline = Pipeline("toy/ways", (*toy.parts[:3], way, networks))
    right = pipeline.run(audio=audio, rate=1000)
    loud = right["features"][:, 0] > 1
    faulty = np.where(loud, right["activations"] * np.float32(1 + 1e-5), right["activations"])
    found = checked(pipeline, audio, other=right["other"], activations=faulty)
    assert [one.name for one in found.failed] == ["activations"]
    assert found["activations"].through.band == "rounding"
    stored = np.nextafter(right["other"], np.float32(9))
    assert checked(pipeline, audio, other=stored, activations=right["activations"]).ok


def test_two_faults_are_two(toy, audio):
    theirs = toy.with_settings(gain=20.0).run(audio=audio, rate=1000)
    theirs["events"] = theirs["events"] + 0.02
    found = checked(toy, audio, **{name: theirs[name] for name in COMPUTED})
    assert [one.name for one in found.failed] == ["features", "events"]
    assert "and by themselves events" in repr(found)


def test_a_fault_behind_right_features_is_its_own(toy, audio):
    right, theirs = (one.run(audio=audio, rate=1000) for one in (toy, toy.with_settings(gain=11.0)))
    found = checked(toy, audio, features=right["features"], activations=theirs["activations"])
    assert found["features"].ok
    assert [one.name for one in found.failed] == ["activations"]
    assert "from the candidate's own values before it" in found["activations"].text


@pytest.mark.parametrize("there", [True, False])
def test_an_event_that_rounding_decides_may_go_either_way(toy, audio, there):
    highest = toy.run(audio=audio, rate=1000)["activations"].astype(np.float64).max()
    edge = toy.with_settings(threshold=float(highest))
    (only,) = edge.run(audio=audio, rate=1000)["events"]
    found = checked(edge, audio, events=[only] if there else [])
    assert found.ok, found
    assert found["events"].compared.either
    assert "may go either way" in found["events"].text
    assert not checked(edge, audio, events=[only, only + 0.1]).ok


def test_shapes_are_told_in_a_sentence(toy, audio):
    right = toy.run(audio=audio, rate=1000)
    frames_ = audio.reshape(-1, 10)
    turned = checked(toy, audio, frames=frames_.T)
    assert turned.ok
    assert "given as (10, 50), which is (50, 10) transposed" in turned["frames"].text
    assert checked(toy, audio, activations=right["activations"][None, :, None]).ok
    longer = checked(toy, audio, features=np.concatenate((right["features"], right["features"][:1])))
    assert not longer.ok
    assert "the first 50 agree" in longer["features"].text
    assert "shape is (51, 1), but should be (50, 1)" in longer["features"].text
    assert not longer["activations"].failed


def test_square_values_that_were_turned_are_wrong_and_told(toy, audio):
    square = audio[:100].reshape(10, 10)
    found = checked(toy, audio[:100], frames=square.T)
    assert not found.ok
    assert "it agrees if its axes are turned" in found["frames"].text


def test_what_is_not_finite_or_empty_is_wrong(toy, audio):
    right = toy.run(audio=audio, rate=1000)
    nan = right["features"].copy()
    nan[3] = np.nan
    found = checked(toy, audio, features=nan)
    assert [one.name for one in found.failed] == ["features"]
    assert "the value is NaN, but should not be, at [3, 0] first" in repr(found)
    empty = checked(toy, audio, features=nan[:0], activations=right["activations"])
    assert [one.name for one in empty.failed] == ["features"]
    assert empty["activations"].ok
    lost = checked(toy, audio, features=nan[:0])
    assert lost["events"].band == "unjudged"
    assert "it does not follow" in lost["events"].text


def test_green_means_compared(toy):
    silence = np.zeros(200, np.float32)
    right = toy.run(audio=silence, rate=1000)
    found = checked(toy, silence, features=right["features"], events=right["events"])
    assert (found.ok, found.worst) == (False, "unjudged")
    assert "the same number throughout" in found["features"].text
    assert "neither side has any events" in found["events"].text
    assert not checked(toy, silence, features=right["features"] + 1).ok


def test_half_precision_is_reduced_and_explained(toy, audio):
    right = toy.run(audio=audio, rate=1000)
    half = right["features"].astype(np.float16)
    found = checked(toy, audio, features=half)
    assert (found["features"].band, found.ok) == ("reduced", False)
    assert "explained by float16" in found["features"].text
    again = checked(toy, audio, features=half.astype(np.float32), expect="reduced")
    assert again.ok
    assert again["activations"].band == "reduced"
    assert again["activations"].follows == "features"


def spectrum() -> Graph:
    """frames (frame, 64) -> log (frame, 33)"""
    nodes = (
        Node("cut", "reshape", ("sound",), ("frames",), {"shape": (-1, 64)}),
        Node("spectrum", "magnitude_spectrum", ("frames",), ("magnitudes",)),
        Node("more", "add", ("magnitudes", "least"), ("positive",)),
        Node("log", "log", ("positive",), ("features",)),
    )
    least = {"least": np.float32(1e-7)}
    return Graph("spectrum", (TensorSpec("sound", (Axis("sample"),)),), ("features",), nodes, least)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_a_transform_in_float32_is_reduced_and_a_window_is_wrong(dtype):
    """Of a tone in whole turns: next to nothing is left in most bins, of which a logarithm shows all digits."""
    pipeline = Pipeline("toy/fft", (Given("sound"), Numeric("features", ("sound",), graph=spectrum)))
    tone = np.sin(2 * np.pi * np.arange(64 * 20) / 8).astype(np.float32)
    frames_ = tone.reshape(-1, 64)

    def features(window):
        bins = scipy.fft.rfft((frames_ * window).astype(dtype))
        return np.log(np.abs(bins).astype(np.float32) + np.float32(1e-7))

    n = np.arange(64)
    found = pipeline.check(sound=tone, features=features(0.5 - 0.5 * np.cos(2 * np.pi * n / 63)))
    assert found.worst == ("exact" if dtype == np.float64 else "reduced")
    assert ("sums in float32" in found["features"].text) == (dtype == np.float32)
    periodic = pipeline.check(sound=tone, features=features(0.5 - 0.5 * np.cos(2 * np.pi * n / 64)))
    assert periodic.worst == "wrong"


def test_stages_with_several_values_are_judged_by_each(audio):
    def both() -> object:
        graph = frames()
        return graph.changed(
            outputs=("cut_1", "cut_2"),
            nodes=tuple(
                node.__class__(f"cut_{n}", node.op, node.inputs, (f"cut_{n}",), node.attrs)
                for n in (1, 2)
                for node in graph.nodes
            ),
        )

    pipeline = Pipeline("toy/two", (Given("sound"), Numeric("cut", ("sound",), graph=both)))
    right = pipeline.run(sound=audio)["cut"]
    assert pipeline.check(sound=audio, cut=right).ok
    found = pipeline.check(sound=audio, cut={**right, "cut_2": right["cut_2"] + 1})
    assert "cut_2: " in found["cut"].text
    with pytest.raises(InputError, match="has other values"):
        pipeline.check(sound=audio, cut={"cut_1": right["cut_1"]})


def test_networks_are_judged_alone_and_through_to_the_events(toy, audio, tmp_path):
    for name, weight in (("one", 2.0), ("two", 3.0)):
        convert(Unit(name, weight).load(), tmp_path / f"{name}.onnx")
    (tmp_path / "README").write_text("not a network")
    for given_ in (tmp_path, [tmp_path / "one.onnx", str(tmp_path / "two.onnx")]):
        found = checked(toy, audio, networks={"activations": given_})
        assert found.ok, found
        assert [one.candidate for one in found["activations"].verdict] == ["one.onnx", "two.onnx"]
        assert list(found) == ["activations", "events"]
    convert(Unit("two", 3.3).load(), tmp_path / "two.onnx")
    found = checked(toy, audio, networks=tmp_path, explain=False)
    assert [one.name for one in found.failed] == ["activations"]
    assert [one.ok for one in found["activations"].verdict] == [True, False]
    assert "2 networks: 1 " in found["activations"].text
    assert "two.onnx" in repr(found)


def test_networks_are_judged_on_right_features_though_given_ones_are_wrong(toy, audio):
    theirs = toy.with_settings(gain=11.0).run(audio=audio, rate=1000)["features"]
    members = toy.members("activations")
    found = checked(toy, audio, features=theirs, networks={"activations": list(members)})
    assert [one.name for one in found.failed] == ["features"]
    assert all(one.ok for one in found["activations"].verdict)
    assert found["activations"].follows == "features"


def test_networks_get_features_in_the_type_that_they_take(toy, audio, tmp_path):
    """Though a front end gives more digits."""
    doubled = Function("doubled", ("features",), function=lambda x: x.astype(np.float64) * 2)
    networks = Networks("activations", ("doubled",), members=(Unit("one", 2.0),))
    pipeline = Pipeline("toy/wide", (*toy.parts[:3], doubled, networks))
    assert pipeline.run(audio=audio, rate=1000)["doubled"].dtype == np.float64
    convert(Unit("one", 2.0).load(), tmp_path / "one.onnx")
    assert checked(pipeline, audio, networks=tmp_path / "one.onnx").ok
    (tmp_path / "two.onnx").write_text("no network")
    with pytest.raises(ModelparityError, match=r"two\.onnx"):
        checked(pipeline, audio, networks=tmp_path / "two.onnx")


@pytest.mark.parametrize(
    ("given_", "told"),
    [
        ({}, "nothing is to be judged"),
        ({"networks": {"activations": []}}, "has 2 networks, and 0 were given"),
        ({"networks": {"features": []}}, "has no networks"),
        ({"networks": {"activation": []}}, "there is no stage 'activation'"),
        ({"features": np.zeros((50, 1)), "expect": "wrong"}, "not a band to expect"),
        ({"events": [0.1], "until": "features"}, "not looked at"),
        ({"feature": 1}, "there is no stage 'feature'"),
    ],
)
def test_what_cannot_be_asked_is_refused(toy, audio, given_, told):
    with pytest.raises(InputError, match=told):
        checked(toy, audio, **given_)


def test_the_first_value_given_stands_in_place_of_the_sound(toy, audio):
    right = toy.run(audio=audio, rate=1000)
    found = toy.check(features=right["features"], activations=right["activations"])
    assert found.ok
    assert list(found) == ["activations", "events"]
    with pytest.raises(InputError, match="nothing is to be judged"):
        toy.check(features=right["features"])


def test_a_result_is_text_and_json_and_a_page(toy, audio):
    theirs = toy.with_settings(gain=11.0).run(audio=audio, rate=1000)["features"]
    found = checked(toy, audio, features=np.where(np.arange(50)[:, None] == 7, np.inf, theirs))
    data = json.loads(json.dumps(found.to_json(), allow_nan=False))
    assert data["pipeline"] == "toy/loud"
    assert data["band"] == "wrong"
    assert [one["name"] for one in data["stages"]] == list(COMPUTED)
    assert data["stages"][0]["floors"] == "inf"
    assert str(found) == repr(found)
    assert "<table" in found._repr_html_()
    with pytest.raises(KeyError, match="judged were features"):
        found["frames"]


def test_how_far_it_is_is_told(toy, audio):
    whole = toy.run(audio=audio, rate=1000)
    said: list[tuple[str, int, int]] = []
    toy.check(audio=audio, rate=1000, features=whole["features"], progress=lambda *one: said.append(one))
    assert [one[0] for one in said] == [
        *(f"computing {name}" for name in ("features", "activations", "events")),
        *(f"judging {name}" for name in ("features", "activations", "events")),
    ]
    assert [one[1:] for one in said] == [(done, 6) for done in range(6)]
