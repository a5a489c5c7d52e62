"""What a fault promises: made lazily, named, the same every time, and the graph that it is made to stays as it is."""

from __future__ import annotations

import ast
import time
from pathlib import Path

import numpy as np
import pytest

import modelparity as mp
from modelparity import Axis, Graph, Node, TensorSpec
from modelparity.errors import GraphError
from modelparity.verdict import faults as package
from modelparity.verdict.faults import everywhere, fault, faults, together

FIXTURES = Path(__file__).parents[3] / "fixtures"


def chain(*nodes: Node, constants=None, width=4, outputs=None) -> Graph:
    """A graph of these nodes over x (time, width)."""
    spec = TensorSpec("x", (Axis("time"), Axis("feature", width)))
    return Graph("chain", (spec,), outputs or (nodes[-1].outputs[0],), nodes, constants or {})


def test_ids_are_one_word_and_nobodys_else() -> None:
    ids = [one.id for one in faults()]
    assert len(ids) == len(set(ids))
    assert all(one == one.lower() and " " not in one for one in ids)
    for one in faults():
        for words in (one.text, one.happens, one.repair, one.where):
            assert words.strip(), one.id


def test_a_fault_is_found_by_its_id() -> None:
    assert fault("gru-gates-swapped").id == "gru-gates-swapped"
    with pytest.raises(GraphError, match="gru-gates-swapped"):
        fault("gru-gate-swapped")


def test_an_application_names_its_nodes_and_leaves_the_graph_alone() -> None:
    graph = mp.load(FIXTURES / "bgru.pkl")
    before, arrays = graph.hash, {name: a.copy() for name, a in graph.constants.items()}
    first = next(fault("gru-gates-swapped").applications(graph))
    assert (first.nodes, first.variant) == (("layer0_gru",), "r and z")
    assert first.text == "gates r and z of 'layer0_gru' are swapped"
    changed = first.changed()
    assert graph.hash == before
    assert changed.hash != before
    assert all(np.array_equal(graph.constants[name], a) for name, a in arrays.items())
    assert np.shares_memory(changed.constants["layer1_gru.weight"], graph.constants["layer1_gru.weight"])
    assert changed.hash == first.changed().hash


def test_a_weight_that_two_layers_share_changes_in_one() -> None:
    w = np.arange(16, dtype=np.float32).reshape(4, 4)
    b = np.float32([1, 2, 3, 4])
    graph = chain(
        Node("one", "rnn", ("x", "w", "r", "b"), ("y",)),
        Node("two", "rnn", ("y", "w", "r", "b"), ("z",)),
        constants={"w": w[None] / 16, "r": w[None] / 32, "b": b[None]},
    )
    x = np.random.default_rng(1).standard_normal((5, 4))
    sound = mp.run(graph, x, taps=True)
    made = [one for one in fault("recurrent-activation").applications(graph) if one.variant.endswith("relu")]
    assert [one.nodes for one in made] == [("one",), ("two",)]
    wrong = mp.run(made[1].changed(), x, taps=True)
    np.testing.assert_array_equal(wrong["y"], sound["y"])
    assert np.abs(wrong["z"] - sound["z"]).max() > 0.01
    both = mp.run(everywhere(made).changed(), x, taps=True)
    assert np.abs(both["y"] - sound["y"]).max() > 0.01


def test_a_bias_that_is_a_sum_of_two_is_changed_as_one() -> None:
    """ONNX's LSTM has two, which its reader adds."""
    rng = np.random.default_rng(2)
    shapes = {"w": (1, 4, 9), "r": (1, 3, 9), "b1": (1, 9), "b2": (1, 9)}
    constants = {name: rng.standard_normal(shape).astype(np.float32) for name, shape in shapes.items()}
    graph = chain(
        Node("sum", "add", ("b1", "b2"), ("b",)),
        Node("g", "gru", ("x", "w", "r", "b"), ("y", "h")),
        constants=constants,
        outputs=("y",),
    )
    made = next(one for one in fault("gru-gates-swapped").applications(graph))
    other = {name: a[..., [3, 4, 5, 0, 1, 2, 6, 7, 8]] for name, a in constants.items()}
    x = rng.standard_normal((6, 4))
    expected = mp.run(graph.changed(constants=other), x)["y"]
    np.testing.assert_allclose(mp.run(made.changed(), x)["y"], expected, atol=1e-6)


def test_the_same_everywhere_and_two_at_once() -> None:
    graph = mp.load(FIXTURES / "blstm.pkl")
    found = fault("lstm-gates-permuted")
    alike = [one for one in found.everywhere(graph) if one.variant == "f and i"]
    assert [one.nodes for one in alike] == [("layer0_lstm", "layer1_lstm")]
    assert "1 others" not in alike[0].text
    one = next(found.applications(graph))
    two = next(fault("activation-dropped").applications(graph))
    both = together([one, two])
    assert (both.fault, both.nodes) == (
        "lstm-gates-permuted + activation-dropped",
        ("layer0_lstm", "layer2_softmax"),
    )
    x = np.random.default_rng(0).standard_normal((7, 5))
    made = fault("activation-dropped").applications(one.changed())
    np.testing.assert_array_equal(mp.run(both.changed(), x)["y"], mp.run(next(made).changed(), x)["y"])


def test_two_faults_of_one_node_are_made_one_after_the_other() -> None:
    graph = mp.load(FIXTURES / "bgru.pkl")
    one = next(fault("gru-gates-swapped").applications(graph))
    two = next(fault("gru-update-complemented").applications(graph))
    changed = together([one, two]).changed()
    assert changed.nodes[0].attrs["update"] == "keeps"
    assert not np.array_equal(changed.constants["layer0_gru.weight"], graph.constants["layer0_gru.weight"])


def test_several_faults_are_not_one_everywhere() -> None:
    graph = mp.load(FIXTURES / "bgru.pkl")
    different = [next(fault(id).applications(graph)) for id in ("gru-gates-swapped", "activation-dropped")]
    with pytest.raises(GraphError, match="one kind"):
        everywhere(different)


def test_a_graph_of_a_thousand_nodes_is_gone_through_quickly() -> None:
    """Nothing is made before it is asked for."""
    rng, nodes, constants = np.random.default_rng(0), [], {}
    for k in range(500):
        constants[f"w{k}"] = rng.standard_normal((4, 4)).astype(np.float32)
        nodes += [
            Node(f"d{k}", "dense", (f"t{k}" if k else "x", f"w{k}"), (f"u{k}",)),
            Node(f"a{k}", "tanh", (f"u{k}",), (f"t{k + 1}",)),
        ]
    graph = chain(*nodes, constants=constants)
    start = time.process_time()
    count = sum(1 for one in faults() for _ in one.applications(graph))
    taken = time.process_time() - start
    assert count > 5000
    assert taken < 1e-3 * count, f"{taken:.1f} s for {count} applications"


def test_faults_know_nothing_of_the_judge() -> None:
    for path in Path(package.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and node.level:
                depth = len(path.relative_to(Path(package.__file__).parent).parts)
                outside = node.level - depth
                assert outside != 1, f"{path.name} imports {node.module} of verdict"


@pytest.mark.parametrize(("shut", "open"), [(True, False), (False, True), (-1e9, 0.0)])
def test_a_constant_causal_mask_is_moved_by_one(shut, open) -> None:
    """Exporters fold a mask: its meaning stays, its diagonal lies one further or one nearer."""
    causal = np.tri(4, dtype=bool)
    scores = TensorSpec("x", (Axis("row", 4), Axis("column", 4)))
    mask = np.where(causal, open, shut)
    if mask.dtype == bool:
        node = Node("m", "select", ("mask", "low", "x") if shut else ("mask", "x", "low"), ("y",))
    else:
        node = Node("m", "add", ("x", "mask"), ("y",))
    graph = Graph("mask", (scores,), ("y",), (node,), {"mask": mask, "low": np.float32(-1e9)})
    for made in fault("causal-wrong").applications(graph):
        seen = mp.run(made.changed(), np.zeros((4, 4)))["y"] > -1
        np.testing.assert_array_equal(seen, np.tri(4, k=int(made.variant), dtype=bool))
    assert [made.variant for made in fault("causal-wrong").applications(graph)] == ["+1", "-1"]
