"""Graphs joined by the names of what they give and take."""

from __future__ import annotations

import numpy as np
import pytest

from modelparity import Axis, Graph, Node, TensorSpec, run
from modelparity.errors import GraphError
from modelparity.graph import joined


def times(name: str, given: str, made: str, factor: float) -> Graph:
    """Given times a factor; all of them call their constant and their node alike."""
    spec = TensorSpec(given, (Axis("time"),))
    node = Node("node", "mul", (given, "factor"), (made,))
    return Graph(name, (spec,), (made,), (node,), {"factor": np.float32(factor)})


def both(name: str, one: str, other: str, made: str) -> Graph:
    specs = tuple(TensorSpec(given, (Axis("time"),)) for given in (one, other))
    nodes = (
        Node("difference", "sub", (one, other), ("inner",)),
        Node("again", "add", ("inner", other), (made,)),
    )
    return Graph(name, specs, (made,), nodes, {})


X = np.arange(4, dtype=np.float32)


def test_what_one_gives_the_next_one_takes() -> None:
    whole = joined([times("a", "x", "y", 2), times("b", "y", "z", 3)])
    assert ([spec.name for spec in whole.inputs], whole.outputs, whole.name) == (["x"], ("z",), "b")
    np.testing.assert_array_equal(run(whole, X)["z"], 6 * X)
    assert [node.name for node in whole.nodes] == ["a/node", "b/node"]
    assert set(whole.constants) == {"a/factor", "b/factor"}


def test_inputs_that_nobody_gives_are_shared() -> None:
    whole = joined(
        [times("a", "x", "y", 2), both("b", "x", "y", "z"), both("b", "z", "other", "w")], name="all"
    )
    assert [spec.name for spec in whole.inputs] == ["x", "other"]
    assert len({name for node in whole.nodes for name in node.outputs}) == 5
    np.testing.assert_array_equal(run(whole, {"x": X, "other": X})["w"], X)
    assert whole.name == "all"


def test_what_leads_to_no_output_is_left_out() -> None:
    parts = [times("a", "x", "y", 2), times("b", "v", "u", 3)]
    whole = joined(parts, outputs=("y",))
    assert (len(whole.nodes), [spec.name for spec in whole.inputs], set(whole.constants)) == (
        1,
        ["x"],
        {"a/factor"},
    )
    assert set(run(joined(parts, outputs=("y", "u")), {"x": X, "v": X})) == {"y", "u"}


def test_states_stay_as_far_as_they_are_asked_for() -> None:
    specs = (TensorSpec("y", (Axis("time"),)), TensorSpec("before", (Axis("time"),)))
    nodes = (Node("sum", "add", ("y", "before"), ("after",)), Node("same", "identity", ("after",), ("z",)))
    state = Graph("state", specs, ("z", "after"), nodes, {}, states={"before": "after"})
    first = times("a", "x", "y", 2)
    kept = joined([first, state])
    assert kept.states == {"before": "after"}
    forgotten = joined([first, state], outputs=("z",))
    assert (forgotten.states, forgotten.defaults) == ({}, {"before": 0.0})
    with pytest.raises(Exception, match="axis 'time'"):
        run(forgotten, {"x": X, "before": X[:2]})
    np.testing.assert_array_equal(run(forgotten, {"x": X, "before": X})["z"], 3 * X)


def test_refuses() -> None:
    with pytest.raises(GraphError, match="no graph to join"):
        joined([])
    with pytest.raises(GraphError, match="two graphs give 'y'"):
        joined([times("a", "x", "y", 2), times("b", "x", "y", 3)])
    with pytest.raises(GraphError, match=r"no graph gives 'w'\n"):
        joined([times("a", "x", "y", 2)], outputs=("w",))
    other = Graph("c", (TensorSpec("x", ()),), ("u",), (Node("n", "identity", ("x",), ("u",)),), {})
    with pytest.raises(GraphError, match="different shapes"):
        joined([times("a", "x", "y", 2), other])
