"""Graphs built as PyTorch modules: every operator against the engine, and what a module must be besides."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import modelparity as mp
from modelparity.engine.operator import names
from modelparity.errors import ConversionError
from modelparity.formats.onnx.lowering import lowers
from modelparity.formats.torch import build
from modelparity.formats.torch.building import lowers as builds
from modelparity.runtimes.torch import Torch

RUNTIME = Torch()


def weights(*shape, seed=1):
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


def lstm(**attrs):
    spec = mp.TensorSpec("x", (mp.Axis("time"), mp.Axis("feature", 6)))
    nodes = (
        mp.Node("layers.0", "lstm", ("x", "w", "r", "b", "p"), ("a", "h", "c"), attrs, "layers[0]"),
        mp.Node("layers.1", "dense", ("a", "v"), ("y",)),
    )
    width = 8 if attrs.get("direction") == "bidirectional" else 4
    d = width // 4
    constants = {
        "w": weights(d, 6, 16),
        "r": weights(d, 4, 16),
        "b": weights(d, 16),
        "p": weights(d, 3, 4),
        "v": weights(width, 2),
    }
    return mp.Graph("net", (spec,), ("y",), nodes, constants)


def test_every_operator(case, same):
    graph = case.graph()
    feeds = case.feeds(graph)
    same(graph, feeds, RUNTIME.run(build(graph), feeds))


def test_what_can_be_written_as_onnx_can_be_built():
    assert set(builds.all()) >= set(lowers.all())
    assert set(builds.all()) <= set(names())


@pytest.mark.parametrize("attrs", [{"output_peephole": "old"}, {"direction": "bidirectional"}])
def test_float64_is_the_truth(attrs):
    graph = lstm(**attrs)
    x = weights(40, 6)
    module = build(graph).double()
    got = RUNTIME.run(module, {"x": x.astype(np.float64)})["y"]
    assert got.dtype == np.float64
    np.testing.assert_allclose(got, mp.run(graph, x)["y"], rtol=0, atol=1e-13)


def test_gru_with_gates_that_onnx_cannot_complement():
    spec = mp.TensorSpec("x", (mp.Axis("time"), mp.Axis("feature", 6)))
    attrs = {"update": "replaces", "gate_activation": "hard_sigmoid", "reset": "before"}
    node = mp.Node("cell", "gru", ("x", "w", "r"), ("y",), attrs)
    graph = mp.Graph("net", (spec,), ("y",), (node,), {"w": weights(1, 6, 12), "r": weights(1, 4, 12)})
    x = weights(20, 6)
    np.testing.assert_allclose(RUNTIME.run(build(graph), {"x": x})["y"], mp.run(graph, x)["y"], atol=1e-6)


def test_a_module_is_readable_and_holds_every_weight():
    module = build(lstm())
    assert isinstance(module, torch.nn.Module)
    assert [name for name, _ in module.named_children()] == ["layers_0", "layers_1"]
    assert isinstance(module.layers_1, torch.nn.Linear)
    assert "LSTMCells(6, 4" in repr(module)
    assert set(module.state_dict()) == {
        "layers_0.weight",
        "layers_0.recurrent",
        "layers_0.bias",
        "layers_0.peephole",
        "layers_1.weight",
    }


def test_a_module_is_ready_to_run():
    module = build(lstm())
    assert not module.training
    assert not any(parameter.requires_grad for parameter in module.parameters())
    assert (module.input_names, module.output_names) == (("x",), ("y",))
    assert module(torch.zeros(3, 6)).shape == (3, 2)


def test_several_outputs_come_by_name():
    module = build(lstm().changed(outputs=("y", "c")))
    result = module(torch.zeros(3, 6))
    assert {name: tuple(value.shape) for name, value in result.items()} == {"y": (3, 2), "c": (1, 4)}


def test_native_layers_where_they_are_exact():
    graph = lstm()
    bare = graph.nodes[0]
    bare = mp.Node(bare.name, "lstm", bare.inputs[:4], bare.outputs)
    module = build(graph.changed(nodes=(bare, graph.nodes[1])))
    assert isinstance(module.layers_0.core, torch.nn.LSTM)


def test_a_state_of_the_module_travels():
    first, second = build(lstm()), build(lstm())
    with torch.no_grad():
        for parameter in second.parameters():
            parameter.zero_()
    second.load_state_dict(first.state_dict())
    x = torch.randn(5, 6)
    assert torch.equal(first(x), second(x))


def test_an_operator_without_a_module_is_refused():
    spec = mp.TensorSpec("x", (mp.Axis("time"), mp.Axis("feature", 6)))
    node = mp.Node("path", "viterbi", ("x", "a", "i"), ("y",), origin="crf")
    graph = mp.Graph("crf", (spec,), ("y",), (node,), {"a": weights(6, 6), "i": weights(6)})
    with pytest.raises(ConversionError, match="viterbi 'path'") as error:
        build(graph)
    assert "crf" in str(error.value)


def test_an_unknown_gate_activation_is_refused():
    with pytest.raises(ConversionError, match="mish"):
        build(lstm(cell_activation="mish"))


def test_uneven_padding_that_cannot_be_built_is_refused():
    spec = mp.TensorSpec("x", (mp.Axis("time", None, 3), mp.Axis("channel", 2)))
    node = mp.Node("pool", "average_pool", ("x",), ("y",), {"size": (3,), "padding": ((1, 0),)})
    with pytest.raises(ConversionError, match="two ends"):
        build(mp.Graph("net", (spec,), ("y",), (node,), {}))
