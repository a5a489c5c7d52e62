"""The terminal table: worst cell first, nothing skipped in silence, columns aligned."""

from __future__ import annotations

from modelparity.report.table import cell, render, rows


def test_rows_by_group(report):
    assert rows(report) == [
        ["group", "cases", "onnxruntime", "torch"],
        ["toy/a", "2", "rounding 0.5", "1 of 1 SKIPPED"],
        ["toy/b", "2", "reduced inf (ill)", "wrong 3120, 1 of 1 FAILED"],
    ]


def test_rows_by_model(report):
    assert [row[0] for row in rows(report, by="model")] == ["model", "toy/a/one", "toy/b/two"]


def test_a_cell_shows_its_worst_case(make_case):
    cases = [make_case("a/b", "torch", verdict={"floors": f}) for f in (0.1, 3.9, 2.0)]
    assert cell(cases) == "rounding 3.9"


def test_a_worse_band_wins_over_more_floors(make_case):
    few = make_case("a/b", "torch", "failed", verdict={"band": "wrong", "floors": 5})
    many = make_case("a/b", "torch", verdict={"band": "reduced", "floors": 900})
    assert cell([many, few]) == "wrong 5, 1 of 2 FAILED"


def test_an_ill_conditioned_case_shows_even_behind_a_worse_one(make_case):
    ill = make_case("a/b", "torch", verdict={"conditioning": "ill", "floors": 0.1})
    assert cell([make_case("a/b", "torch"), ill]) == "rounding 0.5, 1 ill"


def test_a_failure_without_a_verdict_is_counted(make_case):
    assert cell([make_case("a/b", "torch", "failed") | {"verdict": None}]) == "1 of 1 FAILED"


def test_no_case_is_a_dash():
    assert cell([]) == "-"


def test_columns_are_aligned(report):
    lines = render(report).splitlines()
    assert lines[1].startswith("-----  -----  ---")
    assert len({line.index("r") for line in lines[2:]}) <= 2


def test_a_case_that_could_not_tell_stands_behind_those_that_were_judged(make_case):
    silent = make_case("m", "engine", "unjudged", verdict={"band": "unjudged"})
    assert cell([silent]) == "unjudged"
    assert cell([make_case("m", "engine"), silent]) == "rounding 0.5, 1 of 2 unjudged"
