"""Loops over graphs: Newton's root by hand, lanes that end at different turns, an endless one."""

from __future__ import annotations

import numpy as np
import pytest

import modelparity as mp
from modelparity.engine.arithmetic import arithmetic
from modelparity.engine.perturbed import Perturbed
from modelparity.engine.program import Program
from modelparity.engine.run import run_lanes
from modelparity.errors import GraphError

SCALAR = ()


def graph_of(name, inputs, outputs, nodes, constants=None):
    specs = tuple(mp.TensorSpec(i, SCALAR) for i in inputs)
    return mp.Graph(name, specs, outputs, nodes, constants or {})


def halving(most=100):
    """x is halved for as long as it is greater than the limit; the count of turns comes too."""
    condition = graph_of(
        "condition", ("x", "n", "limit"), ("more",), (mp.Node("c", "greater", ("x", "limit"), ("more",)),)
    )
    body = graph_of(
        "body",
        ("x", "n", "limit"),
        ("x2", "n2"),
        (mp.Node("h", "mul", ("x", "half"), ("x2",)), mp.Node("i", "add", ("n", "one"), ("n2",))),
        {"half": np.float64(0.5), "one": np.float64(1)},
    )
    loop = mp.Node(
        "loop",
        "while_loop",
        ("x", "zero", "limit"),
        ("y", "turns"),
        {"condition": condition, "body": body, "carried": 2, "most": most},
    )
    return graph_of(
        "halving", ("x",), ("y", "turns"), (loop,), {"zero": np.float64(0), "limit": np.float64(1)}
    )


@pytest.mark.parametrize(("x", "y", "turns"), [(8.0, 1.0, 3), (0.5, 0.5, 0), (3.0, 0.75, 2)])
def test_turns_until_the_condition_fails(x, y, turns):
    result = mp.run(halving(), np.array(x))
    assert result["y"] == y
    assert result["turns"] == turns


def test_lanes_may_end_at_different_turns():
    program = Program([halving()], arithmetic("float64"))
    result = program({"x": np.array([8.0, 0.5, 3.0])})
    assert result["y"].tolist() == [1.0, 0.5, 0.75]
    assert result["turns"].tolist() == [3, 0, 2]


def test_an_endless_loop_is_an_error():
    with pytest.raises(GraphError, match="has not ended after 2 turns"):
        mp.run(halving(most=2), np.array(1e9))


def test_perturbed_lanes_run_inside():
    runs = run_lanes(halving(), {"x": np.array(8.0)}, Perturbed("float32", lanes=4))
    assert runs["y"].shape == (4,)
    assert np.allclose(runs["y"] * 2.0 ** (runs["turns"] - 3), 1.0, rtol=1e-5)
    assert len(set(runs["y"].tolist())) > 1
