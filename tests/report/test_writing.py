"""Reports on disk: all three views, whole or not at all."""

from __future__ import annotations

import json
import os

import pytest

from modelparity.errors import ModelparityError
from modelparity.report import write
from modelparity.report.writing import write_text


def test_three_views_of_one_document(report, tmp_path):
    paths = write(report, tmp_path / "deep" / "report")
    assert [path.name for path in paths] == ["report.json", "report.html", "report.md"]
    assert json.loads(paths[0].read_text()) == report
    assert sorted(os.listdir(paths[0].parent)) == ["report.html", "report.json", "report.md"]


def test_an_existing_file_is_replaced_at_once(tmp_path):
    path = write_text(tmp_path / "a.txt", "first")
    write_text(path, "second")
    assert path.read_text() == "second"
    assert os.listdir(tmp_path) == ["a.txt"]


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path):
    path = write_text(tmp_path / "a.txt", "old")
    with pytest.raises(UnicodeEncodeError):
        write_text(path, "bad \ud800")
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["a.txt"]


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ModelparityError, match=r"report.md: not writable"):
        write_text(tmp_path / "file" / "report.md", "text")
