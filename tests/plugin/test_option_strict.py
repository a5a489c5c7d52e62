"""What cannot be judged: a loud skip, and a failure under --parity-strict."""

from __future__ import annotations

import pytest


@pytest.fixture
def absent(toy, monkeypatch):
    monkeypatch.setenv("TOY_ABSENT", "1")
    return toy


def test_an_absent_network_is_skipped_loudly_and_by_name(absent):
    result = absent()
    result.assert_outcomes(passed=5, skipped=1)
    result.stdout.fnmatch_lines(
        [
            "toy/gone/away*1 of 1 SKIPPED",
            "SKIPPED 1: this network is not on this machine; next: modelparity fetch toy",
            "    toy/gone/away",
        ]
    )


def test_strict_makes_it_a_failure(absent):
    result = absent("--parity-strict")
    result.assert_outcomes(passed=5, failed=1)
    result.stdout.fnmatch_lines(["not judged, and --parity-strict allows no skip: this network is not*"])
    assert result.ret == 1


def test_the_twin(absent):
    absent(ini="parity_strict = true\n").assert_outcomes(passed=5, failed=1)
