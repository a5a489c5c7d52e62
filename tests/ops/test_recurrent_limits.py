"""Recurrent operators with clipped and coupled gates, against onnxruntime and loops written by hand."""

from __future__ import annotations

import numpy as np
import pytest

from modelparity.errors import GraphError

onnx = pytest.importorskip("onnx")
onnxruntime = pytest.importorskip("onnxruntime")
TIME, BATCH, INPUTS, HIDDEN = 6, 2, 3, 4


def arrays(gates, seed=0):
    rng = np.random.default_rng(seed)
    x = 3 * rng.standard_normal((TIME, BATCH, INPUTS))
    weight = 3 * rng.standard_normal((1, INPUTS, gates * HIDDEN))
    recurrent = 3 * rng.standard_normal((1, HIDDEN, gates * HIDDEN))
    return x, weight, recurrent, rng.standard_normal((1, gates * HIDDEN))


def by_onnxruntime(op, x, weight, recurrent, bias, order, extra=None, **attrs):
    """The sequence, from a model of one node."""

    def rows(a):
        parts = np.split(a, len(order), axis=-1)
        return np.concatenate([parts[k] for k in order], axis=-1).astype(np.float32)

    tensors = {
        "w": rows(weight).swapaxes(1, 2),
        "r": rows(recurrent).swapaxes(1, 2),
        "b": np.concatenate([rows(bias), 0 * rows(bias)], axis=-1),
    }
    inputs = ["x", "w", "r", "b"]
    if extra is not None:
        tensors["p"] = extra.astype(np.float32)
        inputs += ["", "", "", "p"]
    node = onnx.helper.make_node(op, inputs, ["y"], hidden_size=HIDDEN, **attrs)
    info = onnx.helper.make_tensor_value_info
    graph = onnx.helper.make_graph(
        [node],
        "g",
        [info("x", 1, x.shape)],
        [info("y", 1, (TIME, 1, BATCH, HIDDEN))],
        [onnx.numpy_helper.from_array(np.ascontiguousarray(a), name) for name, a in tensors.items()],
    )
    model = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 14)], ir_version=8)
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return session.run(None, {"x": x.astype(np.float32)})[0][:, 0]


@pytest.mark.parametrize("clip", [None, 0.8, 2.5])
@pytest.mark.parametrize("coupled", [False, True])
@pytest.mark.parametrize("peepholes", [False, True])
def test_lstm_agrees_with_onnxruntime(apply, clip, coupled, peepholes):
    x, weight, recurrent, bias = arrays(4)
    peep = np.random.default_rng(5).standard_normal((1, 3, HIDDEN)) if peepholes else None
    y, _, _ = apply("lstm", x, weight, recurrent, bias, peep, clip=clip, coupled=coupled)
    attrs = {"input_forget": int(coupled), **({"clip": clip} if clip else {})}
    extra = None if peep is None else peep[:, [0, 2, 1]].reshape(1, -1)
    expected = by_onnxruntime("LSTM", x, weight, recurrent, bias, (0, 2, 1, 3), extra, **attrs)
    np.testing.assert_allclose(y, expected, atol=2e-5)


@pytest.mark.parametrize("clip", [None, 0.8, 2.5])
def test_gru_agrees_with_onnxruntime(apply, clip):
    x, weight, recurrent, bias = arrays(3)
    y, _ = apply("gru", x, weight, recurrent, bias, reset="before", clip=clip)
    attrs = {"clip": clip} if clip else {}
    expected = by_onnxruntime("GRU", x, weight, recurrent, bias, (1, 0, 2), **attrs)
    np.testing.assert_allclose(y, expected, atol=2e-5)


def test_rnn_and_the_cell_stay_within_their_bounds(apply):
    x, weight, recurrent, bias = arrays(1)
    y, _ = apply("rnn", x, weight, recurrent, bias, activation="identity", clip=1.25)
    h, rows = np.zeros((BATCH, HIDDEN)), []
    for frame in x:
        h = np.clip(frame @ weight[0] + h @ recurrent[0] + bias[0], -1.25, 1.25)
        rows.append(h)
    np.testing.assert_allclose(y, rows, atol=1e-12)
    x, weight, recurrent, bias = arrays(4)
    _, _, free = apply("lstm", x, weight, recurrent, bias)
    _, _, held = apply("lstm", x, weight, recurrent, bias, cell_clip=0.3)
    assert np.abs(free).max() > 0.3 >= np.abs(held).max()


def test_a_cell_clip_works_at_every_step(apply):
    x, weight, recurrent, bias = arrays(4)
    y, _, _ = apply("lstm", x, weight, recurrent, bias, cell_clip=0.3)
    h = c = np.zeros((BATCH, HIDDEN))
    for frame, expected in zip(x, y, strict=True):
        i, f, o, g = np.split(frame @ weight[0] + h @ recurrent[0] + bias[0], 4, axis=-1)
        c = np.clip(c / (1 + np.exp(-f)) + np.tanh(g) / (1 + np.exp(-i)), -0.3, 0.3)
        h = np.tanh(c) / (1 + np.exp(-o))
        np.testing.assert_allclose(expected, h, atol=1e-12)


def test_a_bound_is_positive(apply):
    with pytest.raises(GraphError, match="bound is not positive"):
        apply("rnn", *arrays(1), clip=0.0)
