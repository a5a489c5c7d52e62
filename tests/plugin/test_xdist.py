"""Under pytest-xdist: the same items, one table, one report, goldens written once and found stale."""

from __future__ import annotations

import json

import pytest

pytest.importorskip("xdist")


@pytest.fixture
def spread(toy, monkeypatch):
    """Run on two workers; in a process apart, for workers inherit the search path that xdist first saw."""
    return lambda *arguments, **kw: toy("-n", "2", *arguments, apart=True, **kw)


def test_results_of_all_workers_are_gathered(spread, monkeypatch, pytester):
    monkeypatch.setenv("TOY_BENT", "1")
    monkeypatch.setenv("TOY_ABSENT", "1")
    result = spread("--parity-report", "out", "--junit-xml", "junit.xml")
    result.assert_outcomes(passed=5, failed=1, skipped=1)
    result.stdout.fnmatch_lines(
        [
            "toy/bad/bent*1 of 1 FAILED",
            "toy/gone/away*1 of 1 SKIPPED",
            "toy/good/line *3 *",
            "5 passed, 1 failed, 1 skipped;*",
            "SKIPPED 1: this network is not on this machine; next: modelparity fetch toy",
        ]
    )
    cases = json.loads((pytester.path / "out" / "report.json").read_text())["cases"]
    assert [case["id"] for case in cases] == sorted(case["id"] for case in cases)
    assert len(cases) == 7
    assert "parity_floors" in (pytester.path / "junit.xml").read_text()


def test_grouped_by_model(spread):
    spread("--dist", "loadgroup").assert_outcomes(passed=5)


def test_goldens_are_recorded_and_found_stale(spread, monkeypatch, pytester):
    spread("--parity-update").assert_outcomes(passed=5)
    assert len(list((pytester.path / "golden").rglob("*.safetensors"))) == 4
    monkeypatch.setenv("TOY_SCALE", "7")
    result = spread()
    result.assert_outcomes(passed=3, failed=2)
    assert len(list((pytester.path / "golden").rglob("*"))) == 2 + 2 + 4


def test_a_usage_error_is_one_error(spread):
    result = spread("--parity-family", "nobody")
    assert result.ret == 4
    result.stderr.fnmatch_lines(["*--parity-family nobody: matches nothing*"])


def test_without_a_test_file(spread, pytester):
    (pytester.path / "test_suite.py").unlink()
    spread("--parity-family", "toy").assert_outcomes(passed=5)
