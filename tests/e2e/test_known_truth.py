"""What madmom's pipelines hear in sound of which the truth is known, by what a listener would say."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import modelparity as mp
from modelparity.errors import Unavailable

from .sounds import RATE, SCALE, burst, bursts, cadence, clicks, hertz, measures, melody, placed

sampled = pytest.mark.sampled
ROOTS = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
FLATS = {"C#": "Db", "D#": "Eb", "G#": "Ab", "A#": "Bb"}


def heard(name: str, audio: Any, **given: Any) -> dict[str, Any]:
    """What a pipeline gives; skips where madmom's networks were not fetched."""
    try:
        return mp.pipeline(f"madmom/{name}").run(audio=audio, rate=RATE, **given)
    except Unavailable as error:
        pytest.skip(str(error))


@pytest.mark.parametrize(
    ("name", "bpm"),
    [
        pytest.param(
            name,
            bpm,
            marks=[sampled] if (name, bpm) in (("beats_blstm", 150), ("beats_lstm_online", 90)) else [],
        )
        for name in ("beats_blstm", "beats_lstm_online", "downbeats_blstm")
        for bpm in (60, 90, 120, 150, 174, 200)
    ],
)
def test_clicks_have_their_tempo(name: str, bpm: int) -> None:
    events = heard(name, clicks(bpm))["events"]
    times = events[:, 0] if events.ndim == 2 else events
    assert len(times) >= 10 / 60 * bpm - 3
    assert np.median(np.diff(times)) == pytest.approx(60 / bpm, rel=0.015)


@pytest.mark.parametrize(
    ("name", "least"),
    [
        pytest.param("onsets_brnn", 0.9, marks=sampled),
        ("onsets_rnn_online", 1.0),
        ("onsets_cnn", 1.0),
        ("onsets_brnn_pp", 0.9),
    ],
)
def test_onsets_of_bursts_are_found(name: str, least: float) -> None:
    audio, times = bursts()
    events = heard(name, audio)["events"]
    assert np.mean(np.abs(events - times[:, None]).min(axis=1) <= 0.05) >= least
    # Ends of bursts are events to these networks too, and nothing else is.
    ends = np.concatenate([times, times + 0.1])
    assert np.abs(events[:, None] - ends).min(axis=1).max() <= 0.05


@pytest.mark.parametrize("shift", [*range(-6, 0), pytest.param(0, marks=sampled), *range(1, 6)])
def test_a_cadence_has_its_key_and_chords(shift: int) -> None:
    audio, root = cadence(shift), ROOTS[shift % 12]
    key = heard("key_cnn", audio)
    assert key["events"] == f"{FLATS.get(root, root)} major"
    assert key["activations"].max() > 0.8
    wanted = [f"{ROOTS[(shift + up) % 12]}:maj" for up in (0, 5, 7, 0)]
    for name in ("chords_cnnfeat", "chroma_dnn"):
        segments = heard(name, audio)["events"]
        assert [label for label in segments["label"].tolist() if label != "N"] == wanted, name
        starts = segments["start"][segments["label"] != "N"]
        assert np.abs(starts[1:] - [1.3, 2.5, 3.7]).max() <= 0.35, name  # no chord may stand between two


def test_a_scale_of_sines_has_no_key() -> None:
    """Who expects C major here finds a fault in madmom, not in a port: its network was trained on music."""
    tones = [(0.1 + 0.3 * n, burst(hertz(pitch), 0.1)) for n, pitch in enumerate((*SCALE, *SCALE[::-1]))]
    found = heard("key_cnn", placed(5.0, tones))
    assert found["events"] not in ("C major", "A minor")
    assert found["activations"].max() < 0.2


@pytest.mark.parametrize("pitches", [pytest.param(SCALE, marks=sampled), (48, 55, 64, 72, 79, 67, 52, 60)])
def test_struck_tones_are_their_notes(pitches: tuple[int, ...]) -> None:
    audio, rows = melody(pitches)
    events = heard("notes_brnn", audio)["events"]
    found = [
        ((events[:, 1] == pitch) & (np.abs(events[:, 0] - time) <= 0.055)).any()
        for time, pitch in rows.tolist()
    ]
    assert np.mean(found) >= 0.9
    assert len(events) <= 2 * len(rows)


@pytest.mark.parametrize("frequency", [440.0, pytest.param(261.63, marks=sampled)])
def test_a_tone_is_in_its_column_of_the_chroma(frequency: float) -> None:
    tones = [(time, burst(frequency, 0.1)) for time in np.arange(0.25, 4.8, 0.5)]
    found = heard("chroma_dnn", placed(5.0, tones))["activations"]
    assert found.mean(axis=0).argmax() == {440.0: 9, 261.63: 0}[frequency]


@pytest.mark.parametrize("meter", [pytest.param(3, marks=sampled), 4])
def test_bars_are_counted(meter: int) -> None:
    audio, rows = measures(meter)
    np.testing.assert_array_equal(heard("bars", audio, beats=rows[:, 0])["events"], rows)
    downbeats = heard("downbeats_blstm", audio)["events"]
    np.testing.assert_array_equal(downbeats[:, 1], rows[:, 1])
    assert np.abs(downbeats[:, 0] - rows[:, 0]).max() <= 0.05
