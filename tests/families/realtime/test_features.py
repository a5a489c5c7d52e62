"""From music to frames: sound, notes, chords, bars."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from modelparity.errors import InputError
from modelparity_families.realtime.corpora import audio, features, midi
from modelparity_families.realtime.corpora.features import Features

pytest.importorskip("mido")
pytest.importorskip("soundfile")


def notes(rows: list[tuple[float, float, int, int]], path: Path, channel: int = 0) -> midi.Notes:
    from . import datasets

    return midi.read(datasets.midi(path, rows, channel=channel))


def test_a_tone_is_heard_in_its_band_at_its_level_and_not_before_it_sounds() -> None:
    rate = 22050
    t = np.arange(2 * rate) / rate
    signal = (np.sin(2 * np.pi * 1000 * t) * (t >= 1)).astype(np.float32)
    x = audio.log_mel(signal, rate, bands=128, frame_rate=10, window=2048)
    assert x.shape == (20, 128)
    assert x.dtype == np.float32
    assert not x[:10].any()
    edges = np.linspace(2595 * np.log10(1 + 30 / 700), 2595 * np.log10(1 + rate / 2 / 700), 130)
    expected = np.abs(edges[1:-1] - 2595 * np.log10(1 + 1000 / 700)).argmin()
    assert abs(int(x[15].argmax()) - expected) <= 1
    assert 0.95 < x[15].max() <= 1.0
    quiet = audio.log_mel(signal * np.float32(0.01), rate, bands=128, frame_rate=10, window=2048)
    assert x[15].max() - quiet[15].max() == pytest.approx(40 / 80, abs=0.01)


def test_no_band_is_deaf() -> None:
    for bands in (32, 128):
        assert (audio.filters(22050, 2048, bands).sum(axis=1) > 0).all()


def test_recordings_are_brought_to_one_rate_and_channel(tmp_path: Path) -> None:
    import soundfile

    t = np.arange(16000) / 16000
    both = np.stack([np.sin(2 * np.pi * 500 * t), np.zeros_like(t)], axis=1) * 0.5
    soundfile.write(tmp_path / "a.wav", both, 16000)
    found = audio.read(tmp_path / "a.wav", 8000)
    assert found.shape == (8000,)
    np.testing.assert_allclose(found[2000:2100], 0.25 * np.sin(2 * np.pi * 500 * t[4000:4200:2]), atol=2e-3)
    (tmp_path / "b.wav").write_bytes(b"RIFF no sound")
    with pytest.raises(InputError, match="not a recording"):
        audio.read(tmp_path / "b.wav", 8000)


def test_notes_have_seconds_and_beats(tmp_path: Path) -> None:
    from . import datasets

    found = midi.read(datasets.midi(tmp_path / "a.mid", [(0, 1, 60, 100), (1.5, 0.5, 64, 50)], bpm=60))
    np.testing.assert_allclose(found.start, [0, 1.5])
    np.testing.assert_allclose(found.until, [1, 2])
    assert found.pitch.tolist() == [60, 64]
    assert found.velocity.tolist() == [100, 50]
    assert not found.drum.any()


@pytest.mark.parametrize(
    "content", [b"", b"MThd", b"MThd\0\0\0\6\0\1\0\1\x01\xe0MTrk\0\0\0\xff\x90", b"RIFF"]
)
def test_damaged_midi_is_said(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "a.mid").write_bytes(content)
    with pytest.raises(InputError, match=r"a\.mid"):
        midi.read(tmp_path / "a.mid")


def test_melody_is_the_next_step(tmp_path: Path) -> None:
    one = features.melody(
        notes([(0, 0.5, 60, 80), (0.5, 0.5, 100, 80), (1, 0.25, 30, 80)], tmp_path / "a.mid"), Features()
    )
    assert one.x.shape == (len(one), 64)
    assert one.y.shape == (len(one), 128)
    # Steps are sixteenths: 60 sounds in steps 0 and 1, 100 in 2 and 3, 30 in 4.
    assert one.x[0].nonzero()[0].tolist() == [60 - 36]
    assert one.x[2].nonzero()[0].tolist() == [100 - 12 - 36]
    assert one.x[4].nonzero()[0].tolist() == [30 + 12 - 36]
    assert [row.nonzero()[0].tolist() for row in one.y] == [[60], [100], [100], [30], []]


def test_harmony_names_the_chord_of_the_next_beat(tmp_path: Path) -> None:
    triads = {0: (60, 64, 67), 1: (57, 60, 64), 2: (55, 59, 62, 65), 3: (60, 64, 68)}
    rows = [(2 * beat, 2, pitch, 80) for beat, pitches in triads.items() for pitch in pitches]
    one = features.harmony(notes(rows, tmp_path / "a.mid"), Features())
    said = [int(row.argmax()) for row in one.y]
    # 12 major, 12 minor, 12 diminished, 12 dominant 7, 12 minor 7, 4 augmented.
    assert said[0] == 0
    assert said[8] == 12 + 9
    assert said[16] == 36 + 7
    assert said[24] == 60 + 0
    assert one.mask[0].all()
    assert one.y.sum(axis=1).tolist() == [1.0] * len(one)
    assert one.x[9, 67] == pytest.approx(0.8**2)  # G ended two steps ago


def test_there_are_64_chords_all_different() -> None:
    table, roots = features.templates()
    assert table.shape == (64, 12)
    assert len({tuple(row) for row in table.round(6)}) == 64
    assert roots.shape == (64,)


def test_dynamics_are_the_loudest_note_of_each_register(tmp_path: Path) -> None:
    signal = np.zeros(22050, np.float32)
    rows = [(0, 1, 21, 127), (0, 1, 22, 50), (1, 1, 108, 64)]  # half a second each
    one = features.dynamics(signal, notes(rows, tmp_path / "a.mid"), Features())
    assert one.y.shape == (10, 16)
    np.testing.assert_allclose(one.y[:5, 0], 1)
    np.testing.assert_allclose(one.y[5:, 15], 64 / 127)
    assert not one.y[:5, 1:].any()


def test_groove_tells_score_from_timing(tmp_path: Path) -> None:
    rows = [(0, 0.1, 36, 127), (0.27, 0.1, 42, 32), (0.25, 0.1, 38, 64), (8, 0.1, 36, 1)]
    one = features.groove(notes(rows, tmp_path / "a.mid", channel=9))
    assert one.x.shape == (2, 64)  # the second bar is empty and left out
    assert one.x[0].nonzero()[0].tolist() == [0, 16 + 1, 32 + 1]
    np.testing.assert_allclose(one.y[0, :2], [0, 0], atol=1e-6)  # the loudest hit of step 1 is on time
    np.testing.assert_allclose(one.y[0, 16:18], [1, 64 / 127 * 2 - 1], atol=1e-6)
    assert one.mask[0].nonzero()[0].tolist() == [0, 1, 16, 17]


def test_groove_measures_lateness_in_half_steps(tmp_path: Path) -> None:
    one = features.groove(
        notes([(0.05, 0.1, 36, 100), (0.75 - 0.025, 0.1, 36, 100)], tmp_path / "a.mid", channel=9)
    )
    np.testing.assert_allclose(one.y[0, [0, 3]], [0.4, -0.2], atol=0.02)


def test_emotions_are_interpolated_and_known_only_where_annotated() -> None:
    times, values = np.array([1.0, 2.0]), np.array([[0.0, -1.0], [1.0, 0.0]])
    one = features.emotion(np.zeros(3 * 22050, np.float32), times, values, Features())
    assert one.mask[:, 0].nonzero()[0].tolist() == list(range(9, 20))
    np.testing.assert_allclose(one.y[14], [0.5, -0.5], atol=1e-6)
    with pytest.raises(
        InputError, match=r"(?s)no annotation falls into the recording.*0\.5 s.*from 1 to 2 s"
    ):
        features.emotion(np.zeros(11025, np.float32), times, values, Features())
