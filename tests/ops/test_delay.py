"""delay by definition, and in blocks."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from modelparity import Axis, Graph, Node, TensorSpec, run, stream
from modelparity.engine.operator import Step
from modelparity.errors import GraphError


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 9), st.integers(0, 12), st.sampled_from([0.0, 0.1, -np.inf]))
def test_agrees_with_an_element_at_a_time(apply, time, by, fill):
    x = np.random.default_rng(time).standard_normal((time, 2))
    want = np.array([x[t - by] if t >= by else np.full(2, fill) for t in range(time)]).reshape(time, 2)
    np.testing.assert_array_equal(apply("delay", x, by=by, fill=fill), want)
    ahead = np.concatenate((np.full((by, 2), fill), x))
    np.testing.assert_array_equal(apply("delay", ahead, by=by, fill=fill, shortened=True), want)


def test_what_is_filled_in_is_stored_as_a_weight(apply):
    assert apply("delay", np.ones((2, 1), np.float32), by=1, fill=0.1, ar="float16")[0, 0] == np.float16(0.1)
    assert apply("delay", np.ones((2, 1), np.int32), by=1, fill=7).tolist() == [[7], [1]]


def test_lanes(lanewise):
    lanewise("delay", np.random.default_rng(0).standard_normal((3, 8, 2)), by=3)


def test_refuses(apply):
    with pytest.raises(GraphError, match=r"no such delay\n.*by -1"):
        apply("delay", np.ones(3), by=-1)


def test_streaming(streams):
    assert streams("delay", 2, by=3, fill=2.0) == Step(
        0, extent=4, before=3, fill=2.0, attrs={"shortened": True}
    )
    assert streams("delay", 2, by=3, times=(1,)) == Step(1)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(0, 5), min_size=1, max_size=6), st.integers(0, 4))
def test_blocks_give_what_the_whole_gives(blocks, by):
    nodes = (
        Node("d", "delay", ("x",), ("past",), {"by": by, "fill": np.inf}),
        Node("s", "sub", ("x", "past"), ("signed",)),
        Node("r", "relu", ("signed",), ("y",)),
    )
    spec = TensorSpec("x", (Axis("frame", None, 0), Axis("band", 2)))
    graph = Graph("g", (spec,), ("y",), nodes, {})
    x = np.random.default_rng(by).standard_normal((sum(blocks), 2)).astype(np.float32)
    made, at, parts = stream(graph), 0, []
    for n in blocks:
        parts.append(made.push(x[at : at + n])["y"])
        at += n
    whole = run(graph, x)["y"]
    np.testing.assert_array_equal(np.concatenate(parts), whole)
    assert not whole[:by].any()  # nothing rises above infinity
