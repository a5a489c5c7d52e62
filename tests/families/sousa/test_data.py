"""The data set as its writer leaves it and as the hub has it, and what the original's data sets returned for it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from modelparity.errors import InputError
from modelparity_families.sousa.data import Augmentation, DataSet, Examples, Filters
from modelparity_families.sousa.data.midi import notes

from .conftest import ANCHORS

pytest.importorskip("pyarrow")
Load = Callable[..., Any]
FOLDER = ANCHORS / "dataset"


@pytest.fixture(scope="module")
def data() -> DataSet:
    return DataSet.open(FOLDER)


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    return shutil.copytree(FOLDER, tmp_path / "set")


@pytest.mark.parametrize("part", ["train", "test"])
@pytest.mark.parametrize("strokes", [24, 256])
def test_examples_for_the_classifier_are_the_originals(
    part: str, strokes: int, data: DataSet, recorded: Load
) -> None:
    items = recorded("dataset_items")
    mine = Examples(data, data.part(part), strokes)
    found = [mine.classifying(place) for place in range(len(mine))]
    for name in ("sample_id", "label", "attention_mask", "onset_features"):
        key = f"onset/{part}/{strokes}/{name}"
        if key not in items:
            assert (part, strokes) == ("train", 256)
            continue
        got = np.array([one[name] for one in found])
        if name == "onset_features":
            assert got.dtype == np.float32
            np.testing.assert_allclose(got, items[key], rtol=0, atol=3e-8)
        else:
            np.testing.assert_array_equal(got, items[key])


@pytest.mark.parametrize("augmented", [False, True])
def test_examples_for_the_other_are_the_originals(augmented: bool, data: DataSet, recorded: Load) -> None:
    items = recorded("dataset_items")
    random = np.random.RandomState(20261120)
    mine = Examples(data, data.part("test"), 64, Augmentation() if augmented else None, random)
    found = [mine.inferring(place) for place in range(len(mine))]
    for name in ("raw_onsets", "target_features", "attention_mask"):
        got = np.array([one[name] for one in found])
        assert got.dtype == np.float32
        wanted = items[f"inference/test/64/augment={augmented}/{name}"]
        np.testing.assert_allclose(got, wanted, rtol=2e-7, atol=3e-8)


def test_parts_filters_and_order(data: DataSet) -> None:
    assert [len(data.part(name)) for name in ("train", "val", "validation", "test")] == [18, 0, 0, 6]
    assert all(100 <= one.tempo <= 131 for one in data.part("train", Filters(tempo_range=(110, 131))))
    assert {one.tempo for one in data.part("train", Filters(tempo_range=(110, 131)))} == {110, 115, 131}
    assert data.part("train", Filters(soundfonts=["marching"])) == []
    assert len(data.part("train", Filters(augmentation_presets=["none"]))) == 18
    some = data.part("train", Filters(max_samples=10))
    assert len(some) == len(set(some)) == 8
    # As pandas' sample(n=8, random_state=42) of 18 rows draws them: the first of a permutation.
    whole = data.part("train")
    assert [whole.index(one) for one in some] == np.random.RandomState(42).permutation(18)[:8].tolist()
    assert len(data.part("train", Filters(max_samples=1000))) == 18
    with pytest.raises(InputError, match=r"(?s)unknown part.*train, validation, test"):
        data.part("training")


def test_midi_files_say_when_strokes_fall(data: DataSet) -> None:
    pytest.importorskip("mido")
    for one in data.part("test"):
        path, strokes = data.midi(one), data.strokes(one)
        assert path is not None
        assert strokes is not None
        time, velocity = notes(path)
        assert len(time) == len(strokes)
        assert np.abs(time - np.maximum(strokes.time, 0)).max() < 1.8
        assert sorted(velocity) == sorted(np.maximum(strokes.velocity, 1))
        assert data.audio(one) is None


def test_files_that_are_no_midi_are_refused(tmp_path: Path) -> None:
    mido = pytest.importorskip("mido")
    for name, content in (("a.mid", b""), ("b.mid", b"MThd" + bytes(40)), ("c.mid", b"RIFF" * 20)):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(InputError, match=r"not a MIDI file|no note"):
            notes(tmp_path / name)
    empty = mido.MidiFile()
    empty.tracks.append(mido.MidiTrack())
    empty.save(tmp_path / "d.mid")
    with pytest.raises(InputError, match="no note in this file"):
        notes(tmp_path / "d.mid")


def _samples(folder: Path) -> list[dict[str, Any]]:
    import pyarrow.parquet as pq

    found: list[dict[str, Any]] = pq.read_table(folder / "labels" / "samples.parquet").to_pylist()
    return found


def _write(path: Path, rows: list[dict[str, Any]]) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.Table.from_pylist(rows), path)


def test_the_hubs_layout_is_read(copied: Path, data: DataSet) -> None:
    """Strokes in auxiliary/, performances in files named by part, in each configuration; no splits.json."""
    rows = _samples(copied)
    tests = {one.key for one in data.part("test")}
    (copied / "auxiliary").mkdir()
    shutil.move(copied / "labels" / "strokes.parquet", copied / "auxiliary")
    for configuration in ("labels_only", "midi_only"):
        for part, wanted in (("train", False), ("test", True)):
            some = [row for row in rows if (row["sample_id"] in tests) == wanted]
            _write(copied / configuration / f"{part}-00000-of-00001.parquet", some)
    _write(copied / "labels_only" / "validation-00000-of-00001.parquet", [{**rows[0], "sample_id": "alone"}])
    shutil.rmtree(copied / "labels")
    (copied / "splits.json").unlink()
    hub = DataSet.open(copied)
    for part in ("train", "test"):
        assert {one.key for one in hub.part(part)} == {one.key for one in data.part(part)}
    (alone,) = hub.part("validation")
    assert hub.strokes(alone) is None
    item = Examples(hub, [alone], 8).classifying(0)
    assert not np.any(item["attention_mask"])
    assert not Examples(hub, [alone], 8).inferring(0)["attention_mask"].any()
    assert hub.midi(hub.part("test")[0]) is not None


def test_metadata_wins_over_splits(copied: Path) -> None:
    rows = _samples(copied)[:3]
    lines = ["sample_id,rudiment_slug,split,tempo_bpm,soundfont,augmentation_preset,audio_path"]
    parts = ("val", "train", "test")
    lines += [
        f"{row['sample_id']},{row['rudiment_slug']},{part},{row['tempo_bpm']},marching,,"
        for row, part in zip(rows, parts, strict=True)
    ]
    (copied / "metadata.csv").write_text("\n".join(lines) + "\n")
    (copied / "splits.json").write_text('{"train": []}')
    found = DataSet.open(copied)
    assert [one.key for one in found.part("validation")] == [rows[0]["sample_id"]]
    assert found.part("train")[0].soundfont == "marching"
    assert found.part("train")[0].preset is None


def test_folders_that_are_not_the_data_set_are_refused(copied: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"(?s)not the data set.*labels/strokes.parquet or auxiliary"):
        DataSet.open(tmp_path)
    splits = json.loads((copied / "splits.json").read_text())
    for changed, said in (
        ({"train": []}, "no list 'train_profile_ids'"),
        ({**splits, "train_profile_ids": []}, "a player stands in no part"),
        ({**splits, "val_profile_ids": splits["test_profile_ids"]}, "a player stands in two parts"),
    ):
        (copied / "splits.json").write_text(json.dumps(changed))
        with pytest.raises(InputError, match=said):
            DataSet.open(copied)
    (copied / "splits.json").write_text(json.dumps(splits))
    rows = _samples(copied)
    for change, said in (
        ({"rudiment_slug": "flam_acent"}, r"(?s)no rudiment 'flam_acent'.*flam-accent"),
        ({"tempo_bpm": 0}, "tempo_bpm is no tempo"),
    ):
        _write(copied / "labels" / "samples.parquet", [{**row, **change} for row in rows])
        with pytest.raises(InputError, match=said):
            DataSet.open(copied)
    _write(copied / "labels" / "samples.parquet", rows)
    (copied / "labels" / "strokes.parquet").write_bytes(b"PAR1" * 20)
    with pytest.raises(InputError, match="not a Parquet file"):
        DataSet.open(copied)
    _write(copied / "labels" / "strokes.parquet", [{"hand": "R", "sample_id": "x"}])
    with pytest.raises(InputError, match=r"no column 'actual_time_ms'"):
        DataSet.open(copied)


def test_augmentation_is_of_32_bits_and_refuses_what_is_no_deviation(data: DataSet) -> None:
    one = Examples(data, data.part("train"), augmentation=Augmentation(30, 0.5)).inferring(0)
    assert all(array.dtype == np.float32 for array in one.values())
    assert one["raw_onsets"][:, 1].max() <= 1
    with pytest.raises(InputError, match="standard deviation"):
        Augmentation(-1)
