"""Weights fall apart where the operators that read them say so."""

from __future__ import annotations

import numpy as np

from modelparity import Axis, Graph, Node, TensorSpec
from modelparity.conversion.sources import sources

HIDDEN, WIDE = 2, 3


def net(op, inputs, attrs=None, **constants):
    spec = TensorSpec("x", (Axis("time"), Axis("batch", 1), Axis("in", WIDE)))
    arrays = {
        name: np.arange(np.prod(shape), dtype=np.float32).reshape(shape) for name, shape in constants.items()
    }
    node = Node("n", op, tuple(inputs.split()), ("y",), attrs or {})
    return Graph("net", (spec,), ("y",), (node,), {**arrays, "lengths": np.array([4])})


LSTM = {"w": (1, WIDE, 4 * HIDDEN), "r": (1, HIDDEN, 4 * HIDDEN), "b": (1, 4 * HIDDEN)}


def test_gates_lie_side_by_side():
    found = sources(net("lstm", "x w r b", **LSTM))
    assert [block.shape for block in found["w"].blocks()] == [(1, WIDE, HIDDEN)] * 4
    assert found["w"].partners == []


def test_those_of_a_layer_that_another_operator_runs_too():
    attrs = {"of": "lstm", "rows": (), "given": {}}
    assert sources(net("by_length", "x lengths w r b", attrs, **LSTM))["r"].cuts == {0: 0, -1: 4}


def test_those_of_a_projected_layer_too():
    shapes = {"w": (1, WIDE, 4 * HIDDEN), "r": (1, 1, 4 * HIDDEN), "p": (1, HIDDEN, 1)}
    found = sources(net("projected_lstm", "x w r p", **shapes))
    assert found["w"].cuts == {0: 0, -1: 4}
    assert found["p"].cuts == {0: 0}


def test_projections_of_attention_lie_side_by_side():
    shapes = {"w": (WIDE, 3 * WIDE), "b": (3 * WIDE,), "o": (WIDE, WIDE)}
    found = sources(net("multi_head_attention", "x x x w b o", {"heads": 1}, **shapes))
    assert [len(found[name].blocks()) for name in ("w", "b", "o")] == [3, 3, 1]
