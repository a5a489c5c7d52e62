"""A folder of artefacts as a family."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

import modelparity as mp
from modelparity.errors import FamilyError
from modelparity.family.folder import Folder

FIXTURES = Path(__file__).parents[2] / "fixtures"


def test_every_artefact_is_a_model(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / ".hidden").mkdir()
    for place in ("b.pkl", "deep/a.pkl", ".hidden/c.pkl", "notes.txt"):
        shutil.copy(FIXTURES / "rnn.pkl", tmp_path / place)
    family = Folder("mine", tmp_path)
    models = family.models()
    assert [model.key for model in models] == ["b", "deep/a"]
    assert models[1].load().name == "deep/a"
    assert models[1].path() == tmp_path / "deep" / "a.pkl"
    assert models[0].anchor() is None
    assert not models[0].fetched
    assert family.fetch() == tmp_path


def test_recorded_outputs_stand_beside_the_artefact(tmp_path: Path) -> None:
    shutil.copy(FIXTURES / "rnn.pkl", tmp_path / "net.pkl")
    x = np.zeros((2, 6), np.float32)
    np.savez(tmp_path / "net.anchor.npz", **{"x|x": x, "y|y": x[:, 0]})
    inputs, outputs = Folder("mine", tmp_path).models()[0].anchor() or ({}, {})
    np.testing.assert_array_equal(inputs["x"], x)
    assert list(outputs) == ["y"]


def test_decoders_stand_alone() -> None:
    models = {model.key: model for model in mp.families()["fixtures"].models()}
    assert models["crf"].candidates == ()
    assert models["blstm"].candidates
    assert models["blstm"].recipes
    assert all(model.anchor() is not None for model in models.values())


def test_two_artefacts_of_one_key_and_a_missing_folder(tmp_path: Path) -> None:
    for suffix in (".pkl", ".pickle"):
        shutil.copy(FIXTURES / "rnn.pkl", tmp_path / f"net{suffix}")
    with pytest.raises(FamilyError, match=r"'net'.*"):
        Folder("mine", tmp_path).models()
    with pytest.raises(FamilyError, match="not there"):
        Folder("mine", tmp_path / "nowhere").models()
