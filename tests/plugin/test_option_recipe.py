"""--parity-recipe: one of the model's own, or any general one."""

from __future__ import annotations


def test_a_recipe_of_the_models_own(toy):
    toy("--parity-recipe", "noise_small").assert_outcomes(passed=2)


def test_a_general_recipe_runs_on_every_model(toy, ids):
    result = toy("--parity-recipe", "one_frame", "-v")
    assert [line for line in ids(result) if line] == [
        "toy/good/curve[engine-one_frame]",
        "toy/good/line[engine-one_frame]",
    ]


def test_recorded_means_the_anchors(toy, ids):
    result = toy("--parity-recipe", "recorded", "--parity-recipe", "noise", "-v")
    assert [line for line in ids(result) if line] == [
        "toy/good/curve[engine-noise]",
        "toy/good/line[anchor]",
        "toy/good/line[engine-noise]",
    ]


def test_recorded_matches_nothing_where_nothing_was_recorded(toy):
    assert toy("--parity-recipe", "recorded", "--parity-model", "*curve").ret == 4


def test_an_unknown_recipe_lists_what_there_is(toy):
    result = toy("--parity-recipe", "noize")
    assert result.ret == 4
    result.stderr.fnmatch_lines(["*--parity-recipe noize: matches nothing. There is:*", "*noise*"])


def test_the_twin(toy):
    toy(ini="parity_recipe =\n    noise_small\n    impulse\n").assert_outcomes(passed=4)
