"""Caches that grow are compared over several steps, whatever is as long as they are growing with them."""

from __future__ import annotations

import numpy as np
import pytest

import modelparity as mp
from modelparity import Node

from ..growing_cache import WIDTH, attention

RNG = np.random.default_rng(2)


def inputs(*, mask=True, before=False):
    total = 2 if before else 5
    masks = {"mask": np.r_[0, np.ones(total - 1, np.int64)]} if mask else {}
    return {"x": RNG.standard_normal((3, WIDTH)), "past": RNG.standard_normal((2, WIDTH)), **masks}


@pytest.mark.parametrize("given", [{}, {"before": True}, {"mask": False}])
def test_masks_grow_with_the_cache_from_step_to_step(given):
    """A candidate that is wrong only where the cache is longer than at the first step is found out."""
    reference, feeds = attention(**given), inputs(**given)
    sound = mp.check(reference, attention(**given), inputs=feeds)
    assert sound.ok
    assert "past carried over 3 steps" in str(sound)
    verdict = mp.check(reference, attention(wrong_beyond=6, **given), inputs=feeds)
    assert verdict.band == "wrong"
    assert "y at step 2" in str(verdict)
    assert "one step alone: " in str(verdict)


def test_recipes_carry_a_cache_that_grows_too():
    assert "carried over 3 steps" in str(mp.check(attention(), attention()))
    assert mp.check(attention(), attention(wrong_beyond=10)).band == "wrong"


def test_a_cache_that_only_the_candidate_has_is_empty_at_first(tmp_path):
    """A row of zeros would be read: every right export of a decoder with a past was wrong against one without."""
    whole = attention(mask=False)
    nodes = [
        Node("present", "identity", ("keys",), ("present",)) if node.name == "present" else node
        for node in whole.nodes
    ]
    reference = whole.changed(inputs=whole.inputs[:1], nodes=tuple(nodes), outputs=("y",))
    path = mp.convert(whole, tmp_path / "past.onnx")
    assert mp.check(reference, path, ignore=["past"]).band == "rounding"
    tables = {**whole.constants, "q": whole.constants["q"] * 1.02}
    spoilt = mp.convert(whole.changed(constants=tables), tmp_path / "spoilt.onnx")
    assert mp.check(reference, spoilt, ignore=["past"]).band == "wrong"
