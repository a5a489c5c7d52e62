"""Graphs written as ONNX: every operator against the engine, and what a file must be besides."""

from __future__ import annotations

import hashlib

import numpy as np
import onnx
import pytest

import modelparity as mp
from modelparity.engine.operator import names
from modelparity.errors import ConversionError
from modelparity.formats.onnx import write
from modelparity.formats.onnx.lowering import lowers
from modelparity.formats.onnx.model import model
from modelparity.graph import Source
from modelparity.runtimes.onnxruntime import OnnxRuntime

RUNTIME = OnnxRuntime(threads=1)


def chain(*nodes, axes=((None, "time"), (6, "feature")), constants=None, outputs=("y",), least=1):
    """A graph of nodes on one input x."""
    spec = mp.TensorSpec("x", tuple(mp.Axis(name, size, 1 if size else least) for size, name in axes))
    return mp.Graph("chain", (spec,), outputs, nodes, constants or {})


def weights(*shape, seed=1):
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


def test_every_operator(case, same):
    graph = case.graph()
    feeds = case.feeds(graph)
    same(graph, feeds, RUNTIME.run(model(graph), feeds))


@pytest.mark.parametrize("op", sorted(set(names()) - set(lowers.all())))
def test_what_has_no_form_in_onnx_is_refused_by_name(op):
    with pytest.raises(ConversionError, match=f"^part 3: ONNX has no form of {op} 'n'") as caught:
        lowers.of(mp.Node("n", op, ("x",), ("y",), origin="part 3"))
    assert "compare their file with this graph" in str(caught.value)


def test_only_operators_that_exist_are_written():
    assert set(lowers.all()) <= set(names())


def test_every_operator_that_is_written_has_a_case():
    from .written import CASES

    assert {case.op for case in CASES} == set(lowers.all())


def test_free_axes_stay_free():
    graph = chain(
        mp.Node("frames", "windows", ("x",), ("frames",), {"size": 3}),
        mp.Node("out", "dense", ("frames", "w"), ("y",)),
        constants={"w": weights(18, 2)},
        least=3,
    )
    proto = model(graph)
    assert [dim.dim_param or dim.dim_value for dim in proto.graph.input[0].type.tensor_type.shape.dim] == [
        "time",
        6,
    ]
    assert [dim.dim_param or dim.dim_value for dim in proto.graph.output[0].type.tensor_type.shape.dim] == [
        "time-2",
        2,
    ]
    for length in (3, 4, 50):
        x = weights(length, 6, seed=length)
        np.testing.assert_allclose(RUNTIME.run(proto, {"x": x})["y"], mp.run(graph, x)["y"], atol=1e-5)


def test_a_convolutional_chain_is_transposed_once_each_way():
    graph = chain(
        mp.Node("conv1", "conv", ("x", "w1"), ("a",), {"flip": True}),
        mp.Node("norm", "normalize", ("a", "mean", "inv_std", "gamma", "beta"), ("b",)),
        mp.Node("act", "elu", ("b",), ("c",)),
        mp.Node("pool", "max_pool", ("c",), ("d",), {"size": (1, 2)}),
        mp.Node("pad", "pad", ("d",), ("e",), {"before": (1, 2, 0), "after": (3, 0, 0)}),
        mp.Node("conv2", "conv", ("e", "w2"), ("f",)),
        mp.Node("scale", "mul", ("f", "k"), ("g",)),
        mp.Node("twice", "add", ("g", "g"), ("y",)),
        axes=((None, "time"), (20, "frequency"), (3, "channel")),
        constants={
            "w1": weights(3, 3, 3, 4),
            "w2": weights(2, 2, 4, 5),
            "mean": weights(4),
            "gamma": weights(4),
            "inv_std": weights(4),
            "beta": weights(1),
            "k": weights(10, 5),
        },
        least=6,
    )
    proto = model(graph)
    ops = [node.op_type for node in proto.graph.node]
    assert ops.count("Transpose") == 2
    x = weights(9, 20, 3)
    np.testing.assert_allclose(RUNTIME.run(proto, {"x": x})["y"], mp.run(graph, x)["y"], rtol=1e-4, atol=1e-4)


def test_recurrent_layers_follow_each_other_without_transposing():
    nodes = [
        mp.Node(
            f"l{i}",
            "gru",
            ("x" if i == 0 else f"y{i - 1}", f"w{i}", "r"),
            (f"y{i}",),
            {"direction": "bidirectional"},
        )
        for i in range(3)
    ]
    constants = {
        "w0": weights(2, 6, 12),
        "w1": weights(2, 8, 12),
        "w2": weights(2, 8, 12),
        "r": weights(2, 4, 12),
    }
    proto = model(chain(*nodes, constants=constants, outputs=("y2",)))
    assert [node.op_type for node in proto.graph.node].count("Transpose") == 0


def test_a_tensor_in_several_layouts_is_also_an_output():
    graph = chain(
        mp.Node("conv", "conv", ("x", "w"), ("a",)),
        mp.Node("act", "relu", ("a",), ("y",)),
        mp.Node("flat", "reshape", ("a",), ("z",), {"shape": (0, -1)}),
        axes=((None, "time"), (8, "frequency"), (2, "channel")),
        constants={"w": weights(2, 2, 2, 3)},
        outputs=("a", "y", "z", "x"),
        least=2,
    )
    x = weights(5, 8, 2)
    got = RUNTIME.run(model(graph.changed(outputs=("a", "y", "z"))), {"x": x})
    for name, want in mp.run(graph.changed(outputs=("a", "y", "z")), x).items():
        np.testing.assert_allclose(got[name], want, atol=1e-5)


def test_same_graph_same_bytes_and_provenance(tmp_path):
    source = Source("madmom", "/somewhere/else/net.pkl", "ab" * 32)
    graph = chain(mp.Node("out", "dense", ("x", "w"), ("y",)), constants={"w": weights(6, 2)}).changed(
        source=source
    )
    write(graph, tmp_path / "a.onnx")
    write(graph.changed(name="chain"), tmp_path / "b.onnx")
    first, second = ((tmp_path / name).read_bytes() for name in ("a.onnx", "b.onnx"))
    assert hashlib.sha256(first).digest() == hashlib.sha256(second).digest()
    proto = onnx.load(tmp_path / "a.onnx")
    assert proto.producer_name == "modelparity"
    facts = {fact.key: fact.value for fact in proto.metadata_props}
    assert facts == {
        "modelparity.graph": graph.hash,
        "modelparity.source.format": "madmom",
        "modelparity.source.file": "net.pkl",
        "modelparity.source.sha256": "ab" * 32,
    }
    assert b"/somewhere" not in first


def test_float64_weights_are_named():
    graph = chain(
        mp.Node("out", "dense", ("x", "w"), ("y",)), constants={"w": weights(6, 2).astype(np.float64)}
    )
    facts = {fact.key: fact.value for fact in model(graph).metadata_props}
    assert facts["modelparity.float64_as_float32"] == "w"


def test_names_are_those_of_the_graph():
    graph = chain(
        mp.Node("out", "dense", ("x", "out.weight"), ("y",)), constants={"out.weight": weights(6, 2)}
    )
    proto = model(graph)
    assert [node.name for node in proto.graph.node] == ["out"]
    assert [one.name for one in proto.graph.initializer] == ["out.weight"]


def recurrent(op, gates, **attrs):
    node = mp.Node(
        "cell", op, ("x", "w", "r", "", "p") if op == "lstm" else ("x", "w", "r"), ("y",), attrs, "layers[2]"
    )
    constants = {"w": weights(1, 6, gates * 4), "r": weights(1, 4, gates * 4)}
    if op == "lstm":
        constants["p"] = weights(1, 3, 4)
    return chain(node, constants=constants)


@pytest.mark.parametrize(
    ("graph", "said"),
    [
        (recurrent("lstm", 4, output_peephole="old"), "output_peephole"),
        (recurrent("gru", 3, update="replaces", gate_activation="tanh"), "update"),
        (recurrent("rnn", 1, activation="gelu"), "gelu"),
    ],
)
def test_forms_that_onnx_lacks_are_refused_by_name(graph, said):
    with pytest.raises(ConversionError) as error:
        model(graph)
    assert "'cell'" in str(error.value)
    assert "layers[2]" in str(error.value)
    assert said in str(error.value)


def test_an_old_peephole_of_zeros_is_none():
    graph = recurrent("lstm", 4, output_peephole="old")
    peephole = graph.constants["p"].copy()
    peephole[:, 2] = 0
    graph = graph.changed(constants={**graph.constants, "p": peephole})
    x = weights(7, 6)
    np.testing.assert_allclose(RUNTIME.run(model(graph), {"x": x})["y"], mp.run(graph, x)["y"], atol=1e-6)


def test_an_operator_without_a_lowering_is_refused():
    constants = {"a": weights(6, 6), "i": weights(6)}
    graph = chain(mp.Node("path", "viterbi", ("x", "a", "i"), ("y",), origin="crf"), constants=constants)
    with pytest.raises(ConversionError, match="viterbi 'path'") as error:
        model(graph)
    assert "crf" in str(error.value)


def test_weights_that_are_computed_of_what_comes_in_are_refused():
    graph = chain(
        mp.Node("mean", "reduce_mean", ("x",), ("m",), {"axes": [0, 1]}),
        mp.Node("scaled", "mul", ("w", "m"), ("w2",)),
        mp.Node("cell", "rnn", ("x", "w2", "r"), ("y",)),
        constants={"w": weights(1, 6, 4), "r": weights(1, 4, 4)},
    )
    with pytest.raises(ConversionError, match="weight is computed"):
        model(graph)


def test_weights_that_are_computed_of_constants_alone_are_weights(same):
    graph = chain(
        mp.Node("double", "add", ("w", "w"), ("w2",)),
        mp.Node("cell", "rnn", ("x", "w2", "r"), ("y",)),
        constants={"w": weights(1, 6, 4), "r": weights(1, 4, 4)},
    )
    feeds = {"x": weights(11, 6)}
    same(graph, feeds, RUNTIME.run(model(graph), feeds))
