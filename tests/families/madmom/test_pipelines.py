"""madmom's pipelines: twelve of them, with the settings of its programs; what they refuse, and why."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import modelparity as mp
from modelparity.errors import InputError, NotCausalError, Unavailable
from modelparity.stages import Networks
from modelparity_families.madmom.frontends import PROCESSORS
from modelparity_families.madmom.listing import listing

NAMES = tuple(name for name in mp.pipelines() if name.startswith("madmom/"))
RNG = np.random.default_rng(5)
NOISE = (RNG.normal(size=90_000) * 6000).clip(-32_000, 32_000).astype(np.int16)


def given(name: str, audio: Any) -> dict[str, Any]:
    """What a pipeline is given of a clip."""
    beats = {"beats": np.array([0.2, 0.7, 1.2, 1.7])} if name == "madmom/bars" else {}
    return {"audio": audio, "rate": 44_100, **beats}


def fetched(name: str, audio: Any, **options: Any) -> dict[str, Any]:
    """What a pipeline gives; skips where madmom's networks were not fetched."""
    try:
        return mp.pipeline(name).run(**given(name, audio), **options)
    except Unavailable as error:
        pytest.skip(str(error))


def test_there_are_twelve() -> None:
    assert set(NAMES) == {f"madmom/{name}" for name in (*PROCESSORS, "bars") if name != "bars_rhythmic"}
    for name in NAMES:
        p = mp.pipeline(name)
        assert {"audio", "activations", "events"} <= set(p.stages)
        assert set(p.fine) >= {"frames", "spectrum", "bands", "log"}
        assert p.about
        assert "dtype" not in p.settings
        assert "rate" not in p.settings


def test_every_network_is_in_one_of_them() -> None:
    stages = [part for name in NAMES for part in mp.pipeline(name).parts if isinstance(part, Networks)]
    used = [member.key for stage in stages for member in stage.members]
    assert sorted(used) == [key for key, entry in listing().models.items() if entry.kind == "network"]


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        (
            "beats_blstm",
            {"min_bpm": 55, "max_bpm": 215, "transition_lambda": 100, "threshold": 0, "fps": 100},
        ),
        ("downbeats_blstm", {"beats_per_bar": (3, 4), "num_tempi": 60, "threshold": 0.05}),
        (
            "onsets_brnn",
            {"threshold": 0.35, "smooth": 0.07, "combine": 0.03, "pre_max": 0.01, "post_max": 0.01},
        ),
        ("onsets_rnn_online", {"threshold": 0.23, "pre_max": 0.01, "online": True}),
        ("onsets_cnn", {"threshold": 0.54, "smooth": 0.05, "pre_max": 0.01, "post_max": 0.01}),
        ("onsets_brnn_pp", {"threshold": 0.4, "smooth": 0.07, "combine": 0.04, "pre_max": 0, "post_max": 0}),
        (
            "notes_brnn",
            {"threshold": 0.35, "smooth": 0.09, "combine": 0.05, "pre_max": 0.01, "post_max": 0.01},
        ),
        ("key_cnn", {"fps": 5}),
        ("chroma_dnn", {"fps": 10}),
        ("bars", {"beats_per_bar": (3, 4), "meter_change_prob": 1e-7}),
    ],
)
def test_settings_are_those_of_madmoms_programs(name: str, wanted: dict[str, Any]) -> None:
    settings = mp.pipeline(f"madmom/{name}").settings
    assert {key: settings[key] for key in wanted} == wanted


@pytest.mark.parametrize("name", NAMES)
def test_features_need_no_network(name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("MODELPARITY_CACHE", str(tmp_path))
    p = mp.pipeline(name, fps=mp.pipeline(name).settings["fps"])  # one that has loaded nothing yet
    last = "harmonic_by_beat" if name == "madmom/bars" else "features"
    assert np.isfinite(p.run(**given(name, NOISE), until=last)[last]).all()
    with pytest.raises(Unavailable, match="modelparity fetch madmom"):
        p.run(**given(name, NOISE))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({}, "rate"),
        ({"rate": 48_000}, r"44,100 samples a second only[\s\S]*resample_poly\(audio, 44100, 48000\)"),
        ({"rate": 44_100, "audio": NOISE.reshape(1, -1)}, r"channels before samples[\s\S]*audio\.T"),
        ({"rate": 44_100, "audio": NOISE.reshape(2, 5, -1)}, r"another shape[\s\S]*\(sample, channel\)"),
        ({"rate": 44_100, "audio": NOISE[:, None][:, :0]}, "no channel"),
        ({"rate": 44_100, "audio": NOISE.astype(complex)}, "whole numbers or floats"),
        ({"rate": 44_100, "audio": ["loud"]}, "whole numbers or floats"),
    ],
)
def test_sound_that_is_none_is_refused(name: str, wrong: dict[str, Any], said: str) -> None:
    beats = {"beats": [0.1, 0.6]} if name == "madmom/bars" else {}
    with pytest.raises(InputError, match=rf"{name}[\s\S]*{said}|{said}[\s\S]*{name}"):
        mp.pipeline(name).run(**{"audio": NOISE, **beats, **wrong})


def test_a_setting_changes_its_stage() -> None:
    audio, rate = NOISE, 44_100
    p = mp.pipeline("madmom/onsets_brnn")
    usual = p.run(audio=audio, rate=rate, until="features")["features"]
    other = p.with_settings(window="hann-periodic").run(audio=audio, rate=rate, until="features")["features"]
    assert 1e-4 < np.abs(usual - other).max() < 1e-1
    assert p.with_settings(fps=50).run(audio=audio, rate=rate, until="features")["features"].shape[0] == 103
    with pytest.raises(InputError, match=r"treshold[\s\S]*threshold"):
        mp.pipeline("madmom/onsets_brnn", treshold=0.3)
    with pytest.raises(InputError, match="rate"):
        mp.pipeline("madmom/onsets_brnn", rate=22_050)


@pytest.mark.parametrize("name", [name for name in NAMES if name not in ("madmom/bars", "madmom/key_cnn")])
def test_clips_of_next_to_nothing(name: str) -> None:
    with pytest.raises(InputError, match=r"at least 1|no frame"):
        fetched(name, NOISE[:0])
    for samples in (1, 300, 441):
        found = fetched(name, NOISE[:samples])
        assert len(found["activations"]) == 1
        assert np.isfinite(found["activations"]).all()
    two = fetched(name, np.stack([NOISE[:4000], NOISE[:4000]], axis=1))
    np.testing.assert_array_equal(two["activations"], fetched(name, NOISE[:4000])["activations"])


@pytest.mark.parametrize("name", ["madmom/beats_lstm_online", "madmom/chroma_dnn", "madmom/notes_brnn"])
def test_what_is_no_number_stays_none_and_is_said(name: str) -> None:
    audio = NOISE[:9000] / 32_767
    audio[4000] = np.nan
    with pytest.warns(UserWarning, match="1 of 9000 samples are not finite"):
        found = fetched(name, audio)
    assert np.isnan(found["activations"]).any()


@pytest.mark.parametrize(
    "kind", ["int8", "uint8", "int16", "int32", "int64", "uint16", "float16", "float32", "float64"]
)
def test_sound_of_every_type_is_what_it_is_as_shares_of_full_scale(kind: str) -> None:
    """Whole numbers are shares of the largest of their type, floats as they are; unsigned ones are not centred."""
    whole = np.dtype(kind).kind != "f"
    most = float(np.iinfo(kind).max) if whole else 1.0
    audio = np.asarray(np.abs(NOISE[:6000] / 40_000) * most).astype(kind)
    p = mp.pipeline("madmom/onsets_brnn_pp")
    found = p.run(audio=audio, rate=44_100, until="features")["features"]
    shares = p.run(audio=audio.astype(np.float64) / most, rate=44_100, until="features")["features"]
    np.testing.assert_allclose(found, shares, rtol=1e-5, atol=1e-5)
    six = p.run(audio=np.stack([audio] * 6, axis=1), rate=44_100, until="features")["features"]
    np.testing.assert_allclose(six, found, rtol=1e-3 if kind == "float16" else 1e-6, atol=1e-5)


@pytest.mark.parametrize("name", NAMES)
def test_activations_of_another_shape_or_of_no_numbers_are_refused(name: str) -> None:
    """Decoders say what they take, before any network is asked."""
    beats = {"beats": [0.1, 0.6]} if name == "madmom/bars" else {}
    p = mp.pipeline(name)
    shapes = (
        [(3, 4, 5)] if name == "madmom/notes_brnn" else [(3, 4, 5), (2, 7)]
    )  # notes have any number of pitches
    for shape in shapes:
        with pytest.raises(InputError, match=r"another shape[\s\S]*expected"):
            p.run(activations=np.full(shape, 0.5), **beats)
    with pytest.raises(InputError, match=r"numbers"):
        p.run(activations=np.array(["a", "b"]), **beats)


def test_bars_need_a_beat_more_than_activations() -> None:
    p, beats = mp.pipeline("madmom/bars"), [0.1, 0.6, 1.1]
    assert len(p.run(activations=np.array([0.4, 0.6]), beats=beats)["events"]) == 3
    with pytest.raises(InputError, match=r"5 activations, 3 beats[\s\S]*2 activations at most"):
        p.run(activations=np.full(5, 0.4), beats=beats)


@pytest.mark.parametrize(
    ("name", "activations"),
    [
        ("madmom/beats_blstm", np.ones(200)),
        ("madmom/beats_blstm", np.full(200, np.nan)),
        ("madmom/downbeats_blstm", np.ones((200, 2))),
        ("madmom/bars", np.full(1, np.nan)),
    ],
)
def test_impossible_paths_are_said_with_the_frame(name: str, activations: Any) -> None:
    beats = {"beats": [0.1, 0.6]} if name == "madmom/bars" else {}
    with pytest.raises(
        InputError, match=r"every path is impossible[\s\S]*in frame \d+[\s\S]*clip the activations"
    ):
        mp.pipeline(name).run(activations=activations, **beats)


@pytest.mark.parametrize("samples", [0, 1, 61_740])
def test_a_key_needs_eight_frames(samples: int) -> None:
    with pytest.raises(InputError, match=r"key_cnn[\s\S]*at least 8"):
        fetched("madmom/key_cnn", NOISE[:samples])
    found = fetched("madmom/key_cnn", NOISE[:61_741])
    assert found["activations"].sum() == pytest.approx(1)


@pytest.mark.parametrize(
    ("beats", "said"),
    [
        (None, "beats"),
        ([], "two beats at least"),
        ([0.5], "two beats at least"),
        (["one", "two"], "not times of beats"),
        ([0.5, np.nan], "not times of beats"),
        ([[[0.5], [1.0]]], "not times of beats"),
        ([1.5, 0.5], r"beats are not in order[\s\S]*1\.5 s, then 0\.5 s"),
        ([5.0, 6.0], r"no beat lies in the clip[\s\S]*5 s"),
    ],
)
def test_beats_that_are_none_are_refused(beats: Any, said: str) -> None:
    given = {} if beats is None else {"beats": beats}
    with pytest.raises(InputError, match=said):
        mp.pipeline("madmom/bars").run(audio=NOISE, rate=44_100, **given)


@pytest.mark.filterwarnings("ignore:.*beats lie behind the clip")
def test_bars_of_beats_that_lie_in_the_clip() -> None:
    rows = np.array([[0.3, 7.0], [0.9, 7.0], [1.5, 7.0], [9.0, 7.0]])
    try:
        found = mp.pipeline("madmom/bars").run(audio=NOISE, rate=44_100, beats=rows)
    except Unavailable as error:
        pytest.skip(str(error))
    np.testing.assert_array_equal(found["events"][:, 0], rows[:3, 0])
    assert found["activations"].shape == (2,)
    with pytest.raises(InputError, match="two beats in the clip"):
        mp.pipeline("madmom/bars").run(audio=NOISE, rate=44_100, beats=rows[2:, 0])


@pytest.mark.parametrize(
    "name", ["onsets_rnn_online", "onsets_cnn", "chords_cnnfeat", "chroma_dnn", "onsets_brnn_pp"]
)
def test_networks_of_long_features_give_what_they_give_of_the_whole(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One after another, in blocks where no later frame is needed; the last of these reads both ways."""
    whole = fetched(f"madmom/{name}", NOISE[:22_050])
    monkeypatch.setattr("modelparity.stages.ensembles.LONG", 3)
    monkeypatch.setattr("modelparity.stages.ensembles.BLOCK", 7)
    given = {"features": whole["features"], "until": "activations"}
    found = mp.pipeline(f"madmom/{name}").run(**given)["activations"]
    np.testing.assert_allclose(found, whole["activations"], rtol=1e-6 if found.dtype == np.float32 else 1e-12)


@pytest.mark.parametrize("name", ["onsets_rnn_online", "beats_lstm_online"])
def test_online_processors_are_the_same_block_by_block(name: str) -> None:
    whole = fetched(f"madmom/{name}", NOISE[:30_000])
    made = mp.pipeline(f"madmom/{name}").stream(rate=44_100)
    parts = [made.push(block) for block in np.split(NOISE[:30_000], [1, 500, 9_000, 9_000, 20_000])]
    for stage in ("features", "activations", "events"):
        joined = np.concatenate([part[stage] for part in parts])
        np.testing.assert_allclose(joined, whole[stage], rtol=1e-5, atol=1e-7)


def test_other_processors_say_which_stage_looks_ahead() -> None:
    with pytest.raises(NotCausalError, match="stage 'features' does not run block by block"):
        mp.pipeline("madmom/key_cnn").stream(rate=44_100, until="features")
