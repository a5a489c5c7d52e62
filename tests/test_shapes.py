from __future__ import annotations

import numpy as np
import pytest

from modelparity import Axis, Graph, Node, TensorSpec
from modelparity.errors import GraphError
from modelparity.shapes import along, free_axes, shapes, two_lengths


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
        "g", (TensorSpec("x", (Axis("time", None, 8),)),), ("y",),
        (Node("a", "relu", ("x",), ("y",)),), {},
    )  # fmt: skip
    small, few, large, many = two_lengths(fixed, "time")
    assert small >= 8
    assert (few["y"], many["y"]) == ((small,), (large,))


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
