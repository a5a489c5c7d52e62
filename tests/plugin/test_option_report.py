"""--parity-report: three files, and JUnit's properties beside them."""

from __future__ import annotations

import json
from xml.etree import ElementTree

import pytest


def test_the_report_is_written_and_named(toy, pytester, monkeypatch):
    monkeypatch.setenv("TOY_BENT", "1")
    monkeypatch.setenv("TOY_ABSENT", "1")
    result = toy("--parity-report", "out")
    result.stdout.fnmatch_lines(["report: *report.json*report.html*report.md"])
    report = json.loads((pytester.path / "out" / "report.json").read_text())
    outcomes = {case["id"]: case["outcome"] for case in report["cases"]}
    assert outcomes["toy/bad/bent[engine-noise]"] == "failed"
    assert outcomes["toy/gone/away[engine-noise]"] == "skipped"
    assert sum(outcome == "passed" for outcome in outcomes.values()) == 5
    assert "toy/bad/bent[engine-noise]" in (pytester.path / "out" / "report.html").read_text()
    assert "not on this machine" in (pytester.path / "out" / "report.md").read_text()


@pytest.mark.parametrize("spread", [(), ("-n", "2")], ids=["one process", "xdist"])
def test_a_report_that_cannot_be_written_is_an_error_after_the_table(toy, pytester, spread):
    (pytester.path / "out").write_text("a file, not a folder")
    result = toy("--parity-report", "out", *spread, apart=bool(spread))
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.assert_outcomes(passed=5)
    result.stdout.fnmatch_lines(["toy/good*", "ERROR: *report.json: not writable"])
    result.stdout.no_fnmatch_line("*INTERNALERROR*")


def test_nothing_is_written_unasked(toy, pytester):
    toy()
    assert not list(pytester.path.rglob("report.*"))


def test_no_report_without_parity_tests(toy, pytester):
    other = pytester.makepyfile(test_other="def test_other(): pass")
    result = toy(other, "--parity-report", "out")
    result.assert_outcomes(passed=1)
    assert "parity:" not in result.stdout.str()
    assert not (pytester.path / "out").exists()


def test_the_twin_is_relative_to_the_root(toy, pytester):
    toy(ini="parity_report = results\n")
    assert (pytester.path / "results" / "report.json").is_file()


def test_figures_go_to_junit(toy, pytester):
    toy("--junit-xml", "junit.xml", "-k", "line and noise and not small")
    (case,) = ElementTree.parse(pytester.path / "junit.xml").iter("testcase")
    found = {one.get("name"): one.get("value") for one in case.iter("property")}
    assert found["parity_band"] in ("exact", "rounding")
    assert float(found["parity_floors"]) < 1
    assert found["parity_reference"] == "live"
    assert found["parity_runtime"].startswith("engine")
    assert int(found["parity_floor_runs"]) > 0
    assert found["parity_conditioning"] == "well"
