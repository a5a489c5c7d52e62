from __future__ import annotations

import numpy as np
import pytest

from modelparity import Axis, Graph, Node, TensorSpec
from modelparity.errors import GraphError
from modelparity.graph import Source

X = TensorSpec("x", (Axis("time"), Axis("feature", 3)))


def graph(**changes):
    fields = {
        "name": "tiny",
        "inputs": (X,),
        "outputs": ("y",),
        "nodes": (Node("d", "dense", ("x", "W"), ("z",), {}, "layers[0]"), Node("a", "relu", ("z",), ("y",))),
        "constants": {"W": np.ones((3, 2), np.float32)},
    }
    return Graph(**{**fields, **changes})


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"nodes": (Node("d", "dense", ("x", "V"), ("y",)),)}, "reads 'V', which nothing before it defines"),
        ({"nodes": (Node("a", "relu", ("z",), ("y",)), Node("d", "dense", ("x", "W"), ("z",)))}, "reads 'z'"),
        ({"nodes": (Node("a", "relu", ("y",), ("y",)),)}, "reads 'y'"),
        ({"nodes": (Node("a", "relu", ("x",), ("x",)),)}, "'x' is defined twice"),
        ({"outputs": ("y", "w")}, "output 'w' is defined by no node"),
        ({"constants": {"W": np.ones(1), "x": np.ones(1)}}, "share a name"),
        ({"inputs": (X, X)}, "share a name"),
    ],
    ids=["unknown", "order", "cycle", "twice", "output", "constant and input", "two inputs"],
)
def test_a_graph_that_cannot_run_cannot_be_built(changes, said):
    with pytest.raises(GraphError, match=said):
        graph(**changes)


def test_an_error_names_where_in_the_artefact():
    with pytest.raises(GraphError, match=r"^layers\[7\]: node 'd'"):
        graph(nodes=(Node("d", "dense", ("nothing",), ("y",), {}, "layers[7]"),))


def test_an_input_can_be_left_out_by_an_empty_name():
    made = graph(nodes=(Node("d", "dense", ("x", "W", ""), ("y",)),))
    assert made.nodes[0].inputs[2] == ""


def test_nothing_in_a_graph_can_be_changed():
    made, weight = graph(), np.ones((3, 2))
    for change in (
        lambda: setattr(made, "name", "other"),
        lambda: made.constants["W"].__setitem__(0, 2),
        lambda: made.constants.__setitem__("W", weight),
        lambda: made.nodes[0].attrs.__setitem__("axis", 1),
    ):
        with pytest.raises((AttributeError, TypeError, ValueError)):
            change()
    graph(constants={"W": weight})
    weight[0] = 5  # the caller's own array stays the caller's


def test_changed_gives_a_copy():
    made = graph()
    other = made.changed(name="other")
    assert (made.name, other.name) == ("tiny", "other")
    assert other.nodes == made.nodes


def test_hash_is_of_what_is_computed_and_of_nothing_else():
    made = graph()
    assert made.hash == graph().hash
    assert len(made.hash) == 64
    relabelled = made.changed(
        name="b",
        source=Source("madmom", "p", "0" * 64),
        nodes=tuple(Node("n" + n.name, n.op, n.inputs, n.outputs, n.attrs, "elsewhere") for n in made.nodes),
    )
    assert relabelled.hash == made.hash
    one_bit = np.ones((3, 2), np.float32)
    one_bit[2, 1] = np.nextafter(np.float32(1), np.float32(2))
    different = [
        made.changed(constants={"W": one_bit}),
        made.changed(constants={"W": np.ones((3, 2))}),
        made.changed(constants={"W": np.ones((2, 3), np.float32)}),
        made.changed(native="float16"),
        made.changed(nodes=(made.nodes[0], Node("a", "tanh", ("z",), ("y",)))),
        made.changed(nodes=(made.nodes[0], Node("a", "relu", ("z",), ("y",), {"axis": 1}))),
        made.changed(inputs=(TensorSpec("x", (Axis("time"), Axis("feature", 3)), "float64"),)),
        made.changed(outputs=("z",)),
    ]
    assert len({made.hash, *(g.hash for g in different)}) == len(different) + 1


def test_hash_of_attributes_that_are_arrays_mappings_and_graphs():
    def having(value):
        return graph(nodes=(graph().nodes[0], Node("a", "relu", ("z",), ("y",), {"v": value}))).hash

    big = np.zeros(5000)
    other = big.copy()
    other[2500] = 1  # beyond what repr shows
    assert having(big) == having(big.copy())
    assert having(big) != having(other)
    assert having({"a": 1, "b": 2}) == having({"b": 2, "a": 1})
    assert having(graph()) == having(graph(name="again"))


def test_parameters_are_the_elements_of_floating_constants():
    made = graph(constants={"W": np.ones((3, 2), np.float32), "i": np.arange(7), "h": np.ones(4, np.float16)})
    assert made.parameters == 10


def test_it_says_in_one_line_what_it_is():
    assert repr(graph()) == "<Graph tiny: x (time, feature=3) float32 -> y; 2 nodes, 6 parameters>"
    assert X.shape == ("time", 3)


def test_a_notebook_shows_the_escaped_summary():
    shown = graph(name="<b>")._repr_html_()
    assert "&lt;b&gt;" in shown
    assert "<b>" not in shown
    assert "relu" in shown
