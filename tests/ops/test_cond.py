"""Branches: the one that is chosen runs, lanes may part, the predicate must be one boolean."""

from __future__ import annotations

import numpy as np
import pytest

import modelparity as mp
from modelparity.engine.arithmetic import arithmetic
from modelparity.engine.program import Program
from modelparity.errors import GraphError


def branching(op_then="neg", op_else="identity"):
    """-x where x is below zero, else x."""
    spec = (mp.TensorSpec("x", ()),)
    then = mp.Graph("then", spec, ("a",), (mp.Node("t", op_then, ("x",), ("a",)),), {})
    otherwise = mp.Graph("otherwise", spec, ("b",), (mp.Node("o", op_else, ("x",), ("b",)),), {})
    nodes = (
        mp.Node("test", "less", ("x", "zero"), ("below",)),
        mp.Node("choice", "cond", ("below", "x"), ("y",), {"then": then, "otherwise": otherwise}),
    )
    return mp.Graph("absolute", spec, ("y",), nodes, {"zero": np.float64(0)})


@pytest.mark.parametrize(("x", "y"), [(-2.0, 2.0), (3.0, 3.0), (0.0, 0.0)])
def test_chosen_branch(x, y):
    assert mp.run(branching(), np.array(x))["y"] == y


def test_lanes_may_part():
    result = Program([branching()], arithmetic("float64"))({"x": np.array([-2.0, 3.0])})
    assert result["y"].tolist() == [2.0, 3.0]


def test_the_other_branch_does_not_run():
    graph = branching(op_else="dense")  # which would refuse a scalar
    assert mp.run(graph, np.array(-1.0))["y"] == 1.0
    with pytest.raises(GraphError, match="dense 'o' cannot run"):
        mp.run(graph, np.array(1.0))


def test_predicate_must_be_one_boolean():
    kernel = mp.Node("c", "cond", ("x",), ("y",), dict(branching().nodes[1].attrs))
    graph = mp.Graph("g", (mp.TensorSpec("x", (mp.Axis("n"),)),), ("y",), (kernel,), {})
    with pytest.raises(GraphError, match="predicate is not one boolean"):
        mp.run(graph, np.ones(2))
