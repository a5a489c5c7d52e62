"""Decoded results as text: what other programs print is read, what is written reads back the same."""

from __future__ import annotations

import numpy as np
import pytest

from modelparity.errors import InputError
from modelparity.exchange import text


@pytest.mark.parametrize(
    ("said", "want"),
    [
        ("0.5\n1.25\n", [0.5, 1.25]),
        ("0.500\t1\n1.000\t2\n", [[0.5, 1], [1, 2]]),
        ("# beats\n0.5, 1\n\n1.0; 2\r\n", [[0.5, 1], [1, 2]]),
        ("\ufeff0.5,60,\n", [[0.5, 60]]),
        ("", []),
    ],
)
def test_events_are_read(tmp_path, said, want):
    (tmp_path / "a.txt").write_bytes(said.encode())
    np.testing.assert_array_equal(text.numbers(tmp_path / "a.txt"), want)


def test_segments_and_labels_are_read(tmp_path):
    (tmp_path / "a.lab").write_text("0.0\t1.5\tC:maj\n1.5 2 N\n")
    assert text.segments(tmp_path / "a.lab") == [(0.0, 1.5, "C:maj"), (1.5, 2.0, "N")]
    (tmp_path / "b.txt").write_text("A minor\n")
    assert text.label(tmp_path / "b.txt") == "A minor"


@pytest.mark.parametrize(
    ("said", "place"), [("0.5\nx\n", "line 2"), ("0.5 1\n0.6\n", "line 2"), ("{}\n", "line 1")]
)
def test_a_line_that_says_something_else_is_named(tmp_path, said, place):
    (tmp_path / "a.txt").write_text(said)
    with pytest.raises(InputError, match=place):
        text.numbers(tmp_path / "a.txt")


def test_other_files_are_refused(tmp_path):
    with pytest.raises(InputError, match="no such file"):
        text.numbers(tmp_path / "a.txt")
    (tmp_path / "a.txt").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match="not readable as text"):
        text.numbers(tmp_path / "a.txt")
    (tmp_path / "b.txt").write_text("A\nB\n")
    with pytest.raises(InputError, match="not one label"):
        text.label(tmp_path / "b.txt")
    with pytest.raises(InputError, match="start, end and label"):
        text.segments(tmp_path / "b.txt")


def test_what_is_written_reads_back_the_same(tmp_path):
    rows = np.random.default_rng(0).random((50, 2)) * 100
    rows[:, 1] = np.arange(50)
    (tmp_path / "a.txt").write_text(text.written(rows.tolist()))
    np.testing.assert_array_equal(text.numbers(tmp_path / "a.txt"), rows)
    assert text.written([(0.30000000000000004, 0.4, "N")]) == "0.30000000000000004\t0.4\tN\n"
