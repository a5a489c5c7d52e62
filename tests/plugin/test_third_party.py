"""Families of other packages: registered by entry point, refused when broken, named when they clash."""

from __future__ import annotations

from .conftest import FAMILY


def test_a_familys_models_run_beside_others(toy):
    toy().assert_outcomes(passed=5)


def test_two_packages_with_one_name_are_both_named(toy, third_party):
    third_party("other-toys", "other_toys", FAMILY, "toy = other_toys:FAMILY")
    result = toy()
    assert result.ret == 4
    result.stderr.fnmatch_lines(
        ["*two packages register a family called 'toy'*", "*other-toys 1.0 and toy-family 1.0*"]
    )


def test_a_package_that_cannot_be_imported_is_named(toy, third_party):
    third_party("broken-toys", "broken_toys", "raise RuntimeError('no luck')", "broken = broken_toys:FAMILY")
    result = toy()
    assert result.ret == 4
    result.stderr.fnmatch_lines(["*broken-toys*does not import: RuntimeError: no luck*"])


def test_a_broken_package_stops_nobody_who_runs_no_suite(toy, third_party, pytester):
    third_party("broken-toys", "broken_toys", "raise RuntimeError('no luck')", "broken = broken_toys:FAMILY")
    other = pytester.makepyfile(test_other="def test_other(): pass")
    toy(other).assert_outcomes(passed=1)


def test_under_xdist_it_is_an_error_of_collection(toy, third_party, pytester):
    third_party("broken-toys", "broken_toys", "raise RuntimeError('no luck')", "broken = broken_toys:FAMILY")
    result = toy("-n", "1", apart=True)
    assert result.ret != 0
    result.stdout.fnmatch_lines(["*does not import: RuntimeError: no luck*"])
    assert "Traceback" not in result.stdout.str()


def test_an_object_that_is_no_family_is_refused(toy, third_party):
    third_party("odd-toys", "odd_toys", "FAMILY = 3", "odd = odd_toys:FAMILY")
    result = toy()
    assert result.ret == 4
    result.stderr.fnmatch_lines(["*odd-toys*this plugin is no family*"])
