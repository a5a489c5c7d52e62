"""``modelparity inspect``."""

from __future__ import annotations

import modelparity as mp


def test_a_model_is_summarised(modelparity, dnn):
    done = modelparity("inspect", dnn)
    assert done.code == 0
    assert done.out == mp.load(dnn).summary() + "\n"


def test_a_golden_shows_what_it_is(modelparity, dnn, tmp_path):
    mp.golden(mp.load(dnn), seed=7).save(tmp_path / "g.safetensors")
    done = modelparity("inspect", "g.safetensors")
    assert done.code == 0
    assert "noise seed 7" in done.out
    assert mp.load(dnn).hash in done.out


def test_a_file_of_no_format_is_2(modelparity, tmp_path):
    (tmp_path / "x.bin").write_bytes(b"hello")
    done = modelparity("inspect", "x.bin")
    assert done.code == 2
    assert "no format recognises this file" in done.err


def test_an_unknown_format_is_2(modelparity, dnn):
    assert modelparity("inspect", dnn, "--format", "madmum").code == 2
