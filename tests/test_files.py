"""A draft takes its name when it is whole; nothing else is ever left behind."""

from __future__ import annotations

import pytest

from modelparity.errors import ConversionError, GoldenError
from modelparity.files import replace_file, replacing


def test_a_file_is_replaced_and_no_draft_is_left(tmp_path):
    path = tmp_path / "deep" / "a.bin"
    assert replace_file(path, b"old", GoldenError) == path
    replace_file(path, b"new", GoldenError)
    assert path.read_bytes() == b"new"
    assert [p.name for p in path.parent.iterdir()] == ["a.bin"]


def fail_half_way(path, write):
    with replacing(path, GoldenError) as draft:
        write(draft)
        raise ZeroDivisionError


def test_what_fails_leaves_the_old_file_and_no_draft(tmp_path):
    path = tmp_path / "a.bin"
    path.write_bytes(b"old")
    with pytest.raises(ZeroDivisionError):
        fail_half_way(path, lambda draft: draft.write_bytes(b"half"))
    assert path.read_bytes() == b"old"
    assert [p.name for p in tmp_path.iterdir()] == ["a.bin"]


def test_a_folder_takes_the_place_of_another(tmp_path):
    path = tmp_path / "net.mlpackage"
    for content in (b"one", b"two"):
        with replacing(path, ConversionError) as draft:
            draft.mkdir()
            (draft / "data").write_bytes(content)
            if content == b"one":
                (draft / "more").write_bytes(b"")
    assert {p.name: p.read_bytes() for p in path.iterdir()} == {"data": b"two"}
    assert [p.name for p in tmp_path.iterdir()] == ["net.mlpackage"]


def test_half_a_folder_is_removed(tmp_path):
    with pytest.raises(ZeroDivisionError):
        fail_half_way(tmp_path / "net.mlpackage", lambda draft: (draft / "inside").mkdir(parents=True))
    assert not list(tmp_path.iterdir())


def test_the_draft_has_the_suffix_that_its_writer_looks_at(tmp_path):
    with replacing(tmp_path / "a.onnx", ConversionError, suffix=".onnx") as draft:
        assert draft.suffix == ".onnx"
        assert draft.parent == tmp_path
        draft.write_bytes(b"")


def test_what_the_file_system_refuses_is_the_callers_error(tmp_path):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(ConversionError, match="not writable") as caught:
        replace_file(tmp_path / "file" / "a", b"", ConversionError)
    assert caught.value.where == tmp_path / "file" / "a"
    with pytest.raises(GoldenError, match="not writable"):
        fail_half_way(tmp_path / "no" / "a", lambda draft: draft.write_bytes(b""))
    assert not (tmp_path / "no").exists()
