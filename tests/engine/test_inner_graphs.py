"""What stands inside nodes is looked through: operators that run others, graphs among attributes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from modelparity import Axis, Graph, Node, TensorSpec, run
from modelparity.engine.inner_graphs import every_node, graphs, resolved
from modelparity.errors import GraphError


def test_an_operator_that_runs_another_is_looked_through():
    rng = np.random.default_rng(0)
    arrays = {
        "w": rng.normal(size=(1, 3, 8)).astype(np.float32),
        "r": rng.normal(size=(1, 2, 8)).astype(np.float32),
        "n": np.array([5, 5]),
    }
    node = Node(
        "l",
        "by_length",
        ("x", "n", "w", "r"),
        ("y", "h", "c"),
        {"of": "lstm", "rows": (), "given": {"gate_activation": "hard_sigmoid"}},
    )
    graph = Graph(
        "g", (TensorSpec("x", (Axis("time"), Axis("batch", 2), Axis("in", 3))),), ("y",), (node,), arrays
    )
    plain = resolved(node)
    assert (plain.op, plain.inputs) == ("lstm", ("x", "w", "r"))
    x = rng.normal(size=(5, 2, 3))
    np.testing.assert_array_equal(run(graph, x)["y"], run(graph.changed(nodes=(plain,)), x)["y"])
    assert [one.op for one, _ in every_node(graph)] == ["lstm"]
    settled = Node(
        "m",
        "with_settings",
        ("x", "n"),
        ("y",),
        {"of": "reduce_max", "settings": (("axes", "some"),), "given": {}},
    )
    assert (resolved(settled).op, resolved(settled).inputs) == ("reduce_max", ("x",))
    assert resolved(replace(settled, attrs={})).op == "with_settings"  # which will be refused in the run


def test_graphs_inside_nodes_are_looked_through():
    inner = Graph(
        "i",
        (TensorSpec("a", (Axis("n"),)), TensorSpec("b", (Axis("m"),))),
        ("t",),
        (Node("t", "tanh", ("a",), ("t",)),),
        {},
    )
    outer = Node("c", "cond", ("p", "x", "k"), ("y",), {"then": inner, "otherwise": inner})
    graph = Graph(
        "g",
        (TensorSpec("p", (), "bool"), TensorSpec("x", (Axis("n"),))),
        ("y",),
        (outer,),
        {"k": np.ones(3, np.float32)},
    )
    assert graphs(outer) == [inner, inner]
    assert graphs(Node("o", "odd", (), (), {"parts": [inner, {"more": inner}]})) == [inner, inner]
    seen = list(every_node(graph))
    assert [node.op for node, _ in seen] == ["cond", "tanh", "tanh"]
    assert seen[1][1]["b"] is graph.constants["k"]


def test_a_refusal_inside_names_the_operator_that_refuses():
    window = Node("m", "max_pool", ("a",), ("t",), {"size": (3,)})
    body = Graph("i", (TensorSpec("a", (Axis("n"), Axis("c", 1))),), ("t",), (window,), {})
    outer = Node("c", "cond", ("p", "x"), ("y",), {"then": body, "otherwise": body})
    specs = (TensorSpec("p", (), "bool"), TensorSpec("x", (Axis("n"), Axis("c", 1))))
    graph = Graph("g", specs, ("y",), (outer,), {})
    with pytest.raises(GraphError) as caught:
        run(graph, {"p": np.array(True), "x": np.ones((2, 1), np.float32)})
    assert caught.value.operator == "max_pool"
    settled = Node(
        "m",
        "with_settings",
        ("x", "k"),
        ("y",),
        {"of": "cumsum", "settings": (("axis", "number"),), "given": {}},
    )
    graph = Graph("g", specs[1:], ("y",), (settled,), {"k": np.array(5)})
    with pytest.raises(GraphError) as caught:
        run(graph, {"x": np.ones((2, 1), np.float32)})
    assert caught.value.operator == "cumsum"
