"""Decoders against what madmom's gave: 304 calls on made-up activations, and every recorded clip."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from modelparity.errors import InputError, Unavailable
from modelparity_families.madmom import decoders
from modelparity_families.madmom.frontends import beat_sync

CASES = Path(__file__).parent / "madmom" / "decoder_cases.npz"
with np.load(CASES, allow_pickle=False) as _arrays:
    LISTED = json.loads(str(_arrays["cases"]))
DECODERS: dict[str, Callable[..., Any]] = {
    "dbn_beats": decoders.beats,
    "dbn_beats_online": decoders.beats_online,
    "dbn_downbeats": decoders.downbeats,
    "onset_peaks": decoders.peaks,
    "onset_peaks_online": partial(decoders.peaks, online=True),
    "note_peaks": decoders.notes,
    "chords_dccrf": decoders.chords_dccrf,
    "chords_cnncrf": decoders.chords_cnncrf,
    "dbn_bars": decoders.bars,
    "beat_sync": beat_sync,
}
CLIPS = ("a4_tone", "c_major_scale", "chords_I_IV_V_I", "clicks_120bpm", "sine_bursts")
Clip = Callable[[str], dict[str, Any]]
pytestmark = pytest.mark.filterwarnings("ignore:.*beats lie behind the clip")


@pytest.fixture(scope="module")
def cases() -> dict[str, Any]:
    with np.load(CASES, allow_pickle=False) as arrays:
        return {name: arrays[name] for name in arrays.files}


def fetched(call: Callable[[], Any]) -> Any:
    """What a call gives; skips where madmom's models were not fetched."""
    try:
        return call()
    except Unavailable as error:
        pytest.skip(str(error))


def in_words(segments: Any) -> Any:
    """Segments as madmom's arrays of text hold them."""
    return np.array([[str(start), str(end), label] for start, end, label in segments.tolist()])


def test_all_calls_are_listed() -> None:
    assert len(LISTED) == 304
    assert {case["decoder"] for case in LISTED} == set(DECODERS)


@pytest.mark.parametrize("number", range(len(LISTED)), ids=lambda n: f"{n}-{LISTED[n]['decoder']}")
def test_a_call_gives_what_madmom_gave(number: int, cases: dict[str, Any]) -> None:
    case = LISTED[number]
    given = [
        cases[f"case{number:03d}|{name}"] for name in ("x", "beats") if f"case{number:03d}|{name}" in cases
    ]
    call = partial(DECODERS[case["decoder"]], *given, **case["kw"])
    if case["raises"]:
        with pytest.raises(InputError):
            call()
        return
    found, wanted = fetched(call), cases[f"case{number:03d}|y"]
    if case["decoder"].startswith("chords"):
        found = in_words(found)
    assert found.shape == wanted.shape
    np.testing.assert_array_equal(found, wanted)


@pytest.mark.parametrize("name", CLIPS)
@pytest.mark.parametrize(
    ("source", "result", "decode"),
    [
        ("beats_blstm", "dbn_beats_fps100", decoders.beats),
        ("beats_lstm_online", "dbn_online_fps100", decoders.beats_online),
        ("downbeats_blstm", "dbn_downbeats_bars3_4_fps100", decoders.downbeats),
        ("onsets_brnn", "peaks_threshold0.3_fps100", partial(decoders.peaks, threshold=0.3)),
        (
            "onsets_brnn",
            "peaks_threshold0.35_smooth0.07_pre0.01_post0.01_fps100",
            partial(decoders.peaks, threshold=0.35, smooth=0.07, pre_max=0.01, post_max=0.01),
        ),
        (
            "onsets_brnn_pp",
            "peaks_threshold0.4_smooth0.07_combine0.04_fps100",
            partial(decoders.peaks, threshold=0.4, smooth=0.07, combine=0.04),
        ),
        (
            "onsets_rnn_online",
            "peaks_online_threshold0.23_pre0.01_fps100",
            partial(decoders.peaks, threshold=0.23, pre_max=0.01, online=True),
        ),
        (
            "onsets_cnn",
            "peaks_threshold0.54_smooth0.05_fps100",
            partial(decoders.peaks, threshold=0.54, smooth=0.05),
        ),
        (
            "notes_brnn",
            "peaks_threshold0.35_smooth0.09_combine0.05_pre0.01_post0.01_fps100",
            partial(decoders.notes, threshold=0.35, smooth=0.09, combine=0.05, pre_max=0.01, post_max=0.01),
        ),
    ],
)
def test_events_of_a_clip(
    source: str, result: str, decode: Callable[..., Any], name: str, clip: Clip
) -> None:
    arrays = clip(name)
    wanted = arrays[f"{source}/{result}"]
    assert len(wanted)
    np.testing.assert_array_equal(decode(arrays[f"{source}/activations"]), wanted)


@pytest.mark.parametrize("name", CLIPS)
@pytest.mark.parametrize(("source", "field"), [("chords_cnnfeat", "cnncrf"), ("chroma_dnn", "dccrf")])
def test_chords_of_a_clip(source: str, field: str, name: str, clip: Clip) -> None:
    arrays = clip(name)
    decode = DECODERS[f"chords_{field}"]
    found = fetched(lambda: decode(arrays[f"{source}/activations"]))
    np.testing.assert_array_equal(in_words(found), arrays[f"{source}/{field}_chords"])


@pytest.mark.parametrize("name", CLIPS)
def test_key_of_a_clip(name: str, clip: Clip) -> None:
    arrays = clip(name)
    assert decoders.key(arrays["key_cnn/activations"]) == str(arrays["key_cnn/label"])


@pytest.mark.parametrize("name", CLIPS)
def test_bars_of_a_clip(name: str, clip: Clip) -> None:
    arrays = clip(name)
    times, activations = arrays["bars/activations"].T
    np.testing.assert_array_equal(times, arrays["bars/beats"])
    assert np.isnan(activations[-1])
    np.testing.assert_array_equal(decoders.bars(activations[:-1]), arrays["bars/numbers_bars3_4"])
