"""From a table of strokes to the rudiment: an encoding of somebody else is judged, and its mistake named."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from modelparity.errors import InputError
from modelparity.stages import Pipeline
from modelparity_families.sousa import FAMILY
from modelparity_families.sousa.encoding import encoded
from modelparity_families.sousa.features import features
from modelparity_families.sousa.strokes import Strokes

Load = Callable[..., Any]


@pytest.fixture
def pipeline() -> Pipeline:
    return FAMILY.pipelines()["strokes"].with_settings()


@pytest.fixture
def performance(recorded: Load) -> Load:
    """``performance("made/flam")``: a recorded table, its tempo, and the features that the original made of it."""

    def load(name: str) -> tuple[dict[str, Any], float, Any]:
        own = {
            key.rpartition("/")[2]: array
            for key, array in recorded("encoding").items()
            if key.rpartition("/")[0] == name
        }
        return own, float(own.pop("tempo_bpm")), own.pop("features")

    return load


def test_features_are_the_original_s_within_3e_8(
    pipeline: Pipeline, performance: Load, recorded: Load
) -> None:
    names = {key.rpartition("/")[0] for key in recorded("encoding")} - {"hand/unknown_type"}
    assert len(names) == 47
    for name in sorted(names):
        table, tempo, wanted = performance(name)
        found = pipeline.run(strokes=table, tempo=tempo, until="features")["features"]
        np.testing.assert_allclose(found, wanted[:256], rtol=0, atol=3e-8)
    run = pipeline.run(strokes=Strokes.of(table), tempo=tempo)
    assert run["logits"].shape == (40,)
    np.testing.assert_array_equal(run["features"], encoded(Strokes.of(table), tempo)[:256])


@pytest.mark.parametrize(
    ("name", "setting", "wrong", "said"),
    [
        ("made/flam_tap", "loudest", 128, "velocity divided by 128"),
        ("hand/exact_grid", "position", "fraction", "fraction of the beats since the first stroke"),
        ("made/drag_paradiddle_2", "position", "float32", "position computed in float32"),
        ("made/multiple_bounce_roll", "spacing", "clipped", "spacing below 0 made 0"),
        ("made/multiple_bounce_roll", "bounces", "spread", "bounces counted on each of them"),
        ("hand/three_hundred", "most", 128, "cut to 128 strokes"),
    ],
)
def test_a_mistake_is_named_with_what_the_original_does(
    name: str, setting: str, wrong: Any, said: str, pipeline: Pipeline, performance: Load
) -> None:
    table, tempo, _ = performance(name)
    other = pipeline.with_settings(**{setting: wrong})
    theirs = other.run(strokes=table, tempo=tempo, until="features")["features"]
    found = pipeline.check(strokes=table, tempo=tempo, features=theirs)
    assert found["features"].band == "wrong"
    (cause,) = found["features"].causes
    assert cause.fault == f"setting {setting}"
    assert said in cause.text


def test_a_sound_encoding_is_accepted(pipeline: Pipeline, performance: Load) -> None:
    table, tempo, theirs = performance("made/flam_accent")
    found = pipeline.check(strokes=table, tempo=tempo, features=theirs)
    assert found.ok
    assert found["features"].band in ("exact", "rounding")


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (np.zeros((0, 9)), "no strokes"),
        (np.zeros((3, 4)), r"(?s)not strokes.*\(3, 4\).*\(stroke, 9\)"),
        (np.full((3, 9), np.nan), "strokes are not finite"),
        ({"hand": ["R"]}, "no column 'actual_time_ms'"),
    ],
)
def test_what_is_no_table_is_refused(value: Any, said: str, pipeline: Pipeline) -> None:
    with pytest.raises(InputError, match=said):
        pipeline.run(strokes=value, tempo=100.0)


@pytest.mark.parametrize("tempo", [0.0, -3.0, np.nan, np.inf])
def test_a_tempo_that_is_none_is_refused(tempo: float, pipeline: Pipeline) -> None:
    with pytest.raises(InputError, match="a tempo is a number above 0"):
        pipeline.run(strokes=np.zeros((2, 9)), tempo=tempo)


@pytest.mark.parametrize(
    "setting",
    [
        "order",
        "interval",
        "interval_to",
        "graces",
        "taps",
        "hand",
        "diddle",
        "spacing",
        "position",
        "bounces",
    ],
)
def test_words_that_mean_nothing_are_refused(setting: str) -> None:
    words: dict[str, Any] = {setting: "sideways"}
    with pytest.raises(InputError, match="sideways"):
        features(np.zeros((2, 9)), 100.0, **words)
