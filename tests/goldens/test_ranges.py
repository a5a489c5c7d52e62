"""Ranges of outputs are told where they follow from the graph, and only there."""

from __future__ import annotations

import numpy as np
import pytest

from modelparity import Axis, Graph, Node, TensorSpec, run
from modelparity.goldens.ranges import ranges


def net(*nodes: Node, outputs: tuple[str, ...] = ("y",)) -> Graph:
    return Graph("net", (TensorSpec("x", (Axis("time"), Axis("feature", 3))),), outputs, nodes, {})


BOUNDED = {
    "sigmoid": (0.0, 1.0),
    "hard_sigmoid": (0.0, 1.0),
    "softmax": (0.0, 1.0),
    "tanh": (-1.0, 1.0),
    "softsign": (-1.0, 1.0),
    "erf": (-1.0, 1.0),
    "sin": (-1.0, 1.0),
    "cos": (-1.0, 1.0),
}


@pytest.mark.parametrize("op", sorted(BOUNDED))
def test_what_is_said_to_be_bounded_is(op: str) -> None:
    graph = net(Node("n", op, ("x",), ("y",)))
    x = np.concatenate([np.linspace(-40, 40, 300), [-1e30, 0.0, 1e30]]).reshape(-1, 3).astype(np.float32)
    y = run(graph, x)["y"]
    bounds = ranges(graph)["y"]
    assert (bounds["low"], bounds["high"]) == BOUNDED[op]
    assert bounds["low"] <= y.min()
    assert y.max() <= bounds["high"]
    assert y.max() - y.min() > 0.5 * (bounds["high"] - bounds["low"]), "the bounds are far too wide"


@pytest.mark.parametrize("axis", [-1, 1, 0])
def test_a_softmax_sums_to_one(axis: int) -> None:
    graph = net(Node("n", "softmax", ("x",), ("z",), {"axis": axis}), Node("i", "identity", ("z",), ("y",)))
    found = ranges(graph)["y"]["sum"]["axis"]
    y = run(graph, np.ones((4, 3), np.float32))["y"]
    np.testing.assert_allclose(y.sum(axis=found), 1)


def test_what_moves_values_keeps_their_range_but_not_the_axis_of_a_sum() -> None:
    graph = net(
        Node("n", "softmax", ("x",), ("z",), {"axis": -1}),
        Node("t", "transpose", ("z",), ("y",), {"axes": (1, 0)}),
    )
    assert ranges(graph) == {"y": {"low": 0.0, "high": 1.0}}


def test_nothing_is_said_where_nothing_follows() -> None:
    graph = net(
        Node("n", "sigmoid", ("x",), ("s",)),
        Node("a", "add", ("s", "s"), ("y",)),
        Node("r", "relu", ("x",), ("r",)),
        outputs=("y", "s", "r"),
    )
    assert ranges(graph) == {"s": {"low": 0.0, "high": 1.0}}
    assert ranges(net(outputs=("x",))) == {}
