"""What layers become: operators, attributes, weights, axes. What they compute is compared with madmom in anchors."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from scipy.ndimage import maximum_filter

import modelparity as mp
from modelparity.errors import ArtefactError, InputError
from modelparity.formats.madmom import parse, read
from modelparity.graph import Graph

FIXTURES = Path(__file__).parents[3] / "fixtures"
Build = Callable[..., Graph]


def ops(graph: Graph) -> list[str]:
    return [node.op for node in graph.nodes]


def test_gates_are_fused_in_the_order_of_the_operator(parts: Any, graph_of: Build) -> None:
    layer = parts.lstm(
        input_gate=parts.gate(peephole_weights=parts(2)), init=parts(2), cell_init=np.zeros(2, np.float32)
    )
    graph = graph_of(layer)
    (node,) = graph.nodes
    gates = [layer.state[name].state for name in ("input_gate", "forget_gate", "output_gate", "cell")]
    constants = [graph.constants[name] for name in node.inputs[1:]]
    np.testing.assert_array_equal(constants[0][0], np.hstack([gate["weights"] for gate in gates]))
    np.testing.assert_array_equal(constants[1][0], np.hstack([gate["recurrent_weights"] for gate in gates]))
    np.testing.assert_array_equal(constants[2][0], np.hstack([gate["bias"] for gate in gates]))
    np.testing.assert_array_equal(constants[3][0], [gates[0]["peephole_weights"], [0, 0], [0, 0]])
    np.testing.assert_array_equal(constants[4], layer.state["init"][None])
    np.testing.assert_array_equal(constants[5], np.zeros((1, 2)))
    assert (node.name, node.op, node.origin, node.outputs) == ("layer0_lstm", "lstm", "layers[0]", ("y",))
    assert all(array.dtype == np.float32 for array in constants)


@pytest.mark.parametrize("name", ["init", "hid_init"])
def test_gru_keeps_its_learned_state_under_either_name(name: str, parts: Any, graph_of: Build) -> None:
    state = parts(2)
    graph = graph_of(parts.gru(**{name: state}))
    np.testing.assert_array_equal(graph.constants["layer0_gru.h0"], state[None])
    assert graph.nodes[0].attrs["reset"] == "after"
    assert graph.nodes[0].attrs["update"] == "replaces"


def test_gru_with_both_names_follows_madmom_and_lists_the_other(parts: Any, graph_of: Build) -> None:
    old, new = parts(2), parts(2)
    graph = graph_of(parts.gru(hid_init=old, init=new))
    np.testing.assert_array_equal(graph.constants["layer0_gru.h0"], old[None])
    assert "hid_init" in graph.unused["layers[0].init"]


def test_directions_of_one_kind_share_a_node(parts: Any, graph_of: Build) -> None:
    state = parts(2)
    graph = graph_of(parts.both(parts.rnn(), parts.rnn(init=state)))
    assert ops(graph) == ["rnn"]
    assert graph.nodes[0].attrs["direction"] == "bidirectional"
    # The forward layer has no state of its own: madmom starts it at zero.
    np.testing.assert_array_equal(graph.constants["layer0_rnn.h0"], [[0, 0], state])


def test_directions_of_two_kinds_are_joined(parts: Any, graph_of: Build) -> None:
    graph = graph_of(parts.both(parts.rnn(), parts.gru()), parts.dense(4))
    assert ops(graph) == ["rnn", "gru", "concat", "dense", "tanh"]
    assert [node.attrs.get("direction") for node in graph.nodes[:2]] == ["forward", "reverse"]
    assert [node.origin for node in graph.nodes[:2]] == ["layers[0].fwd_layer", "layers[0].bwd_layer"]
    x = parts(6, 3)
    taps = mp.run(graph, x, taps=True)
    np.testing.assert_array_equal(
        taps["layer0_concat"], np.hstack([taps[n.outputs[0]] for n in graph.nodes[:2]])
    )


def test_two_activations_in_one_bidirectional_layer_stay_two(parts: Any, graph_of: Build) -> None:
    graph = graph_of(parts.both(parts.rnn("tanh"), parts.rnn("relu")))
    assert [node.attrs.get("activation") for node in graph.nodes] == ["tanh", "relu", None]


def test_linear_recurrent_layer_is_linear(parts: Any, graph_of: Build) -> None:
    layer = parts.rnn("linear")
    graph, x = graph_of(layer), parts(4, 3)
    h, state = np.zeros(2), layer.state
    for frame, y in zip(x.astype(np.float64), mp.run(graph, x)["y"], strict=True):
        h = frame @ state["weights"] + state["bias"] + h @ state["recurrent_weights"]
        np.testing.assert_allclose(y, h, rtol=1e-12)


def test_dense_activations(parts: Any, graph_of: Build) -> None:
    x = parts(5, 3)
    for act in ("tanh", "sigmoid", "relu", "elu", "softmax"):
        assert ops(graph_of(parts.dense(act=act))) == ["dense", act]
    assert ops(graph_of(parts.dense(act="linear"))) == ["dense"]
    y = mp.run(graph_of(parts.dense(act="softmax")), x)["y"]
    np.testing.assert_allclose(y.sum(axis=1), 1)


def test_one_wide_results_are_squeezed_and_vectors_of_weights_too(parts: Any, graph_of: Build) -> None:
    x = parts(5, 3)
    assert mp.run(graph_of(parts.dense(3, 1)), x)["y"].shape == (5,)
    vector = graph_of(parts.dense(weights=parts(3), bias=parts(1)))
    assert mp.run(vector, x)["y"].shape == (5,)


def test_a_bias_of_one_number_serves_all_units(parts: Any, graph_of: Build) -> None:
    graph = graph_of(parts.dense(bias=np.array([2], np.int64)))
    np.testing.assert_array_equal(graph.constants["layer0_dense.bias"], np.array([2, 2], np.float32))
    assert graph.constants["layer0_dense.bias"].dtype == np.float32


def test_convolution_gets_its_layout_and_a_channel(parts: Any, graph_of: Build) -> None:
    layer = parts.conv(1, 4, 3, 2)
    graph = graph_of(layer)
    assert ops(graph) == ["expand_dims", "conv"]
    assert graph.inputs[0].shape == ("time", "frequency")
    weight = graph.constants["layer0_conv.weight"]
    assert weight.shape == (3, 2, 1, 4)
    np.testing.assert_array_equal(weight[2, 1, 0], layer.state["weights"][0, :, 2, 1])
    assert graph.nodes[1].attrs["flip"] is True
    assert [axis.least for axis in graph.inputs[0].axes] == [3, 2]


def test_too_short_inputs_are_refused_by_name(parts: Any, graph_of: Build) -> None:
    pool = parts.layer("MaxPoolLayer", size=(2, 2), stride=(2, 2))
    graph = graph_of(parts.conv(1, 4, 3, 2), pool, parts.conv(4, 2, 2, 2))
    time, frequency = graph.inputs[0].axes
    assert (time.least, frequency.least) == (6, 5)
    assert mp.run(graph, parts(6, 5))["y"].shape == (1, 1, 2)
    with pytest.raises(InputError, match="'time' has size 5, and this network needs at least 6"):
        mp.run(graph, parts(5, 5))
    with pytest.raises(InputError, match="'frequency' has size 4"):
        mp.run(graph, parts(6, 4))


@settings(max_examples=60, deadline=None)
@given(
    shape=st.tuples(st.integers(1, 12), st.integers(1, 12)),
    size=st.tuples(st.integers(1, 5), st.integers(1, 5)),
    stride=st.tuples(st.integers(1, 4), st.integers(1, 4)),
    known=st.booleans(),
)
def test_max_pool_is_scipys_filter_as_madmom_uses_it(
    write: Any, shape: tuple[int, int], size: tuple[int, int], stride: tuple[int, int], known: bool
) -> None:
    rng = np.random.default_rng(sum(shape) + 100 * sum(size))
    norm = {"gamma": 1, "beta": 0, "mean": np.zeros((shape[1], 2)), "inv_std": np.ones((shape[1], 2))}
    first = [write.Obj("BatchNormLayer", {**norm, "activation_fn": write.Fn("linear")})] if known else []
    pool = write.Obj("MaxPoolLayer", {"size": size, "stride": stride})
    x = -1 - rng.random((*shape, 2)).astype(np.float32)  # below zero: a zero that is read shows
    wanted = np.dstack(
        [
            maximum_filter(x[:, :, c], size, mode="constant")[
                size[0] // 2 :: stride[0], size[1] // 2 :: stride[1]
            ]
            for c in range(2)
        ]
    )
    data = write.dumps(write.network(*first, pool))
    if 0 in wanted.shape:
        with pytest.raises((InputError, ArtefactError)):
            mp.run(parse(data, name="pool"), x)
        return
    np.testing.assert_array_equal(mp.run(parse(data, name="pool"), x)["y"].astype(np.float32), wanted)


def test_no_zeros_are_padded_where_none_is_read() -> None:
    graph = mp.load(FIXTURES / "cnn.pkl")
    pads = [node for node in graph.nodes if node.op == "pad"]
    # The second pool reads beyond the end; the first, 1 x 3 over 18 frequencies, does not.
    assert [(pad.name, pad.attrs["after"]) for pad in pads] == [("layer4_pad", (1, 1, 0))]


def test_batch_norm_with_plain_numbers(parts: Any, graph_of: Build) -> None:
    mean, inv = parts(4, 2).astype(np.float64), parts(4, 2).astype(np.float64)
    graph = graph_of(parts.norm(4, 2, mean=mean, inv_std=inv, gamma=3, beta=np.float32(0.5)))
    assert graph.inputs[0].shape == ("time", 4, 2)
    x = parts(3, 4, 2).astype(np.float64)
    np.testing.assert_allclose(mp.run(graph, x)["y"], (x - mean) * (3 * inv) + 0.5, rtol=1e-12)
    assert graph.constants["layer0_normalize.mean"].dtype == np.float64


def test_stride_slides_and_flattens(parts: Any, graph_of: Build) -> None:
    graph = graph_of(parts.conv(2, 3, 1, 1), parts.layer("StrideLayer", block_size=np.int64(2)))
    x = parts(5, 4, 2)
    taps = mp.run(graph, x, taps=True)
    before = taps["layer0_conv"]
    np.testing.assert_array_equal(taps["y"], [before[t : t + 2].reshape(-1) for t in range(4)])


def test_pad_only_on_named_axes(parts: Any, graph_of: Build) -> None:
    graph = graph_of(parts.layer("PadLayer", width=2, axes=(1,), value=1.5), parts.conv(1, 2, 1, 1))
    x = parts(3, 4)
    padded = mp.run(graph, x, taps=True)["layer0_pad"]
    np.testing.assert_array_equal(padded, np.pad(x.astype(np.float64), ((0, 0), (2, 2)), constant_values=1.5))


@pytest.mark.parametrize("axis", [None, 0, -1, (0, 2)])
@pytest.mark.parametrize("keepdims", [False, True])
def test_average(axis: Any, keepdims: bool, parts: Any, graph_of: Build) -> None:
    graph = graph_of(
        parts.conv(2, 3, 1, 1), parts.layer("AverageLayer", axis=axis, keepdims=keepdims, dtype=None)
    )
    taps = mp.run(graph, parts(5, 4, 2), taps=True)
    np.testing.assert_allclose(taps["y"], taps["layer0_conv"].mean(axis=axis, keepdims=keepdims), rtol=1e-12)


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("shape", [(-1, 2, 2), (4, -1), -1, (2, 10)])
def test_reshape_as_numpy_does(order: str, shape: Any, parts: Any, graph_of: Build) -> None:
    graph = graph_of(parts.dense(3, 4), parts.layer("ReshapeLayer", newshape=shape, order=order))
    taps = mp.run(graph, parts(5, 3), taps=True)
    np.testing.assert_array_equal(taps["y"], np.reshape(taps["layer0_tanh"], shape, order))


def test_scratch_arrays_are_listed_and_not_used() -> None:
    graph = mp.load(FIXTURES / "blstm.pkl")
    assert len(graph.unused) == 2 * 2 * 4 * 2
    assert "scratch" in graph.unused["layers[0].fwd_layer.input_gate._tmp"]


@pytest.mark.parametrize("path", sorted(FIXTURES.glob("*.pkl")), ids=lambda path: path.stem)
def test_every_array_is_a_constant_or_listed(path: Path) -> None:
    from modelparity.formats.madmom.arrays import Shell
    from modelparity.formats.madmom.pickle_sandbox import load
    from modelparity.formats.madmom.pickled_instance import Record

    def elements(value: Any) -> int:
        if isinstance(value, Shell):
            # whole numbers are sizes and strides, which become attributes
            return int(value.value.size) if value.kind == "array" and value.value.dtype.kind == "f" else 0
        if isinstance(value, Record):
            return sum(map(elements, (value.state or {}).values()))
        return sum(map(elements, value)) if isinstance(value, list | tuple) else 0

    graph = read(path)
    whole = elements(load(path.read_bytes()))
    used = sum(math.prod(array.shape) for array in graph.constants.values())
    # A bias of one number is spread out, a missing peephole or state is zero, gamma=1 is no array: so at least.
    assert used + sum(_size(path, place) for place in graph.unused) >= whole


def _size(path: Path, place: str) -> int:
    from modelparity.formats.madmom.pickle_sandbox import load

    value: Any = load(path.read_bytes())
    for part in place.replace("]", "").replace("[", ".").split("."):
        value = value[int(part)] if part.isdigit() else value.state[part]
    return int(value.value.size)


def test_crf_is_emissions_and_a_path() -> None:
    graph = mp.load(FIXTURES / "crf.pkl")
    assert ops(graph) == ["dense", "viterbi"]
    assert mp.run(graph, np.zeros((3, 4), np.float32))["y"].dtype == np.int64


def test_reading_twice_gives_the_same_graph(tmp_path: Path) -> None:
    copy = tmp_path / "other-name.bin"
    copy.write_bytes((FIXTURES / "bgru.pkl").read_bytes())
    first, second = mp.load(FIXTURES / "bgru.pkl"), mp.load(copy)
    assert first.hash == second.hash
    assert first.source is not None
    assert second.source is not None
    assert first.source.sha256 == second.source.sha256
    assert second.name == "other-name"


def test_a_frequency_that_the_file_leaves_open_can_be_given() -> None:
    graph = read(FIXTURES / "key.pkl", frequency=13)
    assert graph.inputs[0].shape == ("time", 13)
    assert mp.load(FIXTURES / "key.pkl").inputs[0].shape == ("time", "frequency")


def test_every_layer_that_may_be_named_can_be_read():
    from modelparity.engine.operator import names
    from modelparity.formats.madmom.allowed_globals import ACTIVATIONS, LAYERS
    from modelparity.formats.madmom.layer_registry import reads

    assert set(reads.all()) == set(LAYERS)
    assert {"identity" if name == "linear" else name for name in ACTIVATIONS} <= set(names())
