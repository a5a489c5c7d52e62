"""--parity-backend."""

from __future__ import annotations


def test_one_backend(toy):
    toy("--parity-backend", "engine").assert_outcomes(passed=4)
    toy("--parity-backend", "anchor").assert_outcomes(passed=1)


def test_an_unknown_backend_lists_what_there_is(toy):
    result = toy("--parity-backend", "tensorflow")
    assert result.ret == 4
    result.stderr.fnmatch_lines(
        ["*--parity-backend tensorflow: matches nothing. There is:*", "*anchor*", "*engine*"]
    )


def test_options_that_match_no_case_together_are_an_error(toy):
    result = toy("--parity-backend", "anchor", "--parity-model", "curve")
    assert result.ret == 4
    result.stderr.fnmatch_lines(["*match no case together*"])


def test_the_twin(toy):
    toy(ini="parity_backend = anchor\n").assert_outcomes(passed=1)
