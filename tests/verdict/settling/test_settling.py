"""What a file leaves open is settled by its source: the slip is named, or the file is cleared."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import modelparity as mp
from modelparity import Axis, Graph, Node, TensorSpec
from modelparity.formats.rtneural import examine
from modelparity.verdict.settling import settle

FIXTURES = Path(__file__).parents[3] / "fixtures" / "rtneural"


def spoiled(name, slip, tmp_path):
    """A fixture with a slip, as exporters make them."""
    made = json.loads((FIXTURES / f"{name}.json").read_text())
    slip(made["layers"])
    path = tmp_path / f"{name}.json"
    path.write_text(json.dumps(made))
    return path


def settled(path, source):
    return {one.kind: one for one in settle(examine(path), mp.load(path), source)}


def turned(layers, *places):
    for place in places:
        layers[place]["weights"][0] = np.array(layers[place]["weights"][0]).T.tolist()


def swapped(layers, place):
    """PyTorch's r, z, n written as they stand."""
    for index, block in enumerate(layers[place]["weights"]):
        z, r, c = np.split(np.array(block), 3, axis=1)
        layers[place]["weights"][index] = np.hstack([r, z, c]).tolist()


def reversed_taps(layers, place):
    layers[place]["weights"][0] = layers[place]["weights"][0][::-1]


@pytest.mark.parametrize("name", ["mlp", "conv", "gru", "lstm", "image"])
def test_a_sound_file_is_cleared(name):
    path = FIXTURES / f"{name}.json"
    found = settled(path, mp.load(path))
    assert found["settled"].level == "note"
    assert not [one for one in found.values() if one.wrong or one.level == "undecidable"]


@pytest.mark.parametrize(
    ("name", "slip", "kind", "where"),
    [
        ("mlp", lambda ls: turned(ls, 2), "transposed", "$.layers[2].weights[0]"),
        ("gru", lambda ls: swapped(ls, 1), "gate-order", "$.layers[1].weights"),
        ("conv", lambda ls: reversed_taps(ls, 0), "kernel-order", "$.layers[0].weights[0]"),
    ],
)
def test_one_slip_is_named_with_its_place(name, slip, kind, where, tmp_path):
    path = spoiled(name, slip, tmp_path)
    found = settled(path, mp.load(FIXTURES / f"{name}.json"))[kind]
    assert (found.level, found.where) == ("silent", where)
    assert "times what rounding can explain" in found.what
    assert found.wrong


def test_all_slips_of_a_kind_together(tmp_path):
    path = spoiled("mlp", lambda ls: turned(ls, 1, 2, 4), tmp_path)
    findings = settle(examine(path), mp.load(path), mp.load(FIXTURES / "mlp.json"))
    wrong = [one for one in findings if one.wrong]
    assert {(one.kind, one.where) for one in wrong} >= {
        ("transposed", f"$.layers[{place}].weights[0]") for place in (1, 2, 4)
    }


def test_a_bias_that_is_one_of_two(tmp_path):
    """The source has the sum of both; the file has the first."""
    path = spoiled("lstm", lambda ls: ls[0]["weights"].__setitem__(2, [0.25] * 16), tmp_path)
    found = settled(path, mp.load(FIXTURES / "lstm.json"))
    assert found["bias-sum"].level == "silent"
    assert "the sum of both biases" in found["bias-sum"].what


@pytest.mark.parametrize(("op", "attrs"), [("leaky_relu", {"slope": 0.1}), ("silu", {})])
def test_an_activation_that_got_lost(op, attrs, tmp_path):
    """What exporters write '' for."""
    rng = np.random.default_rng(3)
    w, v = (rng.standard_normal(s).astype(np.float32) for s in ((3, 5), (5, 2)))
    spec = TensorSpec("input", (Axis("time"), Axis("feature", 3)))
    nodes = (
        Node("a", "dense", ("input", "w"), ("t",)),
        Node("b", op, ("t",), ("u",), attrs),
        Node("c", "dense", ("u", "v"), ("out",)),
    )
    source = Graph("trained", (spec,), ("out",), nodes, {"w": w, "v": v})
    layers = [
        {"type": "dense", "activation": "", "shape": [None, None, m.shape[1]], "weights": [m.tolist()]}
        for m in (w, v)
    ]
    path = tmp_path / "exported.json"
    path.write_text(json.dumps({"in_shape": [None, None, 3], "layers": layers}))
    found = settled(path, source)["activation-lost"]
    assert found.level == "silent"
    said = " ".join([op, *(f"{value:g}" for value in attrs.values())])
    assert f"with {said} behind layer0" in found.what


def test_a_difference_that_nothing_explains_is_said(tmp_path):
    path = spoiled("gru", lambda ls: ls[2]["weights"].__setitem__(1, [5.0, 5.0]), tmp_path)
    found = settled(path, mp.load(FIXTURES / "gru.json"))
    assert found["differs-from-source"].wrong
    assert found["gate-order"].level == "undecidable"


def test_batches_of_the_source_are_run_one_by_one(tmp_path):
    """A source with a batch axis, and a file that knows none."""
    graph = mp.load(FIXTURES / "lstm.json")
    net = graph.nodes[0]
    spec = TensorSpec("x", (Axis("batch"), Axis("time"), Axis("feature", 3)))
    nodes = (
        Node("in", "transpose", ("x",), ("steps",), {"axes": (1, 0, 2)}),
        Node(net.name, "lstm", ("steps", *net.inputs[1:]), ("h",)),
        Node("d", "dense", ("h", *graph.nodes[1].inputs[1:]), ("e",)),
        Node("out", "transpose", ("e",), ("y",), {"axes": (1, 0, 2)}),
    )
    source = Graph("batched", (spec,), ("y",), nodes, graph.constants)
    assert "settled" in settled(FIXTURES / "lstm.json", source)


@pytest.mark.parametrize("lost", [False, True])
@pytest.mark.parametrize("order", ["bft", "bt"])
def test_the_bias_that_a_pytorch_exporter_forgets_is_named_by_its_onnx_source(lost, order, tmp_path):
    """Readers of ONNX make the sum of both biases a node; the layout of the source is found as `check` finds it."""
    from onnx import TensorProto, helper, numpy_helper

    rng = np.random.default_rng(1)
    w, r, b = (rng.normal(size=shape) * 0.4 for shape in ((32, 1), (32, 8), (2, 32)))
    k, d = rng.normal(size=(8, 1)), rng.normal(size=1)
    iofc = [0, 3, 1, 2]  # of i f g o

    def rows(array):
        return np.concatenate([np.split(array, 4)[place] for place in iofc])[None].astype(np.float32)

    tensors = {"W": rows(w), "R": rows(r), "B": np.concatenate([rows(b[0]), rows(b[1])], 1), "K": k, "D": d}
    first = {"bft": ("Transpose", ["x"], {"perm": [2, 0, 1]}), "bt": ("Reshape", ["x", "S"], {})}[order]
    tensors["S"] = np.array([-1, 1, 1])
    nodes = [
        helper.make_node(first[0], first[1], ["t"], **first[2]),
        helper.make_node("LSTM", ["t", "W", "R", "B"], ["h"], hidden_size=8),
        helper.make_node("MatMul", ["h", "K"], ["m"]),
        helper.make_node("Add", ["m", "D"], ["a"]),
        helper.make_node("Reshape", ["a", "E"], ["y"]),
    ]
    tensors["E"] = np.array([1, 1, -1] if order == "bft" else [1, -1])
    shape = [1, 1, "time"] if order == "bft" else [1, "time"]
    graph = helper.make_graph(
        nodes,
        "source",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, shape)],
        [
            numpy_helper.from_array(a.astype(np.float32) if a.dtype.kind == "f" else a, name)
            for name, a in tensors.items()
        ],
    )
    source = tmp_path / "source.onnx"
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 14)], ir_version=8)
    source.write_bytes(made.SerializeToString())
    bias = b[0] if lost else b.sum(axis=0)
    layers = [
        {
            "type": "lstm",
            "activation": "",
            "shape": [None, None, 8],
            "weights": [w.T.tolist(), r.T.tolist(), bias.tolist()],
        },
        {"type": "dense", "activation": "", "shape": [None, None, 1], "weights": [k.tolist(), d.tolist()]},
    ]
    path = tmp_path / "net.json"
    path.write_text(json.dumps({"in_shape": [None, None, 1], "layers": layers}))
    found = settled(path, mp.load(source))
    if lost:
        assert found["bias-sum"].level == "silent"
        assert "with the sum of both biases in layer0" in found["bias-sum"].what
    else:
        assert found["settled"].level == "note"
