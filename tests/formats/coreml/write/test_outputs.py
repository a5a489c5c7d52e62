"""Outputs that come straight from a cast: whole numbers stay so, truth values come as float32."""

from __future__ import annotations

import pytest

import modelparity as mp
from modelparity import Axis, Graph, Node, TensorSpec


@pytest.mark.parametrize(("to", "behind"), [("int32", False), ("int32", True), ("bool", True)])
def test_an_output_is_a_cast(to, behind, tmp_path):
    nodes = (Node("r", "relu", ("x",), ("r",)),) if behind else ()
    last = Node("y", "cast", ("r" if behind else "x",), ("y",), {"to": to})
    graph = Graph(
        "net",
        inputs=(TensorSpec("x", (Axis("time"), Axis("feature", 3)), "float32"),),
        outputs=("y",),
        nodes=(*nodes, last),
        constants={},
    )
    path = tmp_path / "net.mlpackage"
    mp.convert(graph, path)
    verdict = mp.check(graph, path)
    assert verdict.ok, repr(verdict)
