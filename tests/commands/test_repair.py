"""``modelparity repair``."""

from __future__ import annotations

import pytest

import modelparity as mp
from modelparity.verdict.faults import fault

pytest.importorskip("onnx")
pytest.importorskip("onnxruntime")


def test_a_corrected_file_lies_beside_the_wrong_one(modelparity, dnn, tmp_path):
    bad = next(fault("bias-dropped").applications(mp.load(dnn))).changed()
    mp.convert(bad, tmp_path / "bad.onnx")
    done = modelparity("repair", dnn, "bad.onnx", "--recipe", "noise")
    assert done.code == 0, done.err
    assert "bad.repaired.onnx: " in done.out
    assert modelparity("check", dnn, "bad.repaired.onnx").code == 0
    again = modelparity("repair", dnn, "bad.onnx", "--recipe", "noise")
    assert again.code == 2
    assert "--to" in again.err
    assert modelparity("repair", dnn, "bad.onnx", "--recipe", "noise", "--to", "new.onnx").code == 0
    assert (tmp_path / "new.onnx").is_file()


def test_what_is_right_stays_alone(modelparity, dnn, onnx_files, tmp_path):
    done = modelparity("repair", dnn, "dnn.onnx")
    assert (done.code, "nothing to repair" in done.out) == (0, True)
    assert not (tmp_path / "dnn.repaired.onnx").exists()
