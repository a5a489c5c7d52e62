"""frames by definition, a frame at a time; what streams, and what it refuses."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from modelparity import Axis, Graph, Node, TensorSpec, run, stream
from modelparity.engine.operator import Step
from modelparity.errors import GraphError


def by_hand(x, size, hop, before, outside, number):
    n = len(x)
    y = np.zeros((number, size, *x.shape[1:]), x.dtype)
    for t in range(number):
        for k in range(size):
            at = int(t * hop) - before + k
            if outside == "edge":
                at = min(max(at, 0), n - 1)
            elif outside == "reflect" and n > 1:
                at %= 2 * (n - 1)
                at = min(at, 2 * (n - 1) - at)
            elif outside == "reflect":
                at = 0
            if 0 <= at < n:
                y[t, k] = x[at]
    return y


@settings(max_examples=150, deadline=None)
@given(
    st.integers(1, 30),
    st.integers(1, 12),
    st.one_of(st.integers(1, 9).map(float), st.floats(0.3, 9)),
    st.integers(-14, 40),
    st.sampled_from(["zeros", "reflect", "edge"]),
    st.sampled_from(["within", "to-end", "whole"]),
    st.lists(st.integers(1, 2), max_size=2),
)
def test_agrees_with_a_frame_at_a_time(apply, time, size, hop, before, outside, counted, rest):
    x = np.random.default_rng(time).integers(-99, 99, (time, *rest)).astype(np.int16)
    number = {
        "within": math.ceil(time / hop),
        "to-end": math.floor(time / hop) + 1,
        "whole": max(0, math.floor((time + before - size) / hop) + 1),
    }[counted]
    y = apply("frames", x, size=size, hop=hop, before=before, outside=outside, counted=counted)
    want = by_hand(x, size, hop, before, outside, number)
    assert y.dtype == np.int16
    assert y.shape == want.shape
    np.testing.assert_array_equal(y, want)


def test_as_many_as_are_asked_for(apply):
    x = np.arange(1.0, 8.0)
    y = apply("frames", x, np.array(6), size=3, hop=2.5, before=1)
    np.testing.assert_array_equal(y, by_hand(x, 3, 2.5, 1, "zeros", 6))
    assert apply("frames", x, np.array(0), size=3, hop=2.5).shape == (0, 3)
    with pytest.raises(GraphError, match="no shape"):
        apply("frames", x, np.array(-1), size=3, hop=2.5)


def test_nothing_gives_no_frames(apply):
    assert apply("frames", np.zeros((0, 2)), size=4, hop=1.5).shape == (0, 4, 2)
    np.testing.assert_array_equal(
        apply("frames", np.zeros(0), size=4, hop=2, counted="to-end"), np.zeros((1, 4))
    )
    with pytest.raises(GraphError, match="nothing is there to be continued"):
        apply("frames", np.zeros(0), size=4, hop=2, counted="to-end", outside="edge")


def test_a_whole_hop_copies_no_frames(apply):
    assert not apply("frames", np.zeros(1 << 16), size=1 << 12, hop=1, before=1 << 11).flags.owndata


def test_lanes(lanewise):
    x = np.random.default_rng(0).standard_normal((3, 8, 2))
    lanewise("frames", x, size=3, hop=2, before=2)
    lanewise("frames", np.repeat(x[:1], 3, axis=0), size=3, hop=1.7, before=2)


def test_refuses(apply):
    for wrong in ({"size": 0, "hop": 1}, {"size": 1, "hop": 0}, {"size": 1, "hop": math.inf}):
        with pytest.raises(GraphError, match="must be positive"):
            apply("frames", np.ones(3), **wrong)
    with pytest.raises(GraphError, match=r"unknown setting\n.*mirror"):
        apply("frames", np.ones(3), size=2, hop=1, outside="mirror")
    with pytest.raises(GraphError, match="no time axis"):
        apply("frames", np.ones(()), size=2, hop=1)
    with pytest.raises(GraphError, match="absurd"):
        apply("frames", np.ones(3), size=1 << 28, hop=1e-6)


def test_streaming(streams):
    whole = {"before": 0, "counted": "whole"}
    assert streams("frames", 1, size=7, hop=3.0, before=6) == Step(0, extent=7, hop=3, before=6, attrs=whole)
    assert streams("frames", 2, size=7, hop=2, counted="whole") == Step(0, extent=7, hop=2, attrs=whole)
    assert "know where the sequence ends" in streams("frames", 1, size=7, hop=3, before=3)
    assert "not a whole number" in streams("frames", 1, size=7, hop=3.5, before=6)
    assert "comes later" in streams("frames", 1, size=7, hop=3, before=6, outside="edge")
    assert "comes later" in streams("frames", 1, size=7, hop=3, before=-1, counted="whole")
    assert "not the first" in streams("frames", 2, size=7, hop=3, times=(1,))


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(0, 40), min_size=1, max_size=8), st.integers(1, 9), st.integers(1, 12))
def test_blocks_give_what_the_whole_gives(blocks, size, hop):
    """A frame that ends with its sample is there as soon as the sample is, whatever the blocks."""
    node = Node("f", "frames", ("x",), ("y",), {"size": size, "hop": float(hop), "before": size - 1})
    graph = Graph("g", (TensorSpec("x", (Axis("sample", None, 0),)),), ("y",), (node,), {})
    x = np.random.default_rng(size).standard_normal(sum(blocks)).astype(np.float32)
    made, at, parts = stream(graph), 0, []
    for n in blocks:
        parts.append(made.push(x[at : at + n])["y"])
        at += n
    np.testing.assert_array_equal(np.concatenate(parts), run(graph, x)["y"])
