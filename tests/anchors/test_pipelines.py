"""Whole pipelines against what madmom computed of five clips: from samples to features, activations and events.

`make test` takes a third of the clips of each, ``make test-whole`` all.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Any

import numpy as np
import pytest

import modelparity as mp
from modelparity.errors import Unavailable

from ..sampling import WHOLE, third

CLIPS = ("a4_tone", "c_major_scale", "chords_I_IV_V_I", "clicks_120bpm", "sine_bursts")
Clip = Callable[[str], dict[str, Any]]
#: Pipeline, what was recorded of its decoder, settings where that was not recorded with those of madmom's program.
RECORDED: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("beats_blstm", "dbn_beats_fps100", {}),
    ("beats_lstm_online", "dbn_online_fps100", {}),
    ("downbeats_blstm", "dbn_downbeats_bars3_4_fps100", {}),
    ("onsets_brnn", "peaks_threshold0.35_smooth0.07_pre0.01_post0.01_fps100", {}),
    (
        "onsets_brnn",
        "peaks_threshold0.3_fps100",
        {"threshold": 0.3, "smooth": 0.0, "pre_max": 0.0, "post_max": 0.0},
    ),
    ("onsets_rnn_online", "peaks_online_threshold0.23_pre0.01_fps100", {}),
    ("onsets_cnn", "peaks_threshold0.54_smooth0.05_fps100", {"pre_max": 0.0, "post_max": 0.0}),
    ("onsets_brnn_pp", "peaks_threshold0.4_smooth0.07_combine0.04_fps100", {}),
    ("notes_brnn", "peaks_threshold0.35_smooth0.09_combine0.05_pre0.01_post0.01_fps100", {}),
    ("chroma_dnn", "dccrf_chords", {}),
    ("chords_cnnfeat", "cnncrf_chords", {}),
    ("key_cnn", "label", {}),
)
#: Features: a unit in the last place of float32 is more where they are large: ln of silence (-36), a sum of bands.
FEATURES = {"onsets_cnn": 4e-6, "onsets_brnn_pp": 4e-6}
#: Activations: one network of the downbeats is chaotic, in madmom itself too.
ACTIVATIONS = {"downbeats_blstm": 5e-4}


def ran(name: str, given: dict[str, Any], **settings: Any) -> dict[str, Any]:
    """What a pipeline gives; skips where madmom's networks were not fetched."""
    try:
        return mp.pipeline(f"madmom/{name}", **settings).run(rate=44_100, **given)
    except Unavailable as error:
        pytest.skip(str(error))


@pytest.mark.parametrize(("row", "name"), sorted(third(product(range(len(RECORDED)), CLIPS))))
def test_a_clip(row: int, name: str, clip: Clip) -> None:
    (pipeline, result, settings), arrays = RECORDED[row], clip(name)
    found = ran(pipeline, {"audio": arrays["audio"]}, **settings)
    for stage, limits, usual in (("features", FEATURES, 1e-6), ("activations", ACTIVATIONS, 4e-6)):
        want, got = arrays[f"{pipeline}/{stage}"], found[stage]
        want = want[:, None] if got.shape == (*want.shape, 1) else want
        assert (got.shape, got.dtype) == (want.shape, want.dtype)
        assert np.abs(got - want).max() <= limits.get(pipeline, usual)
    events, want = found["events"], arrays[f"{pipeline}/{result}"]
    if result.endswith("chords"):  # madmom holds them as text
        events = np.array([[str(start), str(end), label] for start, end, label in events.tolist()])
    np.testing.assert_array_equal(events, want)


@pytest.mark.parametrize("name", CLIPS if WHOLE else CLIPS[2:4])
def test_bars_of_a_clip(name: str, clip: Clip) -> None:
    arrays = {key.removeprefix("bars/"): value for key, value in clip(name).items()}
    found = ran("bars", {"audio": arrays["audio"], "beats": arrays["beats"]})
    beats = len(arrays["beats"]) - 1
    for stage, want, limit in (
        ("rhythmic_features", arrays["percussive"], 1e-6),
        ("harmonic_features", arrays["harmonic"], 1e-3),
        ("rhythmic_by_beat", arrays["percussive_sync"].reshape(beats, 180), 1e-6),
        ("harmonic_by_beat", arrays["harmonic_sync"].reshape(beats, 24), 1e-3),
        ("activations", arrays["activations"][:-1, 1], 1.3e-4),
    ):
        assert found[stage].shape == want.shape, stage
        assert np.abs(found[stage] - want).max() <= limit, stage
    np.testing.assert_array_equal(
        found["events"], np.column_stack([arrays["beats"], arrays["numbers_bars3_4"]])
    )


@pytest.mark.skipif(not WHOLE, reason="floors of filters take seconds; make test-whole measures them")
def test_filters_of_another_scipy_are_rounding_and_other_frames_are_not(clip: Clip) -> None:
    arrays = clip("a4_tone")
    given = {"audio": arrays["audio"], "rate": 44_100, "beats": arrays["bars/beats"]}
    p = mp.pipeline("madmom/bars")
    found = p.check(
        **given,
        harmonic_features=arrays["bars/harmonic"],
        harmonic_by_beat=arrays["bars/harmonic_sync"].reshape(-1, 24),
        until="harmonic_by_beat",
    )
    assert found.ok, found
    wrong = p.with_settings(hop="starts-rounded", early=False).run(**given, until="harmonic_by_beat")
    stages = ("harmonic_features", "harmonic_by_beat")
    found = p.check(**given, **{name: wrong[name] for name in stages}, until="harmonic_by_beat")
    assert [one.name for one in found.failed] == list(stages)
