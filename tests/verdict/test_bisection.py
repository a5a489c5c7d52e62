"""Bisection over switches: which of them must be off, however many, and when none helps."""

from __future__ import annotations

import itertools

import pytest

from modelparity.verdict.bisection import culprits

NAMES = [f"p{n}" for n in range(12)]


def asking(*guilty):
    """A result that is right if all of these are off, and how often it was asked."""
    asked = []

    def right(off):
        asked.append(tuple(off))
        return set(guilty) <= set(off)

    return right, asked


@pytest.mark.parametrize("guilty", NAMES)
def test_one_pass_is_found_in_few_runs(guilty):
    right, asked = asking(guilty)
    assert culprits(NAMES, right) == (guilty,)
    assert len(asked) <= 8


@pytest.mark.parametrize("pair", [*itertools.combinations(NAMES[:4], 2), ("p0", "p11")])
def test_two_that_must_both_be_off(pair):
    right, _ = asking(*pair)
    assert set(culprits(NAMES, right)) == set(pair)


def test_either_of_two_that_act_together_is_enough():
    assert len(culprits(NAMES, lambda off: bool({"p3", "p8"} & set(off)))) == 1


@pytest.mark.parametrize("names", [NAMES, []])
def test_none_where_no_pass_is_to_blame(names):
    assert culprits(names, lambda off: False) == ()
    assert culprits(names, lambda off: True) == ()
