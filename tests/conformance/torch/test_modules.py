"""Every architecture, read from its module, computes what PyTorch computes: at the example's sizes and at others."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import modelparity as mp
from modelparity.runtimes.torch import Torch

from .architectures import ALL

#: How far PyTorch in float64 may be from the engine, relative to the largest result.
NEAR = 1e-12
#: These ask for float32 whatever they are given: for rotary angles, or inside a norm.
SINGLE = {
    "MuQ-like: strided convolutions, Conformer with rotary positions": 1e-5,
    "T5 encoder": 1e-5,
    "Llama: rotary positions, grouped heads, causal": 1e-5,
}
#: Attention without a scale makes these ill-conditioned at some lengths: there float64 below is what tells.
STEEP = {"T5 encoder"}


def feeds(tensors):
    return {name: tensor.numpy() for name, tensor in tensors.items()}


@pytest.mark.parametrize("name", ALL)
def test_rounding(name, subject):
    found = subject(name)
    for sizes in found.sizes:
        verdict = mp.check(found.graph, found.module, inputs=feeds(found.architecture.example(**sizes)))
        assert verdict.ok, f"{sizes}: {verdict}"
        assert verdict.conditioning == "well" or name in STEEP


@pytest.mark.parametrize("name", ALL)
def test_float64_to_float64(name, subject):
    """Without rounding in the way, nothing else may differ either."""
    found = subject(name)
    example = found.architecture.example(**found.sizes[-1])
    truth = mp.run(found.graph, feeds(example))
    double = {key: one.double() if one.is_floating_point() else one for key, one in example.items()}
    module = found.architecture.make().double()
    got = Torch().run(module, feeds(double))
    assert set(got) == set(truth)
    for key, want in got.items():
        scale = np.abs(want).max() + 1
        near = SINGLE.get(name, NEAR) * scale
        np.testing.assert_allclose(truth[key], want, rtol=0, atol=near, err_msg=key)


@pytest.mark.parametrize("name", ALL)
def test_graph_keeps_what_the_module_says(name, subject):
    found = subject(name)
    graph, free = found.graph, found.free
    wanted = {axis for axes in free.values() for axis in axes.values()}
    named = {axis.name for spec in graph.inputs for axis in spec.axes if axis.size is None}
    assert named == wanted
    assert all(node.origin for node in graph.nodes)
    held = dict(found.module.named_parameters())
    assert set(graph.unused) <= {*held, *dict(found.module.named_buffers())}
    shared = [key for key, one in graph.constants.items() if key in held and _same_memory(one, held[key])]
    copied = "LSTM" in name or "directions" in name or name.startswith(("RNN", "recurrent"))
    assert copied or len(shared) == sum(key in held for key in graph.constants)


def _same_memory(array, parameter):
    return np.shares_memory(array, parameter.detach().numpy())


def test_the_table_is_long_enough():
    assert len(ALL) >= 25
    assert set(SINGLE) | STEEP <= set(ALL)


def test_recurrent_layers_stay_whole(subject):
    for name in ALL:
        if name.startswith(("LSTM", "GRU", "RNN")):
            kinds = {node.op for node in subject(name).graph.nodes}
            assert kinds & {"lstm", "gru", "rnn", "projected_lstm"}
            assert not kinds & {"sigmoid", "tanh", "dense"}


def test_a_module_as_reference_is_read_with_the_inputs_as_example():
    module = torch.nn.Linear(3, 2).eval()
    x = np.random.default_rng(0).standard_normal((4, 3)).astype(np.float32)
    assert mp.check(module, module, inputs={"input": x}).ok
    assert mp.check(module, torch.nn.Linear(3, 2), inputs={"input": x}).band == "wrong"


def test_modules_are_put_back():
    module = torch.nn.Sequential(torch.nn.Linear(2, 2), torch.nn.Dropout())
    module[1].eval()
    mp.load(module, example=torch.zeros(1, 2))
    assert (module.training, module[0].training, module[1].training) == (True, True, False)
