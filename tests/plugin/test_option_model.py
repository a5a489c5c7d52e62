"""--parity-model: patterns over full name, key and last part."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize("pattern", ["line", "good/line", "toy/good/line", "l*", "*/line"])
def test_a_pattern_matches_name_key_or_last_part(toy, pattern):
    toy("--parity-model", pattern).assert_outcomes(passed=3)


def test_patterns_add_up(toy):
    toy("--parity-model", "line", "--parity-model", "curve").assert_outcomes(passed=5)
    toy("--parity-model", "line,curve").assert_outcomes(passed=5)


def test_a_pattern_that_matches_nothing_lists_the_models(toy):
    result = toy("--parity-model", "line", "--parity-model", "lime*")
    assert result.ret == 4
    result.stderr.fnmatch_lines(["*--parity-model lime[*]: matches nothing. There is:*", "*toy/good/curve*"])
    assert not result.outlines


def test_the_twin(toy):
    toy(ini="parity_model =\n    line\n").assert_outcomes(passed=3)
