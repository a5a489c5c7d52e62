"""Which items there are, what they are called, and that they can be chosen as any other test."""

from __future__ import annotations

ALL = [
    "toy/good/curve[engine-noise]",
    "toy/good/curve[engine-noise_small]",
    "toy/good/line[anchor]",
    "toy/good/line[engine-noise]",
    "toy/good/line[engine-noise_small]",
]


def test_an_item_for_each_model_backend_and_recipe_sorted_by_id(toy, ids):
    assert ids(toy("--collect-only", "-q")) == ALL


def test_they_run_and_pass_and_show_a_table(toy):
    result = toy()
    result.assert_outcomes(passed=5)
    result.stdout.fnmatch_lines(
        [
            "*parity: worst difference, times what rounding can explain*",
            "model*cases*anchor*engine",
            "toy/good/curve*2*-*",
            "toy/good/line *3 *rounding*",
            "5 passed, 0 failed, 0 skipped;*",
        ]
    )


def test_marker_selects_them(toy, pytester):
    pytester.makepyfile(test_other="def test_other(): pass")
    toy("-m", "parity").assert_outcomes(passed=5, deselected=1)
    toy("-m", "not parity").assert_outcomes(passed=1, deselected=5)


def test_markers_are_registered(toy):
    result = toy("--markers")
    result.stdout.fnmatch_lines(["@pytest.mark.parity:*", "@pytest.mark.models:*", "@pytest.mark.e2e:*"])


def test_only_fetched_networks_are_marked_models(toy, monkeypatch, ids):
    monkeypatch.setenv("TOY_ABSENT", "1")
    assert ids(toy("--collect-only", "-q", "-m", "models")) == ["toy/gone/away[engine-noise]"]


def test_strict_markers_are_satisfied(toy):
    toy("--strict-markers").assert_outcomes(passed=5)


def test_keywords_select_them(toy):
    toy("-k", "curve and noise_small").assert_outcomes(passed=1, deselected=4)


def test_a_node_id_runs_one_case_and_its_beginning_all_of_the_model(toy):
    toy("test_suite.py::toy/good/line[engine-noise]").assert_outcomes(passed=1)
    toy("test_suite.py::toy/good/line").assert_outcomes(passed=3)


def test_failed_ones_run_again(toy, monkeypatch, pytester):
    monkeypatch.setenv("TOY_BENT", "1")
    pytester.runpytest().assert_outcomes(passed=5, failed=1)
    pytester.runpytest("--last-failed").assert_outcomes(failed=1)


def test_a_suite_that_stands_twice_in_a_project_runs_once(toy, pytester):
    pytester.makepyfile(test_again="from modelparity.suite import *")
    toy().assert_outcomes(passed=5)


def test_the_name_alone_makes_no_suite(pytester):
    pytester.makepyfile("parity_suite = 1\ndef test_one(): pass")
    pytester.runpytest().assert_outcomes(passed=1)
