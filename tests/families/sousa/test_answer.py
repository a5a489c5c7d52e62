"""What the demo says of a clip: what the pipeline gives, or a sentence; and how long it takes."""

from __future__ import annotations

import io
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import save_file

from modelparity.errors import InputError
from modelparity.stages import Pipeline
from modelparity_families.sousa.demo.answer import COLUMNS, answer, sentence
from modelparity_families.sousa.demo.serving import warm
from modelparity_families.sousa.pictures import kind_of
from modelparity_families.sousa.pipelines import pipeline

pytest.importorskip("librosa")
pytest.importorskip("matplotlib")
soundfile = pytest.importorskip("soundfile")
RATE = 22_050


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory, weights: Callable[..., dict[str, Any]]) -> Pipeline:
    """The pipeline with the recorded weights, which lie in a folder that nothing names."""
    folder = tmp_path_factory.mktemp("weights")
    for name, file in (("onset", "onset_transformer"), ("inference", "feature_inference")):
        save_file(weights("trained", name), folder / f"{file}.safetensors")
    return pipeline(folder)


@pytest.fixture
def said(own: Pipeline, tmp_path: Path) -> Callable[..., Any]:
    """``said(audio)``: what is said of this sound in a file."""

    def say(audio: Any, rate: int = RATE, **written: str) -> Any:
        soundfile.write(tmp_path / "clip.wav", audio, rate, **written)
        return answer(tmp_path / "clip.wav", own)

    return say


def clicks(count: int, seconds: float = 3.0, rate: int = RATE) -> Any:
    audio = np.zeros(int(seconds * rate), np.float32)
    audio[np.linspace(rate // 4, len(audio) - rate // 4, count).astype(int)] = 0.9
    return audio


def test_a_clip_gets_what_the_pipeline_gives(
    said: Callable[..., Any], own: Pipeline, recorded: Callable[[str], Any]
) -> None:
    clip = recorded("clips/flam_accent_92_44100")
    rate = int(clip["sample_rate"])
    one, found = said(clip["audio"], rate), own.run(audio=clip["audio"], rate=rate)
    assert list(one.shares) == clip["top5"].tolist()
    assert one.text.startswith("13 strokes in 3.0 s, about 91 beats a minute.")
    assert len(one.strokes) == 13
    columns = dict(zip(COLUMNS, zip(*one.strokes, strict=True), strict=True))
    np.testing.assert_allclose(columns["time (s)"], found["onset_times"], atol=6e-4)
    np.testing.assert_allclose(columns["after (ms)"][1:], np.diff(found["onset_times"]) * 1000, atol=0.6)
    np.testing.assert_allclose(columns["strength"], found["onset_strengths"], atol=0.006)
    assert columns["kind"] == tuple(kind_of(row) for row in found["predicted_features"])
    assert columns["hand"] == tuple("LR"[int(row[6] > 0.5)] for row in found["predicted_features"])
    timeline, heat_map, notation = one.pictures
    assert len(timeline.axes[0].lines) == 1 + 13
    np.testing.assert_array_equal(heat_map.axes[0].images[0].get_array(), found["predicted_features"].T)
    assert notation.axes[0].get_title().replace(" ", "-") == clip["top5"][0]


@pytest.mark.parametrize(
    ("audio", "begins"),
    [
        (np.zeros(0), "This clip is empty (0.00 s)."),
        (clicks(8)[: RATE // 5], "This clip is too short (0.20 s)."),
        (np.zeros(RATE), "This clip is silent (1.0 s)."),
        (clicks(8)[: RATE // 2], "Only one stroke stands out in this clip."),
        (clicks(1), "Only one stroke stands out in this clip."),
        (np.zeros(61 * RATE), "More sound than is read here (61.0 s)."),
    ],
)
def test_a_clip_without_strokes_gets_a_sentence(audio: Any, begins: str, said: Callable[..., Any]) -> None:
    one = said(audio)
    assert one.text.startswith(begins)
    assert "What to do: " in one.text
    assert "/" not in one.text
    assert (dict(one.shares), one.strokes, one.pictures) == ({}, (), (None, None, None))


def test_samples_that_are_no_numbers_and_files_that_are_no_sound(
    said: Callable[..., Any], own: Pipeline, tmp_path: Path
) -> None:
    assert said(np.full(RATE, np.nan), subtype="FLOAT").text.startswith("Samples are not finite")
    (tmp_path / "notes.txt").write_text("no sound", "utf-8")
    assert answer(tmp_path / "notes.txt", own).text.startswith("Not a sound file that can be read")
    assert answer(tmp_path / "nothing.wav", own).text.startswith("No such file")
    assert answer(None, own).text == ""


def test_any_rate_any_channels_and_what_is_beyond_full_scale(said: Callable[..., Any]) -> None:
    plain = said(clicks(8))
    assert said(np.stack([clicks(8)] * 2, 1)).strokes == plain.strokes
    loud = said(clicks(8) * 50, subtype="FLOAT")
    assert loud.strokes == plain.strokes
    assert np.abs(loud.pictures[0].axes[0].lines[0].get_ydata()).max() == 1
    clipped = np.clip(np.sin(np.arange(3 * RATE) / 9) * (np.arange(3 * RATE) % 5000 < 900) * 20, -1, 1)
    assert len(said(clipped).strokes) > 8
    assert said(clicks(8, rate=2000), 2000).text.startswith("No strokes stand out in this clip.")
    for rate in (8000, 44_100, 192_000):
        assert len(said(clicks(8, rate=rate), rate).shares) == 5


def test_only_as_many_strokes_as_the_networks_take(said: Callable[..., Any]) -> None:
    one = said(clicks(300, 50.0))
    assert one.text.startswith("The first 256 of 300 strokes")
    assert len(one.strokes) == 256


def test_a_clip_of_three_seconds_is_answered_within_three(
    own: Pipeline, said: Callable[..., Any], recorded: Callable[[str], Any]
) -> None:
    """Processor time, drawing included, of a process that is ready: it is so before the page opens."""
    warm(own)
    clip = recorded("clips/flam_accent_92_44100")
    start = time.process_time()
    for figure in said(clip["audio"], int(clip["sample_rate"])).pictures:
        figure.savefig(io.BytesIO(), format="png")
    assert time.process_time() - start < 3


def test_a_sentence_has_what_an_error_knows() -> None:
    error = InputError("too much", where="/tmp/a", found="5", expected="4", fix="take one away")
    assert sentence(error) == "Too much (5). Expected: 4. What to do: take one away."
    assert sentence(InputError("too much")) == "Too much."
