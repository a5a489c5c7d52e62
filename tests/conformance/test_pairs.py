"""Every pair of the corpus gets a band without an option, and the right one."""

from __future__ import annotations

import pytest

from .pairs import KINDS, judged

#: Kinds of which the right candidate has the reference's own interface, at least in some format.
ALIKE = {
    "the same",
    "a state that was learned",
    "a length that is bounded",
    "outputs of one shape, swapped",
    "a square image",
    "booleans and wide whole numbers out",
    "wide whole numbers in",
    "float64",
    "plug-ins against (time, channel)",
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_pair_gets_its_band_without_an_option(kind, tmp_path):
    found = [*judged(kind, tmp_path)]
    assert all(one.true for one in found), "\n".join(
        f"{one.suffix}: {one.found}" for one in found if not one.true
    )
    assert len({one.suffix for one in found if one.right}) >= 2
    assert {one.right for one in found} == {True, False}
    for one in found:
        if one.right and kind not in ALIKE:
            assert not one.found.fit.identity, one.suffix
        if one.right and kind == "the same":
            assert one.found.fit.identity, one.suffix


def test_the_corpus_is_large_enough():
    assert 2 * 2 * len(KINDS) >= 60
