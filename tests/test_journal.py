"""Journals: what they say of whoever died, whoever else writes, and whatever lies beside them."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from modelparity.journal import Journal, left_behind, place, read


def planned(*names):
    return [{"id": name, "more": name.upper()} for name in names]


@pytest.fixture
def journal(tmp_path):
    one = Journal(place(tmp_path / "deep" / "folder"))
    yield one
    one.close()


def test_what_was_at_work_and_what_was_left(journal):
    journal.plan(planned("a", "b", "c"))
    journal.begin("a")
    journal.done("a", {"floors": 1.5})
    journal.begin("b")
    told = read(journal.path)
    assert (told.at, told.left, told.done) == (["b"], ["c"], {"a": {"floors": 1.5}})
    assert told.planned["c"] == {"id": "c", "more": "C"}
    assert told.process == os.getpid()


def test_what_is_done_again_has_not_returned_yet(journal):
    journal.plan(planned("a"))
    for _ in range(2):
        journal.begin("a")
        assert read(journal.path).at == ["a"]
        journal.done("a")
        assert read(journal.path).at == []


def test_the_first_of_several_plans(journal):
    other = Journal(journal.path)
    journal.plan(planned("a"))
    other.plan(planned("b"))
    other.begin("a")
    other.close()
    told = read(journal.path)
    assert (list(told.planned), told.at) == (["a"], ["a"])


def test_a_line_that_was_cut_off_is_left_out(journal):
    journal.plan(planned("a", "b"))
    journal.begin("a")
    whole = journal.path.read_bytes()
    for end in range(len(whole)):
        journal.path.write_bytes(whole[:end])
        told = read(journal.path)
        assert set(told.planned) <= {"a", "b"}
        assert told.at in ([], ["a"])


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", "\x00\xff", '{"format": "modelparity journal", "process": "x"}', '"begun"']
)
def test_what_is_no_journal_says_nothing(tmp_path, text):
    path = tmp_path / "journal-1-x.jsonl"
    path.write_text(text)
    assert read(path).process == 0
    assert list(left_behind(tmp_path)) == []
    assert read(tmp_path / "absent").planned == {}


def test_only_the_dead_leave_something_behind(tmp_path, journal):
    dead = subprocess.run(
        [sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, check=True
    )
    for name, process in (("journal-dead.jsonl", int(dead.stdout)), ("journal-live.jsonl", os.getpid())):
        head = {"format": "modelparity journal", "version": 1, "process": process}
        (tmp_path / name).write_text(json.dumps(head) + '\n{"begun": "a"}\n')
    found = list(left_behind(tmp_path))
    assert [(path.name, told.at) for path, told in found] == [("journal-dead.jsonl", ["a"])]
    assert list(left_behind(tmp_path, but=tmp_path / "journal-dead.jsonl")) == []
    assert list(left_behind(tmp_path / "absent")) == []


def test_where_nothing_can_be_written_there_is_none(tmp_path):
    (tmp_path / "file").write_text("")
    one = Journal(tmp_path / "file" / "journal.jsonl")
    one.plan(planned("a"))
    one.begin("a")
    one.delete()
    assert (tmp_path / "file").read_text() == ""
