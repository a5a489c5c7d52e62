"""--parity-expect: the worst band that passes."""

from __future__ import annotations


def test_exactness_can_be_asked_for(toy):
    result = toy("--parity-expect", "exact", "-k", "line and noise and not small")
    assert result.parseoutcomes().get("failed", 0) + result.parseoutcomes().get("passed", 0) == 1
    if result.ret:
        result.stdout.fnmatch_lines(["rounding, expected exact:*"])


def test_an_unknown_band_lists_the_bands(toy):
    result = toy("--parity-expect", "close")
    assert result.ret == 4
    result.stderr.fnmatch_lines(["*--parity-expect close: not known. Use one of exact, rounding, reduced*"])


def test_the_twin(toy):
    assert toy(ini="parity_expect = near\n").ret == 4
    toy(ini="parity_expect = reduced\n").assert_outcomes(passed=5)
