"""RNN, LSTM and GRU with everything that ONNX lets them have, drawn at random, against onnxruntime."""

from __future__ import annotations

import numpy as np
import onnxruntime
import pytest
from onnx import helper, numpy_helper
from onnx.reference import ReferenceEvaluator

import modelparity as mp
from modelparity.errors import ArtefactError

T, B, IN, H = 5, 3, 4, 6
#: What each has: gates, activations, initial states.
LAYERS = {"RNN": (1, 1, 1), "LSTM": (4, 3, 2), "GRU": (3, 2, 1)}
PLAIN = ("Sigmoid", "Tanh", "Relu", "Softsign", "Softplus")
#: Activations with an alpha, and with a beta as well.
ALPHA, BETA = ("LeakyRelu", "Elu", "ThresholdedRelu"), ("HardSigmoid", "ScaledTanh", "Affine")


def drawn(kind, seed):
    """A model of one layer, what it is fed, and whether onnx's reference understands all of it."""
    rng = np.random.default_rng([seed, *kind.encode()])
    gates, activations, states = LAYERS[kind]
    direction = ("forward", "reverse", "bidirectional")[rng.integers(3)]
    d = 2 if direction == "bidirectional" else 1
    attrs = {"direction": direction, "hidden_size": H}
    if rng.random() < 0.5:
        chosen = [str(name) for name in rng.choice([*PLAIN, *ALPHA, *BETA], activations * d)]
        attrs["activations"] = chosen
        for which, names in (("activation_alpha", ALPHA + BETA), ("activation_beta", BETA)):
            if count := sum(name in names for name in chosen):
                attrs[which] = [float(x) for x in rng.uniform(0.1, 0.9, count)]
    if rng.random() < 0.3:
        attrs["clip"] = float(rng.uniform(0.3, 1))
    if kind == "LSTM" and rng.random() < 0.3:
        attrs["input_forget"] = 1
    if kind == "GRU" and rng.random() < 0.5:
        attrs["linear_before_reset"] = 1

    def some(*shape):
        return (rng.normal(size=shape) * 0.4).astype(np.float32)

    arrays = {"x": some(T, B, IN), "w": some(d, gates * H, IN), "r": some(d, gates * H, H)}
    optional = {"b": some(d, 2 * gates * H), "lengths": rng.integers(0, T + 1, B).astype(np.int32)}
    optional |= {name: some(d, B, H) for name in ("h0", "c0")[:states]}
    optional |= {"p": some(d, 3 * H)} if kind == "LSTM" else {}
    given = {name for name in optional if rng.random() < 0.5}
    arrays |= {name: a for name, a in optional.items() if name in given}
    inputs = ["x", "w", "r", *(name if name in given else "" for name in optional)]
    fed = {"x", "lengths"} | (
        {name for name in arrays if rng.random() < 0.4} if rng.random() < 0.4 else set()
    )
    outputs = ["y", "h", *(["c"] if kind == "LSTM" else [])]
    graph = helper.make_graph(
        [helper.make_node(kind, inputs, outputs, **attrs)],
        "one",
        [
            helper.make_tensor_value_info(n, helper.np_dtype_to_tensor_dtype(a.dtype), a.shape)
            for n, a in arrays.items()
            if n in fed
        ],
        [helper.make_tensor_value_info(name, 1, None) for name in outputs],
        [numpy_helper.from_array(a, name) for name, a in arrays.items() if name not in fed],
    )
    opset = int(rng.choice([7, 14, 22]))
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)
    return model, {name: a for name, a in arrays.items() if name in fed}


@pytest.mark.parametrize("kind", LAYERS)
def test_layers_agree_with_onnxruntime(kind, tmp_path):
    path = tmp_path / "layer.onnx"
    for seed in range(40):
        model, feeds = drawn(kind, seed)
        path.write_bytes(model.SerializeToString())
        session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
        ours = mp.run(mp.load(path), feeds)
        for one, want in zip(session.get_outputs(), session.run(None, feeds), strict=True):
            largest = max(1, np.abs(want).max())
            message = f"seed {seed}, {one.name}: {model.graph.node[0]}"
            np.testing.assert_allclose(ours[one.name], want, atol=2e-5 * largest, err_msg=message)


def layer(kind, path, **attrs):
    """A layer that is fed x and lengths, its weights known."""
    gates = LAYERS[kind][0]
    rng = np.random.default_rng(1)
    arrays = {"w": rng.normal(size=(1, gates * H, IN)), "r": rng.normal(size=(1, gates * H, H))}
    graph = helper.make_graph(
        [helper.make_node(kind, ["x", "w", "r", "", "lengths"], ["y", "h"], hidden_size=H, **attrs)],
        "one",
        [
            helper.make_tensor_value_info("x", 1, [None, None, IN]),
            helper.make_tensor_value_info("lengths", 6, [None]),
        ],
        [helper.make_tensor_value_info(name, 1, None) for name in ("y", "h")],
        [numpy_helper.from_array(a.astype(np.float32), name) for name, a in arrays.items()],
    )
    path.write_bytes(
        helper.make_model(
            graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8
        ).SerializeToString()
    )
    return path


@pytest.mark.parametrize("kind", LAYERS)
def test_onnxs_reference_takes_no_notice_of_lengths(kind, tmp_path):
    """Which is why it is no witness for recurrent layers: docs/onnx.md."""
    path = layer(kind, tmp_path / "layer.onnx")
    feeds = {
        "x": np.random.default_rng(2).normal(size=(T, B, IN)).astype(np.float32),
        "lengths": np.int32([5, 2, 3]),
    }
    reference = ReferenceEvaluator(str(path)).run(None, feeds)
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    runtime, ours = session.run(None, feeds), mp.run(mp.load(path), feeds)
    np.testing.assert_allclose(ours["y"], runtime[0], atol=1e-5)
    assert not ours["y"][2:, :, 1].any()
    assert reference[0][2:, :, 1].any()
    np.testing.assert_allclose(ours["y"][:2], reference[0][:2], atol=1e-5)


def test_onnxruntime_takes_another_default_of_thresholded_relu(tmp_path):
    """ONNX says that defaults are those of the operators; ThresholdedRelu's alpha is 1."""
    path = layer("RNN", tmp_path / "layer.onnx", activations=["ThresholdedRelu"])
    feeds = {
        "x": np.random.default_rng(2).normal(size=(T, B, IN)).astype(np.float32),
        "lengths": np.int32([5, 2, 3]),
    }
    ours = mp.run(mp.load(path), feeds)["y"]
    assert not ((ours > 0) & (ours <= 1)).any()
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    theirs = session.run(None, feeds)[0]
    assert ((theirs > 0) & (theirs <= 1)).any()


def test_time_may_come_second(tmp_path):
    """layout=1, which onnxruntime does not have: the same layer with its axes turned."""
    path = layer("LSTM", tmp_path / "first.onnx")
    x, lengths = np.random.default_rng(3).normal(size=(T, B, IN)), np.int32([5, 5, 5])
    time_first = mp.run(mp.load(path), {"x": x, "lengths": lengths})
    other = mp.load(layer("LSTM", tmp_path / "second.onnx", layout=1))
    batch_first = mp.run(other, {"x": x.transpose(1, 0, 2), "lengths": lengths})
    np.testing.assert_array_equal(batch_first["y"], time_first["y"].transpose(2, 0, 1, 3))
    np.testing.assert_array_equal(batch_first["h"], time_first["h"].transpose(1, 0, 2))


def test_what_does_not_fit_is_refused(tmp_path):
    with pytest.raises(ArtefactError, match=r"unknown activation(?s:.*)found: +Swish"):
        mp.load(layer("RNN", tmp_path / "a.onnx", activations=["Swish"]))
    with pytest.raises(ArtefactError, match="another number of activations"):
        mp.load(layer("RNN", tmp_path / "a.onnx", activations=["Tanh", "Tanh"]))
    with pytest.raises(ArtefactError, match="unknown direction"):
        mp.load(layer("RNN", tmp_path / "a.onnx", direction="sideways"))


@pytest.mark.parametrize("kind", LAYERS)
def test_the_batch_of_an_initial_state_is_the_only_one(kind, tmp_path):
    """The engine would let one state start every sequence; onnxruntime refuses it."""
    gates, _, states = LAYERS[kind]
    rng = np.random.default_rng(0)
    arrays = {"w": (1, gates * H, IN), "r": (1, gates * H, H)} | {f"s{k}": (1, 1, H) for k in range(states)}
    graph = helper.make_graph(
        [helper.make_node(kind, ["x", "w", "r", "", "", *list(arrays)[2:]], ["y"], hidden_size=H)],
        "one",
        [helper.make_tensor_value_info("x", 1, ["time", "batch", IN])],
        [helper.make_tensor_value_info("y", 1, None)],
        [
            numpy_helper.from_array(rng.normal(size=shape).astype(np.float32), name)
            for name, shape in arrays.items()
        ],
    )
    path = tmp_path / "one.onnx"
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 14)], ir_version=8)
    path.write_bytes(made.SerializeToString())
    assert mp.load(path).inputs[0].axes[1].size == 1
    assert mp.check(path, path).ok
