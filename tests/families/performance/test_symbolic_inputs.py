"""Notes, features, score graphs and tokens against what the original made of three files; files that are no music."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from modelparity.errors import InputError
from modelparity_families.performance.symbolic.features import features
from modelparity_families.performance.symbolic.graph import score_graph
from modelparity_families.performance.symbolic.notes import Notes, read

mido = pytest.importorskip("mido")
Load = Callable[[str], Any]
FILES = pytest.mark.parametrize("number", range(3))


@pytest.fixture
def file(recorded: Load, tmp_path: Path) -> Callable[[int], Path]:
    """A recorded MIDI file, on disk."""

    def written(number: int) -> Path:
        path = tmp_path / f"{number}.mid"
        path.write_bytes(recorded("midi").arrays[f"midi_{number}"].tobytes())
        return path

    return written


def write(path: Path, *tracks: list[Any]) -> Path:
    """Messages of mido as a file, a track for each list."""
    made = mido.MidiFile(ticks_per_beat=480)
    made.tracks.extend(mido.MidiTrack(track) for track in tracks)
    made.save(path)
    return path


def strike(pitch: int, *, wait: int = 0, long: int = 480, channel: int = 0) -> list[Any]:
    """A note that waits and sounds for so many ticks."""
    return [
        mido.Message("note_on", note=pitch, velocity=64, time=wait, channel=channel),
        mido.Message("note_off", note=pitch, time=long, channel=channel),
    ]


def by_time(rows: Any) -> Any:
    """Rows (note, number) in one order, whatever theirs was."""
    return rows[np.lexsort(rows.T[::-1])]


@FILES
def test_notes_and_pedal_are_those_of_the_original(
    number: int, recorded: Load, file: Callable[[int], Path]
) -> None:
    own, notes = recorded("midi"), read(file(number))
    rows = np.stack((notes.pitch, notes.velocity, notes.start, notes.end), axis=1)
    expected = own.arrays[f"notes_with_drums_{number}_f64"]
    np.testing.assert_allclose(by_time(rows), by_time(expected), rtol=0, atol=1e-12)
    expected = own.arrays[f"notes_{number}_f64"]
    np.testing.assert_allclose(by_time(rows[~notes.drum]), by_time(expected), rtol=0, atol=1e-12)
    np.testing.assert_allclose(notes.pedal, own.arrays[f"pedal_{number}_f64"], rtol=0, atol=1e-12)
    assert notes.until == pytest.approx(own.told[f"end_time_{number}"], abs=1e-12)


@FILES
@pytest.mark.parametrize("rate", [50, 20])
def test_features_are_those_of_the_original(
    number: int, rate: int, recorded: Load, file: Callable[[int], Path]
) -> None:
    found = features(read(file(number)), rate)
    np.testing.assert_allclose(found, recorded("midi").arrays[f"features_{number}_{rate}"], rtol=0, atol=1e-6)
    assert found.dtype == np.float32


@FILES
def test_graphs_are_those_of_the_original(number: int, recorded: Load, file: Callable[[int], Path]) -> None:
    own, made = recorded("midi").arrays, score_graph(read(file(number)))

    def pairs(edges: Any, kinds: Any) -> list[tuple[int, ...]]:
        return sorted((int(u), int(v), int(kind)) for u, v, kind in zip(*edges, kinds, strict=True))

    np.testing.assert_allclose(made.x, own[f"graph_x_{number}"], rtol=0, atol=1e-6)
    np.testing.assert_array_equal(made.voices, own[f"voices_{number}"])
    expected = pairs(own[f"graph_edges_{number}"], own[f"graph_edge_type_{number}"])
    assert pairs(made.edges, made.kinds) == expected


def test_the_order_of_notes_does_not_matter(file: Callable[[int], Path]) -> None:
    notes = read(file(1))
    order = np.random.default_rng(0).permutation(len(notes))
    names = ("pitch", "velocity", "start", "end", "drum")
    mixed = Notes(
        *(vars(notes)[name][order] for name in names), pedal=notes.pedal[::-1].copy(), until=notes.until
    )
    np.testing.assert_allclose(features(mixed), features(notes), rtol=0, atol=1e-6)
    one, other = score_graph(mixed), score_graph(notes)
    np.testing.assert_array_equal(one.x, other.x)
    np.testing.assert_array_equal(one.edges, other.edges)


def test_tempi_of_any_track_count_and_tracks_are_merged(tmp_path: Path) -> None:
    tempo = [mido.MetaMessage("set_tempo", tempo=1_000_000, time=480)]
    notes = read(write(tmp_path / "a.mid", strike(60, wait=480), [*tempo, *strike(64, long=240)]))
    np.testing.assert_allclose(np.stack((notes.start, notes.end)), [[0.5, 0.5], [1.5, 1.0]])
    assert score_graph(notes).kinds.tolist() == [0, 0]


def test_drums_are_features_and_no_nodes(tmp_path: Path) -> None:
    notes = read(write(tmp_path / "a.mid", strike(60), strike(38, channel=9)))
    assert features(notes)[0, 2] == 2
    assert len(score_graph(notes).x) == 1
    drums = read(write(tmp_path / "b.mid", strike(38, channel=9)))
    with pytest.raises(InputError, match="drums alone"):
        score_graph(drums)


def test_voices_beyond_eight_share_the_last_and_edges_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    many = np.arange(30.0)
    notes = Notes(40 + many, many + 1, many, np.full(30, 40.0), np.zeros(30, bool))
    made = score_graph(notes)
    assert made.voices.tolist() == [*range(8), *[7] * 22]
    assert len(made.kinds) == 30 * 29
    monkeypatch.setattr("modelparity_families.performance.symbolic.graph.MOST_EDGES", 100)
    with pytest.raises(InputError, match="sound together"):
        score_graph(notes)


def test_files_that_are_no_performance_are_named(tmp_path: Path) -> None:
    silent = write(tmp_path / "silent.mid", [mido.Message("note_on", note=60, velocity=64)])
    with pytest.raises(InputError, match=r"(?s)silent\.mid.*without notes"):
        read(silent)
    endless = write(tmp_path / "endless.mid", strike(60, wait=480 * 2 * 5 * 3600))
    with pytest.raises(InputError, match=r"(?s)endless\.mid.*longer than music"):
        read(endless)
    whole = write(tmp_path / "whole.mid", strike(60), strike(62)).read_bytes()
    cut = tmp_path / "cut.mid"
    cut.write_bytes(whole[:-6])
    with pytest.raises(InputError, match=r"(?s)cut\.mid.*damaged"):
        read(cut)
    text = tmp_path / "text.mid"
    text.write_text("no music")
    with pytest.raises(InputError, match=r"text\.mid"):
        read(text)
    with pytest.raises(InputError, match=r"absent\.mid"):
        read(tmp_path / "absent.mid")


def test_notes_that_are_none_are_named() -> None:
    one, two = np.ones(2), np.array([1.0, 2.0])
    with pytest.raises(InputError, match="note 1 is none"):
        Notes(60 * one, 64 * one, two, one, one < 0)
    with pytest.raises(InputError, match="note 0 is none"):
        Notes(60 * one, np.array([0.0, 64.0]), one, two, one < 0)
    with pytest.raises(InputError, match="without notes"):
        Notes(*[np.empty(0)] * 5)
    with pytest.raises(InputError, match="no rate"):
        features(Notes(60 * one, 64 * one, one, two, one < 0), 0)
