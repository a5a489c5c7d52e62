"""How operators are marked and found, and the streaming rules that many of them share."""

from __future__ import annotations

import numpy as np
import pytest

from modelparity.engine.arithmetic import arithmetic
from modelparity.engine.operator import (
    Step,
    affine,
    aligned,
    find,
    first_only,
    framewise,
    names,
    not_causal,
    operator,
    untouched,
)
from modelparity.errors import GraphError


def marked(**options):
    @operator(**options)
    def op(ar, x): ...

    return op.operator


def test_an_operator_streams_frame_by_frame_unless_it_says_otherwise():
    assert marked().streaming is framewise
    assert marked(streaming=not_causal("why")).streaming([0], [(3,)], {}) == "why"


@pytest.mark.parametrize("kind", ["plain", "control"])
def test_what_is_written_without_lanes_must_say_how_it_streams(kind):
    assert "does not say" in marked(**{kind: True}).streaming([0], [(3,)], {})
    assert marked(streaming=framewise, **{kind: True}).streaming is framewise


def test_framewise_aligns_time_from_the_right():
    assert framewise([1, 0, None], [(2, 5, 3), (5, 3), (3,)], {}) == Step(1)
    assert framewise([None, 0], [(2, 5, 3), (5, 3)], {}) == Step(1)
    assert "different axes" in framewise([0, 0], [(2, 5, 3), (5, 3)], {})


def test_only_the_first_input_may_change_over_time():
    rule = first_only(lambda time, shape, attrs: Step(time + len(shape) + attrs["more"]))
    assert rule([1, None], [(4, 5), (5,)], {"more": 3}) == Step(6)
    for times in ([0, 0], [None, 0]):
        assert "another input" in rule(times, [(4, 5), (5,)], {"more": 3})
    assert "another input" in rule([None, None], [None, (5,)], {"more": 3})


def test_time_may_not_be_worked_along():
    along = untouched(lambda attrs, rank: attrs["axes"])
    assert along([0], [(4, 5)], {"axes": (-1,)}) == Step(0)
    assert "needs all frames" in along([0], [(4, 5)], {"axes": (1, -2)})


def test_an_unknown_operator_is_refused_with_what_is_near():
    with pytest.raises(GraphError, match=r"unknown operator 'sigmoyd'\n.*one of sigmoid"):
        find("sigmoyd")
    for name in ("_reduction", "no/op", ""):
        with pytest.raises(GraphError, match="unknown operator"):
            find(name)
    assert names() == tuple(sorted(names()))
    assert not [name for name in names() if name.startswith("_")]


def test_arrays_are_brought_to_one_rank_behind_their_lanes():
    shapes = [a.shape for a in aligned(np.ones((2, 3)), np.ones((1, 4, 5, 3)), np.ones((2, 5, 3)))]
    assert shapes == [(2, 1, 1, 3), (1, 4, 5, 3), (2, 1, 5, 3)]


@pytest.mark.parametrize("lanes", [1, 4])
def test_an_affine_map_with_shared_and_own_weights(lanes):
    rng = np.random.default_rng(lanes)
    x, weight, bias = (rng.standard_normal(s) for s in ((4, 6, 2, 5), (lanes, 5, 3), (lanes, 3)))
    want = np.stack([x[i] @ weight[min(i, lanes - 1)] + bias[min(i, lanes - 1)] for i in range(4)])
    np.testing.assert_allclose(affine(arithmetic("float64"), x, weight, bias), want, rtol=1e-12, atol=1e-12)
    with pytest.raises(GraphError, match="input width differs"):
        affine(arithmetic("float64"), x[..., :4], weight)
