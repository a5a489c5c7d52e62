from __future__ import annotations

import numpy as np
import pytest

from modelparity import Axis, Graph, Node, TensorSpec
from modelparity.describe.shapes import along, free_axes, kinds, shapes, symbolic, two_lengths
from modelparity.errors import GraphError


def graph(least=1):
    spec = TensorSpec("x", (Axis("time", None, least), Axis("batch"), Axis("feature", 3)))
    return Graph("g", (spec,), ("y",), (Node("d", "dense", ("x", "W"), ("y",)),), {"W": np.ones((3, 2))})


def test_free_axes_take_the_largest_least_size():
    spec = TensorSpec("m", (Axis("time", None, 4),))
    made = graph().changed(inputs=(*graph(2).inputs, spec))
    assert free_axes(made) == {"time": 4, "batch": 1}


def test_shapes_are_of_every_tensor():
    assert shapes(graph(), {"time": 5, "batch": 7}) == {"W": (3, 2), "x": (5, 7, 3), "y": (5, 7, 2)}


def test_a_graph_that_runs_at_no_length_says_why():
    broken = graph().changed(constants={"W": np.ones((4, 2))})
    with pytest.raises(GraphError, match="dense 'd' cannot run"):
        two_lengths(broken, "time")


def test_short_graphs_are_tried_at_their_least_lengths():
    """A constant of 8 frames lets only 8 frames run, or 1: the last resort finds 1 and nothing longer."""
    fixed = Graph(
        "g",
        (TensorSpec("x", (Axis("time", None, 8),)),),
        ("y",),
        (Node("a", "relu", ("x",), ("y",)),),
        {},
    )
    small, few, large, many = two_lengths(fixed, "time")
    assert small >= 8
    assert (few["y"], many["y"]) == ((small,), (large,))


def pooled():
    """Two free axes, each shortened by a pool of its own, then both flattened into one; and an integer input."""
    image = TensorSpec("x", (Axis("time", None, 4), Axis("frequency", None, 3), Axis("channel", 2)))
    nodes = (
        Node("p", "max_pool", ("x",), ("pooled",), {"size": (2, 3), "strides": (2, 1)}),
        Node("r", "reshape", ("pooled",), ("y",), {"shape": (0, -1)}),
        Node("e", "embedding", ("i", "table"), ("z",)),
    )
    integers = TensorSpec("i", (Axis("token"),), "int64")
    return Graph("g", (image, integers), ("y", "z"), nodes, {"table": np.ones((5, 7), np.float32)})


def test_symbolic_shapes_follow_each_free_axis():
    assert symbolic(pooled()) == {
        "x": ("time", "frequency", 2),
        "i": ("token",),
        "table": (5, 7),
        "pooled": ("time//2", "frequency-2", 2),
        "y": ("time//2", "2*frequency-4"),
        "z": ("token", 7),
    }


def test_symbolic_shapes_without_free_axes_are_the_shapes():
    fixed = graph().changed(inputs=(TensorSpec("x", (Axis("a", 4), Axis("feature", 3))),))
    assert symbolic(fixed) == {"x": (4, 3), "W": (3, 2), "y": (4, 2)}


def test_kinds_are_those_of_the_elements():
    assert kinds(pooled()) == {"x": "f", "i": "i", "table": "f", "pooled": "f", "y": "f", "z": "f"}


@pytest.mark.parametrize(
    ("size_of", "text"),
    [
        (lambda t: t, "time"),
        (lambda t: t - 6, "time-6"),
        (lambda t: t + 2, "time+2"),
        (lambda t: t // 2, "time//2"),
        (lambda t: (t - 3) // 4 + 1, "time//4"),
        (lambda t: (t - 6) // 4 + 1, "time//4-1"),
        (lambda t: 3 * t, "3*time"),
        (lambda t: 7, "7"),
    ],
)
def test_sizes_read_as_formulas(size_of, text):
    assert along("time", 60, size_of(60), 120, size_of(120)) == text


def test_a_formula_that_would_be_wrong_is_marked_as_rough():
    assert along("time", 5, 2, 11, 5) == "~time//2"
