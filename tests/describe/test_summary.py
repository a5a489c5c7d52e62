from __future__ import annotations

import tracemalloc

import numpy as np

from modelparity import Axis, Graph, Node, TensorSpec
from modelparity.describe.summary import summary
from modelparity.graph import Source


def graph(**changes):
    fields = {
        "name": "beats",
        "inputs": (TensorSpec("x", (Axis("time", None, 3), Axis("feature", 5))),),
        "outputs": ("y",),
        "nodes": (
            Node(
                "rec",
                "lstm",
                ("x", "W", "R", "b"),
                ("h", "hn", "cn"),
                {"direction": "bidirectional"},
                "layers[0]",
            ),
            Node("win", "windows", ("h",), ("w",), {"size": 3}, "layers[1]"),
            Node("out", "dense", ("w", "V"), ("y",), {}, "layers[2]"),
        ),
        "constants": {
            "W": np.ones((2, 5, 12)),
            "R": np.ones((2, 3, 12)),
            "b": np.ones((2, 12)),
            "V": np.ones((18, 1)),
        },
        "source": Source("madmom", "models/beats.pkl", "0123456789abcdef" * 4),
    }
    return Graph(**{**fields, **changes})


def rows(text):
    lines = text.splitlines()
    start = next(i for i, line in enumerate(lines) if line.startswith("---"))
    return [line.split() for line in lines[start + 1 : lines.index("", start)]]


def test_head_names_source_hash_inputs_and_outputs():
    text = summary(graph())
    assert text.splitlines()[0] == "beats"
    assert "madmom models/beats.pkl sha256:0123456789ab" in text
    assert f"sha256:{graph().hash[:12]}" in text
    assert "input    x (time, feature=5) float32" in text
    assert "output   y (time-2, 1)" in text


def test_a_node_a_line_with_shape_parameters_attributes_and_origin():
    rec, win, out = rows(summary(graph()))
    assert rec == ["rec", "lstm", "(time,", "6)", "216", "direction=bidirectional", "layers[0]"]
    assert win == ["win", "windows", "(time-2,", "18)", "-", "size=3", "layers[1]"]
    assert out == ["out", "dense", "(time-2,", "1)", "18", "-", "layers[2]"]


def test_totals_agree_with_the_column():
    text = summary(graph())
    assert "3 nodes, 234 parameters in 4 arrays" in text
    assert sum(int(row[-3]) for row in rows(text) if row[-3] != "-") == graph().parameters


def test_a_shared_array_is_counted_once_and_said():
    node = Node("again", "dense", ("w", "V"), ("z",))
    text = summary(graph(nodes=(*graph().nodes, node), outputs=("y", "z")))
    assert "234 parameters in 4 arrays, 1 of the arrays read more than once" in text


def test_unused_arrays_come_with_their_reason():
    text = summary(
        graph(constants={**graph().constants, "spare": np.ones(2)}, unused={"cell_init": "all zeros"})
    )
    assert "unused arrays:\n  cell_init: all zeros\n  spare: no node reads it" in text
    assert "unused" not in summary(graph())


def test_many_unused_arrays_of_one_reason_take_one_line():
    text = summary(graph(unused={f"gate{i}": "scratch" for i in range(9)}))
    assert text.endswith("unused arrays:\n  gate0, gate1 and 7 more: scratch")


def test_several_free_axes_are_all_named():
    spec = TensorSpec("x", (Axis("time"), Axis("batch"), Axis("feature", 5)))
    made = graph(
        inputs=(spec,), nodes=(Node("out", "dense", ("x", "V"), ("y",)),), constants={"V": np.ones((5, 2))}
    )
    assert "output   y (time, batch, 2)" in summary(made)


def test_a_graph_of_fixed_size_shows_numbers():
    spec = TensorSpec("x", (Axis("time", 4), Axis("feature", 5)))
    made = graph(
        inputs=(spec,), nodes=(Node("out", "dense", ("x", "V"), ("y",)),), constants={"V": np.ones((5, 2))}
    )
    assert "output   y (4, 2)" in summary(made)


def test_a_graph_that_does_not_run_is_still_shown_and_says_why():
    text = summary(graph(constants={**graph().constants, "V": np.ones((17, 1))}))
    assert [row[2] for row in rows(text)] == ["?", "?", "?"]
    assert "shapes are unknown: dense 'out' cannot run: input width differs from weight rows" in text
    unknown = graph(nodes=(*graph().nodes, Node("odd", "swoosh", ("y",), ("z",))))
    assert "shapes are unknown: unknown operator 'swoosh'" in summary(unknown)


def test_long_and_large_attributes_are_cut():
    node = Node("a", "relu", ("y",), ("z",), {"table": np.zeros((90, 90)), "note": "n" * 500})
    text = summary(graph(nodes=(*graph().nodes, node)))
    assert "table=array (90, 90)" in text
    assert max(map(len, text.splitlines())) < 250


def test_no_source_is_no_line():
    assert "source" not in summary(graph(source=None))


def test_no_array_is_made_that_a_small_file_does_not_warrant():
    """Two layers of few weights over a large image of fixed size: what a run holds is gigabytes."""
    rng = np.random.default_rng(0)
    settings = {"strides": (1, 1), "padding": ((0, 0), (0, 0)), "dilations": (1, 1), "groups": 1}
    axes = (Axis("height", 1500), Axis("width", 1500), Axis("channel", 1))
    nodes = (
        Node("small", "conv", ("x", "W"), ("a",), settings),
        Node("wide", "conv", ("a", "V"), ("y",), settings),
    )
    held = {
        "W": rng.standard_normal((1, 1, 1, 2)).astype("f4"),
        "V": rng.standard_normal((1, 1, 2, 2000)).astype("f4"),
    }
    graph = Graph("wide", (TensorSpec("x", axes),), ("y",), nodes, held)
    tracemalloc.start()
    try:
        text = summary(graph)
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert most < 200e6
    assert "(1500, 1500, 2)" in text
    assert "shapes marked ? are unknown" in text
