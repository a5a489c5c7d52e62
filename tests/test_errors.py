"""Errors say what they know, and keep it where somebody says them again."""

from __future__ import annotations

import numpy as np
import pytest

import modelparity as mp
from modelparity.errors import ArtefactError, GraphError, NotCausalError


def test_an_error_said_again_keeps_what_is_not_changed():
    error = ArtefactError("no such file", where="a.pkl", found=1, expected=2, fix="look").changed(
        where="b.pkl"
    )
    assert type(error) is ArtefactError
    assert str(error) == "b.pkl: no such file\n  found:    1\n  expected: 2\n  next:     look"


def test_a_graphs_error_keeps_its_class_and_operator():
    error = NotCausalError("it needs all frames", operator="reverse").changed(where="net")
    assert (type(error), error.operator, error.where) == (NotCausalError, "reverse", "net")
    assert GraphError("no node gives it").operator is None


def graph(*nodes, source=None):
    spec = mp.TensorSpec("x", (mp.Axis("time"), mp.Axis("channels", 3)))
    constants = {"w": np.ones((4, 2), np.float32), "yes": np.array(True)}
    return mp.Graph("net", (spec,), ("y",), nodes, constants, source=source)


DENSE = mp.Node("d", "dense", ("x", "w"), ("y",))


def test_the_operator_that_refuses_is_named_beside_the_text():
    with pytest.raises(GraphError, match=r"^net: dense 'd' cannot run") as caught:
        mp.run(graph(DENSE), np.zeros((2, 3)))
    assert caught.value.operator == "dense"


def test_inside_control_flow_it_is_the_one_that_refused():
    inner = graph(DENSE)
    node = mp.Node("c", "cond", ("yes", "x"), ("y",), {"then": inner, "otherwise": inner})
    with pytest.raises(GraphError, match=r"cond 'c' cannot run: dense 'd' cannot run") as caught:
        mp.run(graph(node), np.zeros((2, 3)))
    assert caught.value.operator == "dense"


def test_a_graph_read_from_a_file_says_its_operator_too(tmp_path):
    from modelparity.graph import Source

    with pytest.raises(GraphError, match=r"net\.onnx, net: dense") as caught:
        mp.run(graph(DENSE, source=Source("onnx", "net.onnx", "")), np.zeros((2, 3)))
    assert caught.value.operator == "dense"
    assert "modelparity inspect net.onnx" in (caught.value.fix or "")
