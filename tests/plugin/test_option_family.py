"""--parity-family and its twin."""

from __future__ import annotations


def test_the_option_chooses_and_an_unknown_family_lists_what_there_is(toy):
    toy("--parity-family", "toy").assert_outcomes(passed=5)
    result = toy("--parity-family", "toi")
    assert result.ret == 4
    result.stderr.fnmatch_lines(["*--parity-family toi: matches nothing. There is:*", "*toy*"])


def test_the_twin_is_checked_too(toy):
    result = toy("-o", "parity_family=nobody")
    assert result.ret == 4
    result.stderr.fnmatch_lines(["*--parity-family nobody: matches nothing*"])


def test_the_option_wins_over_the_twin(pytester, toy):
    pytester.makeini("[pytest]\nparity_family = nobody\n")
    toy("--parity-family", "toy").assert_outcomes(passed=5)


def test_no_test_file_is_needed(pytester, toy):
    (pytester.path / "test_suite.py").unlink()
    toy("--parity-family", "toy").assert_outcomes(passed=5)


def test_beside_a_suite_of_ones_own_nothing_runs_twice(pytester, toy):
    pytester.makepyfile(test_other="def test_other(): pass")
    toy("--parity-family", "toy").assert_outcomes(passed=6)


def test_paths_on_the_command_line_are_kept_to(pytester, toy):
    other = pytester.makepyfile(test_other="def test_other(): pass")
    toy(other, "--parity-family", "toy").assert_outcomes(passed=1)
