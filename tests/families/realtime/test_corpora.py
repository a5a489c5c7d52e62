"""Folders as data sets: what is recognised, how it is split, and what is said of folders that are none."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from modelparity.errors import InputError
from modelparity_families.realtime.corpora import Piece, open_corpus
from modelparity_families.realtime.corpora.corpus import SERVES
from modelparity_families.realtime.stack import stack
from modelparity_families.training.pieces import divided

PAIRS = [(model, layout) for model, layouts in SERVES.items() for layout in layouts]


@pytest.mark.parametrize(("model", "layout"), PAIRS)
def test_every_layout_serves_frames_of_the_models_width(model: str, layout: str, data) -> None:
    corpus = open_corpus(data(layout), model)
    assert corpus.layout == layout
    own = stack(model)
    for piece in corpus.pieces:
        one = piece.make()
        assert one.x.shape == (len(one), own.input)
        assert one.y.shape == one.mask.shape
        assert one.y.shape[1] == (2 if model == "EmotionRecognizer" else own.output)
        assert one.mask.any()
        assert all(
            np.isfinite(array).all() and array.dtype == np.float32 for array in (one.x, one.y, one.mask)
        )
    assert {piece.split for piece in corpus.pieces} == {"train", "validation", "test"}


def test_splits_are_the_data_sets_own_where_it_has_some(data) -> None:
    corpus = open_corpus(data("maestro"), "MelodyTransformer")
    assert [piece.key for piece in corpus.part("validation")] == ["2018/piece-4.midi"]
    assert len(corpus.part("train")) == 4
    assert len(open_corpus(data("maestro"), "MelodyTransformer", limit=2).part("train")) == 2


def test_else_pieces_are_divided_alike_in_any_order() -> None:
    pieces = [Piece(str(number), lambda: None) for number in range(50)]  # type: ignore[arg-type, return-value]
    one = {piece.key: piece.split for piece in divided(pieces)}
    assert one == {piece.key: piece.split for piece in divided(pieces[::-1])}
    assert sorted(one.values()) == ["test"] * 5 + ["train"] * 40 + ["validation"] * 5


def test_deam_reads_mp3_under_its_songs_number(tmp_path: Path) -> None:
    import soundfile

    if "MP3" not in soundfile.available_formats():
        pytest.skip("this libsndfile reads no MP3")
    from . import datasets

    corpus = open_corpus(datasets.deam(tmp_path / "deam", suffix=".mp3"), "EmotionRecognizer")
    assert len(corpus.pieces) == 5
    assert corpus.pieces[0].make().mask.any()


def test_pmemos_values_are_taken_to_both_sides_of_zero(data) -> None:
    corpus = open_corpus(data("pmemo"), "EmotionRecognizer")
    piece = next(one for one in corpus.pieces if one.key == "1")
    one = piece.make()
    np.testing.assert_allclose(one.y[one.mask[:, 0] > 0][0], [2 * 0.8 - 1, 2 * 0.2 - 1], atol=1e-6)


def test_a_folder_that_is_no_data_set_is_told_from_one(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("nothing")
    (tmp_path / "sub").mkdir()
    with pytest.raises(
        InputError, match=r"(?s)not a data set.*notes\.txt, sub/.*DEAM: .*arousal\.csv.*PMEmo: "
    ):
        open_corpus(tmp_path, "EmotionRecognizer")
    with pytest.raises(InputError, match="no such folder"):
        open_corpus(tmp_path / "nowhere", "EmotionRecognizer")
    with pytest.raises(InputError, match="not a folder"):
        open_corpus(tmp_path / "notes.txt", "EmotionRecognizer")


def test_another_models_data_set_is_named(data) -> None:
    with pytest.raises(InputError, match=r"(?s)EmotionRecognizer does not learn from Groove MIDI.*DEAM"):
        open_corpus(data("groove"), "EmotionRecognizer")
    with pytest.raises(InputError, match=r"(?s)not a data set.*MAESTRO"):
        open_corpus(data("groove"), "DynamicsEngine", layout="maestro")
    with pytest.raises(InputError, match=r"(?s)unknown layout 'mastro'.*maestro"):
        open_corpus(data("groove"), "DynamicsEngine", layout="mastro")


def test_a_table_without_its_columns_is_said(tmp_path: Path) -> None:
    (tmp_path / "maestro-v3.0.0.csv").write_text("a,b\n1,2\n")
    with pytest.raises(InputError, match=r"(?s)column 'canonical_composer' is missing.*a, b"):
        open_corpus(tmp_path, "MelodyTransformer")


def test_a_number_that_is_none_is_said(tmp_path: Path, data) -> None:
    folder = shutil.copytree(data("pmemo"), tmp_path / "pmemo")
    table = folder / "annotations" / "dynamic_annotations.csv"
    table.write_text(table.read_text().replace("0.5", "half", 1))
    with pytest.raises(InputError, match=r"(?s)'frameTime' is no number.*half"):
        open_corpus(folder, "EmotionRecognizer")


def test_annotations_without_their_recordings_are_said(tmp_path: Path, data) -> None:
    folder = shutil.copytree(data("deam"), tmp_path / "deam", ignore=shutil.ignore_patterns("MEMD_audio"))
    with pytest.raises(InputError, match=r"(?s)no annotated song has its recording.*0 recordings"):
        open_corpus(folder, "EmotionRecognizer")


def test_maestro_without_sound_still_serves_those_that_need_none(tmp_path: Path, data) -> None:
    folder = shutil.copytree(data("maestro"), tmp_path / "maestro", ignore=shutil.ignore_patterns("*.wav"))
    assert len(open_corpus(folder, "HarmonyPredictor").pieces) == 6
    with pytest.raises(InputError, match="no performance in the table has its MIDI file and its recording"):
        open_corpus(folder, "DynamicsEngine")


def test_too_few_pieces_are_said(tmp_path: Path) -> None:
    from . import datasets

    with pytest.raises(InputError, match=r"(?s)no piece for train.*at least three pieces"):
        open_corpus(datasets.lakh(tmp_path / "two", songs=2), "MelodyTransformer")
