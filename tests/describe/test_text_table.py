"""Cells in columns."""

from __future__ import annotations

from modelparity.describe.text_table import layout


def test_columns_are_as_wide_as_their_widest_cell():
    assert layout([["a", "b"], ["long", "x"]], indent="  ") == ["  a     b", "  ----  -", "  long  x"]


def test_columns_of_numbers_stand_on_the_right():
    table = [["name", "count", "mixed"], ["a", "7", "12"], ["b", "1,024", "12 of 13"], ["c", "-", "-"]]
    assert layout(table) == [
        "name  count  mixed",
        "----  -----  --------",
        "a         7  12",
        "b     1,024  12 of 13",
        "c         -  -",
    ]


def test_a_header_alone_and_a_column_of_dashes():
    assert layout([["a", "bc"]]) == ["a  bc", "-  --"]
    assert layout([["ab"], ["-"]]) == ["ab", "--", "-"]
