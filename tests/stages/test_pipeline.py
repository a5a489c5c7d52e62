"""Pipelines run from what is given to events, take any stage's value, and know their settings."""

from __future__ import annotations

import numpy as np
import pytest

from modelparity.errors import InputError, PluginError
from modelparity.stages import Given, Numeric, Pipeline


def test_every_stage_has_a_value(toy, audio):
    found = toy.run(audio=audio, rate=1000)
    assert list(found) == ["audio", "features", "activations", "events"] == list(toy.stages)
    energy = np.square(audio.astype(np.float64)).reshape(-1, 10).mean(axis=1, keepdims=True)
    features = np.log1p(10 * energy)
    np.testing.assert_allclose(found["features"], features, rtol=1e-6)
    each = [1 / (1 + np.exp(3 - weight * features[:, 0])) for weight in (2.0, 3.0)]
    np.testing.assert_allclose(found["activations"], np.mean(each, axis=0), rtol=1e-6)
    assert found["features"].dtype == found["activations"].dtype == np.float32
    np.testing.assert_array_equal(found["events"], [0.1, 0.3])


def test_what_follows_is_computed_from_any_value(toy, audio):
    whole = toy.run(audio=audio, rate=1000)
    for name in ("features", "activations", "events"):
        found = toy.run(**{name: whole[name]})
        assert list(found) == list(whole)[list(whole).index(name) :]
        for one, value in found.items():
            np.testing.assert_array_equal(value, whole[one])
    other = toy.run(audio=audio, rate=1000, activations=np.zeros(50))
    assert other["events"].size == 0
    assert "features" in other


def test_a_run_ends_where_it_is_told(toy, audio):
    found = toy.run(audio=audio, rate=1000, until="features")
    assert list(found) == ["audio", "features"]
    fine = toy.run(audio=audio, rate=1000, until="frames")
    np.testing.assert_array_equal(fine["frames"], audio.reshape(-1, 10))
    again = toy.run(frames=fine["frames"], until="features")
    np.testing.assert_array_equal(again["features"], found["features"])


def test_settings_are_known_by_name_and_type(toy, audio):
    assert toy.settings == {"gain": 10.0, "threshold": 0.5, "fps": 100.0}
    assert toy.with_settings(threshold=0.99).run(audio=audio, rate=1000)["events"].size == 0
    slow = toy.with_settings(fps=50)
    np.testing.assert_array_equal(slow.run(audio=audio, rate=1000)["events"], [0.2, 0.6])
    with pytest.raises(InputError, match="one of threshold"):
        toy.with_settings(treshold=0.3)
    with pytest.raises(InputError, match="a number, such as 0"):
        toy.with_settings(threshold="0.3")
    with pytest.raises(InputError, match="is a stage"):
        toy.with_settings(features=1)
    with pytest.raises(InputError, match="is a setting"):
        toy.run(audio=audio, rate=1000, threshold=0.3)


def test_its_description_has_stages_and_settings(toy):
    told = toy.with_settings(threshold=0.25).describe()
    assert "features     numeric   frames" in told
    assert "threshold  0.25   events" in told
    assert "audio -> features -> activations -> events, threshold=0.25" in repr(
        toy.with_settings(threshold=0.25)
    )


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({}, "give audio="),
        ({"sound": np.zeros(10)}, "there is no stage 'sound'"),
        ({"audio": np.zeros(10, np.float32)}, "another rate"),
        ({"audio": ["a"], "rate": 1000}, "stage"),
        ({"features": np.zeros((3, 2), np.float32)}, "stage 'activations'"),
        ({"activations": np.array(["x"])}, "not an array of numbers"),
    ],
)
def test_what_does_not_fit_is_refused_with_its_place(toy, given, told):
    with pytest.raises(InputError, match=told):
        toy.run(**given)


def test_the_numeric_part_is_one_graph(toy, audio):
    graph = toy.graph("activations")
    import modelparity as mp

    whole = mp.run(graph, {"audio": audio})
    np.testing.assert_allclose(
        whole["activations"], toy.run(audio=audio, rate=1000)["activations"], rtol=1e-6
    )
    assert [spec.name for spec in graph.inputs] == ["audio"]


def test_stages_that_do_not_follow_are_refused():
    with pytest.raises(PluginError, match="which no stage before it gives"):
        Pipeline("x/y", (Given("audio"), Numeric("features", ("sound",), graph=lambda: None)))
    with pytest.raises(PluginError, match="no name for a stage"):
        Pipeline("x/y", (Given("audio"), Given("audio")))
