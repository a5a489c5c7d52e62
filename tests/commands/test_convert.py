"""``modelparity convert``."""

from __future__ import annotations

import pytest

pytest.importorskip("onnx")


def test_the_file_is_written_and_accounted_for(modelparity, dnn, tmp_path):
    done = modelparity("convert", dnn, "out.onnx")
    assert done.code == 0
    assert "every weight of dnn.pkl is in it" in done.out
    assert (tmp_path / "out.onnx").stat().st_size > 0


def test_the_format_can_be_said(modelparity, dnn, tmp_path):
    assert modelparity("convert", dnn, "out.bin", "--to", "onnx", "--from", "madmom").code == 0
    assert (tmp_path / "out.bin").is_file()


def test_what_cannot_be_written_is_2_and_leaves_nothing(modelparity, dnn, tmp_path):
    for target, message in (("out.xyz", "no format has this suffix"), ("no/out.onnx", "not writable")):
        done = modelparity("convert", dnn, target)
        assert done.code == 2
        assert message in done.err
    assert not any(tmp_path.iterdir())


def test_a_program_of_pytorch_is_written(modelparity, dnn):
    assert modelparity("convert", dnn, "net.pt2").code == 0
    assert modelparity("inspect", "net.pt2").code == 0


def test_weights_can_be_rounded(modelparity, dnn):
    assert modelparity("convert", dnn, "half.onnx", "--weights", "float16").code == 0
    assert modelparity("check", dnn, "half.onnx").code == 1
    assert modelparity("check", dnn, "half.onnx", "--expect", "reduced").code == 0
