"""From sound to the rudiment: three recorded clips, and sound in which nothing is to be found."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import save_file

from modelparity.errors import InputError
from modelparity.stages import Pipeline
from modelparity_families.sousa import FAMILY
from modelparity_families.sousa.pipelines import Told
from modelparity_families.sousa.pipelines.onsets import moved_back, raw_onsets
from modelparity_families.sousa.pipelines.told import told

pytest.importorskip("librosa")
Load = Callable[..., Any]
CLIPS = ("buzz_roll_100_22050", "flam_accent_92_44100", "paradiddle_120_22050")
STAGES = (
    "onset_envelope",
    "onset_times",
    "onset_strengths",
    "tempo_bpm",
    "raw_onsets",
    "inferred",
    "predicted_features",
    "logits",
)


@pytest.fixture
def pipeline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, untrained: None, weights: Load) -> Pipeline:
    """The pipeline with the recorded weights."""
    for name, file in (("onset", "onset_transformer"), ("inference", "feature_inference")):
        save_file(weights("trained", name), tmp_path / f"{file}.safetensors")
    monkeypatch.setenv("MODELPARITY_SOUSA", str(tmp_path))
    return FAMILY.pipelines()["rudiment"].with_settings()


def run(pipeline: Pipeline, clip: Any, **more: Any) -> dict[str, Any]:
    return pipeline.run(audio=clip["audio"], rate=int(clip["sample_rate"]), **more)


@pytest.mark.parametrize("name", CLIPS)
def test_every_stage_is_what_the_original_computed(name: str, pipeline: Pipeline, recorded: Load) -> None:
    clip = recorded(f"clips/{name}")
    found = run(pipeline, clip)
    count = int(clip["attention_mask"].sum())
    for stage in STAGES:
        wanted = clip[stage]
        if stage in ("raw_onsets", "inferred", "predicted_features"):
            wanted = wanted[:count]
        got = found[stage]
        assert np.shape(got) == wanted.shape
        assert np.abs(got - wanted).max() <= LIMITS.get(stage, 7e-7) * np.abs(wanted).max(), stage
    label = found["label"]
    assert isinstance(label, Told)
    assert [one for one, _ in label.best] == clip["top5"].tolist()
    np.testing.assert_allclose([share for _, share in label.best], clip["top5_confidence"], rtol=1e-4)
    assert label == clip["top5"][0]
    assert label.confidence == label.best[0][1]
    median = run(pipeline.with_settings(tempo="median"), clip, until="tempo_bpm")["tempo_bpm"]
    assert median == clip["tempo_bpm_seed"]


#: Strengths are read at minima, a two-hundredth of the envelope's peaks: differences of levels in dB, where a unit
#: in the last place is 1e-6 of the largest strength. What was recorded is itself 8e-7 from what float64 gives.
#: Inferred features are off by the rounding of the first layer's scores, which go up to 40,000.
LIMITS = {"onset_strengths": 2e-6, "predicted_features": 2e-6}


@pytest.mark.parametrize("name", CLIPS)
def test_what_the_original_computed_is_within_rounding_at_every_stage(
    name: str, pipeline: Pipeline, recorded: Load
) -> None:
    clip = recorded(f"clips/{name}")
    count = int(clip["attention_mask"].sum())
    theirs = {
        stage: clip[stage][:count] if clip[stage].shape[:1] == (256,) else clip[stage] for stage in STAGES
    }
    found = pipeline.check(audio=clip["audio"], rate=int(clip["sample_rate"]), **theirs)
    assert found.ok, found
    assert all(found[stage].band in ("exact", "rounding") for stage in (*STAGES, "label"))
    assert found["onset_times"].band == found["label"].band == "exact"


@pytest.mark.parametrize(
    ("stage", "setting", "wrong"),
    [
        ("onset_times", "onset", "peak"),
        ("onset_strengths", "strength", "peak"),
        ("raw_onsets", "interval", "beats"),
        ("raw_onsets", "tempo_unit", "of 120"),
        ("raw_onsets", "loudness", "none"),
        ("predicted_features", "logits", "2-7"),
        ("predicted_features", "logits", "whole"),
    ],
)
def test_mistakes_of_ports_are_named(
    stage: str, setting: str, wrong: str, pipeline: Pipeline, recorded: Load
) -> None:
    """Beside what the original gave of the stages before it."""
    clip = recorded("clips/buzz_roll_100_22050")
    before = {one: clip["sample_rate"] if one == "rate" else clip[one] for one in pipeline.stage(stage).takes}
    count = int(clip["attention_mask"].sum())
    before = {one: value[:count] if value.shape[:1] == (256,) else value for one, value in before.items()}
    theirs = pipeline.with_settings(**{setting: wrong}).run(**before, until=stage)[stage]
    found = pipeline.check(**before, **{stage: theirs}, until=stage)[stage]
    assert found.band == "wrong"
    assert f"setting {setting}" in [cause.fault for cause in found.causes]


@pytest.mark.parametrize("rate", [8000, 11_025, 48_000, 96_000])
def test_sound_of_any_rate_and_channel_count_has_finite_stages(rate: int, pipeline: Pipeline) -> None:
    """Clipped, too: strokes that are square waves."""
    t = np.arange(2 * rate) / rate
    audio = np.clip(30 * np.sin(2 * np.pi * 200 * t) * np.exp(-20 * (t % 0.4)), -1, 1)
    many = np.stack([audio * share for share in (1.0, 0.5, 0.25, 0.0, -0.1, 1.0)], axis=1)
    found = pipeline.run(audio=many, rate=rate)
    assert all(np.isfinite(found[stage]).all() for stage in STAGES)
    assert len(found["onset_times"]) >= 3


def clicks() -> Any:
    audio = np.zeros(44_100, np.float32)
    audio[[11_025, 22_050, 33_075]] = 1
    return audio


def test_strengths_that_are_all_0_give_no_nan(pipeline: Pipeline) -> None:
    """Isolated clicks: the minima before them are 0, and 0 / 0 was NaN in the first design."""
    found = pipeline.run(audio=clicks(), rate=22_050)
    np.testing.assert_allclose(found["onset_times"], [0.48761905, 0.99845805, 1.4860771], rtol=1e-8)
    assert found["onset_strengths"].tolist() == [0, 0, 0]
    assert found["tempo_bpm"] == pytest.approx(117.45383522727273)
    assert np.isfinite(found["logits"]).all()
    peaks = pipeline.with_settings(strength="peak").run(audio=clicks(), rate=22_050, until="onset_strengths")
    assert peaks["onset_strengths"].max() == 1
    assert peaks["onset_strengths"].min() > 0.5


def test_scale_channels_and_silence_around_change_no_onset(pipeline: Pipeline) -> None:
    audio = clicks()
    wanted = pipeline.run(audio=audio, rate=22_050, until="onset_times")["onset_times"]
    whole = (audio * 32_767).astype(np.int16)
    for other in (np.stack([audio, audio], 1), whole, whole.astype(np.int32) << 16, audio * 100):
        found = pipeline.run(audio=other, rate=22_050, until="onset_times")
        np.testing.assert_array_equal(found["onset_times"], wanted)


def test_sound_is_resampled_only_where_it_is_asked_for(pipeline: Pipeline, recorded: Load) -> None:
    pytest.importorskip("soxr")
    clip = recorded("clips/flam_accent_92_44100")
    plain = run(pipeline, clip, until="onset_times")
    other = run(pipeline.with_settings(sample_rate=22_050), clip, until="onset_times")
    assert len(plain["onset_envelope"]) == pytest.approx(2 * len(other["onset_envelope"]), abs=2)
    same = run(pipeline.with_settings(sample_rate=44_100), clip, until="onset_times")
    np.testing.assert_array_equal(same["onset_times"], plain["onset_times"])


def test_silence_has_no_onset_no_tempo_and_no_label(pipeline: Pipeline) -> None:
    for audio in (np.zeros(30_000, np.float32), np.zeros(1, np.float32), np.full(9000, 0.5, np.float32)[:3]):
        found: dict[str, Any] = {}
        for stage in ("onset_times", "onset_strengths", "tempo_bpm"):
            found |= pipeline.run(audio=audio, rate=22_050, until=stage)
        assert found["onset_times"].shape == found["onset_strengths"].shape == (0,)
        assert found["tempo_bpm"] == 0
        with pytest.raises(InputError, match="no onsets in this sound"):
            pipeline.run(audio=audio, rate=22_050)


@pytest.mark.parametrize(
    ("audio", "rate", "said"),
    [
        (np.zeros(0, np.float32), 22_050, "no samples"),
        (np.full(100, np.nan, np.float32), 22_050, "samples are not finite"),
        (np.zeros((2, 3, 4), np.float32), 22_050, "not sound"),
        (np.zeros((2, 9000), np.float32), 22_050, r"(?s)not sound.*\(sample, channel\)"),
        (np.array(["a"]), 22_050, "not sound"),
        (np.zeros(100, np.float32), 0, "not a rate of sound"),
        (np.zeros(100, np.float32), 22_050.5, "not a rate of sound"),
    ],
)
def test_what_is_no_sound_is_refused(audio: Any, rate: Any, said: str, pipeline: Pipeline) -> None:
    with pytest.raises(InputError, match=said):
        pipeline.run(audio=audio, rate=rate)


def test_an_envelope_without_a_peak_has_no_onset(pipeline: Pipeline) -> None:
    """In frames of a quarter of a second strokes do not stand out; librosa's own step back raises an error there."""
    found = pipeline.run(audio=clicks(), rate=2000, until="onset_times")
    assert found["onset_envelope"].max() > 0
    assert found["onset_times"].shape == (0,)


def test_the_tempo_is_that_of_librosas_beat_tracker(pipeline: Pipeline, recorded: Load) -> None:
    """It is the tracker's first step, asked for alone: of sound that nobody recorded, too."""
    import librosa

    clip = recorded("clips/buzz_roll_100_22050")
    y, rate = clip["audio"].astype(np.float32) / 32_768, int(clip["sample_rate"])
    for sound in (y[: 2 * rate], y[::-1].copy(), np.tile(y[: rate // 3], 9), clicks()):
        tempi = {}
        for which, aggregate in (("mean", np.mean), ("median", np.median)):
            envelope = librosa.onset.onset_strength(y=sound, sr=rate, aggregate=aggregate)
            tempi[which] = float(np.ravel(librosa.beat.beat_track(onset_envelope=envelope, sr=rate)[0])[0])
            found = pipeline.with_settings(tempo=which).run(audio=sound, rate=rate, until="tempo_bpm")
            assert found["tempo_bpm"] == tempi[which]


def test_settings_are_named_with_what_is_near(pipeline: Pipeline) -> None:
    for name, value, said in (("strength", "peek", "peak"), ("tempo", "medain", "median")):
        with pytest.raises(InputError, match=f"(?s){value}.*{said}"):
            pipeline.with_settings(**{name: value}).run(audio=clicks(), rate=22_050)


def test_only_the_first_256_onsets_count_and_strengths_are_of_all() -> None:
    times = np.arange(300) / 10
    rows = raw_onsets(times, np.linspace(0, 1, 300), np.float64(90))
    assert rows.shape == (256, 3)
    assert rows[:, 1].max() < 1
    np.testing.assert_allclose(rows[1:, 0], 100)
    assert set(rows[:, 2]) == {90}


def test_peaks_are_moved_back_to_the_minimum_before_them() -> None:
    """Of a flat stretch the last frame is the minimum; where there is none before a peak, the first frame is."""
    envelope = np.array([3, 5, 2, 2, 2, 7, 1, 4, 4, 9], np.float32)
    assert moved_back(np.array([1, 5, 6, 7, 9]), envelope).tolist() == [0, 4, 6, 6, 8]
    assert moved_back(np.array([0]), np.array([1, 0], np.float32)).tolist() == [0]


def test_logits_that_are_none_give_no_label() -> None:
    assert told(np.arange(40)) == "triple-stroke-roll"
    assert sum(share for _, share in told(np.zeros(40)).best) == pytest.approx(5 / 40)
    for wrong in (np.full(40, np.nan), np.zeros(7)):
        with pytest.raises(InputError, match="not logits"):
            told(wrong)


def test_a_told_rudiment_is_pickled_whole() -> None:
    one = told(np.arange(40))
    other = pickle.loads(pickle.dumps(one))
    assert (other, other.best) == (one, one.best)


def test_the_page_names_what_is_there(pipeline: Pipeline) -> None:
    page = (Path(__file__).parents[3] / "docs" / "sousa.md").read_text("utf-8")
    assert all(f"`{stage}`" in page for stage in pipeline.stages)
    assert all(f"`{name}={value!r}`".replace("'", '"') in page for name, value in pipeline.settings.items())
    assert all(f"`{one.key}`" in page for one in FAMILY.models())
