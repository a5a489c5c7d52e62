"""Recurrent layers against loops written from the specification's equations, one sequence and step at a time."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

import modelparity as mp
from modelparity.errors import ArtefactError

RNG = np.random.default_rng(0)
TIME, BATCH, INS, HIDDEN = 5, 2, 3, 4
X = RNG.standard_normal((TIME, BATCH, INS))


def single(a):
    return np.asarray(a, np.float32).astype(np.float64)


def drawn(*shape):
    return single(RNG.standard_normal(shape))


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def clip(z, bound=50.0):
    return np.clip(z, -bound, bound)


class Lstm:
    """Weights in the builder's order (i f o z), and the equations."""

    def __init__(self, peepholes=False):
        self.w, self.r = ([drawn(HIDDEN, n) for _ in range(4)] for n in (INS, HIDDEN))
        self.b = [drawn(HIDDEN) for _ in range(4)]
        self.p = [drawn(HIDDEN) for _ in range(3)] if peepholes else None

    def __call__(self, x, h, c, *, forget=0.0, coupled=False, bound=50.0, f=sigmoid, g=np.tanh, o=np.tanh):
        rows = []
        p = self.p or [0.0] * 3
        for frame in x:
            z = [frame @ self.w[k].T + h @ self.r[k].T + self.b[k] for k in range(4)]
            i = f(clip(z[0] + p[0] * c))
            keep = 1 - i if coupled else f(clip(z[1] + p[1] * c + forget))
            c = clip(c * keep + i * g(clip(z[3])), bound)
            h = o(c) * f(clip(z[2] + p[2] * c))
            rows.append(h)
        return np.array(rows), h, c


def built(network, cell, outputs=("y", "h", "c"), inputs=("x", "h0", "c0"), **more):
    shapes = {"x": (TIME, BATCH, INS, 1, 1), "h0": (1, BATCH, HIDDEN, 1, 1), "c0": (1, BATCH, HIDDEN, 1, 1)}
    b = network({name: shapes[name] for name in inputs}, outputs)
    b.add_unilstm("l", cell.r, cell.w, cell.b, HIDDEN, INS, list(inputs), list(outputs), peep=cell.p, **more)
    return b


@pytest.mark.parametrize("peepholes", [False, True])
@pytest.mark.parametrize("coupled", [False, True])
@pytest.mark.parametrize("whole", [False, True])
def test_lstm_follows_the_equations(network, run, peepholes, coupled, whole):
    cell = Lstm(peepholes)
    h0, c0 = drawn(BATCH, HIDDEN), drawn(BATCH, HIDDEN)
    b = built(
        network,
        cell,
        output_all=whole,
        coupled_input_forget_gate=coupled,
        forget_bias=True,
        cell_clip_threshold=0.5,
    )
    got = run(b, x=X[..., None, None], h0=h0[None, ..., None, None], c0=c0[None, ..., None, None])
    y, h, c = cell(X, h0, c0, forget=1.0, coupled=coupled, bound=0.5)
    for name, expected in (("y", y if whole else y[-1:]), ("h", h[None]), ("c", c[None])):
        np.testing.assert_allclose(got[name], expected[..., None, None], atol=1e-12)


def test_a_sequence_read_backwards_comes_in_the_order_of_reading(network, run):
    cell, zero = Lstm(), np.zeros((BATCH, HIDDEN))
    b = built(network, cell, ["y"], ["x"], output_all=True, reverse_input=True)
    y, _, _ = cell(X[::-1], zero, zero)
    np.testing.assert_allclose(run(b, x=X[..., None, None]), y[..., None, None], atol=1e-12)


@pytest.mark.parametrize("whole", [False, True])
@pytest.mark.parametrize("states", [False, True])
def test_bidirectional_lstm_puts_both_side_by_side(network, run, whole, states):
    ahead, back = Lstm(peepholes=True), Lstm(peepholes=True)
    inputs = {"x": (TIME, BATCH, INS, 1, 1)}
    names = ["h0", "c0", "h1", "c1"] if states else []
    inputs |= dict.fromkeys(names, (1, BATCH, HIDDEN, 1, 1))
    outputs = ["y", *(["hf", "cf", "hb", "cb"] if states else [])]
    b = network(inputs, outputs)
    b.add_bidirlstm(
        "l",
        ahead.r,
        ahead.w,
        ahead.b,
        back.r,
        back.w,
        back.b,
        HIDDEN,
        INS,
        list(inputs),
        outputs,
        peep=ahead.p,
        peep_back=back.p,
        output_all=whole,
    )
    zero = np.zeros((BATCH, HIDDEN))
    start = [drawn(BATCH, HIDDEN) if states else zero for _ in range(4)]
    feeds = {name: a[None, ..., None, None] for name, a in zip(names, start, strict=bool(states))}
    got = run(b, x=X[..., None, None], **feeds)
    f, b_ = ahead(X, *start[:2]), back(X[::-1], *start[2:])
    y = np.concatenate([f[0], b_[0][::-1]] if whole else [f[0][-1:], b_[0][-1:]], axis=-1)
    results = got if states else {"y": got}
    np.testing.assert_allclose(results["y"], y[..., None, None], atol=1e-12)
    for name, expected in zip(outputs[1:], (*f[1:], *b_[1:]), strict=False):
        np.testing.assert_allclose(results[name], expected[None, ..., None, None], atol=1e-12)


@pytest.mark.parametrize("backwards", [False, True])
def test_gru_resets_before_the_product_and_keeps_with_z(network, run, backwards):
    w, r = ([drawn(HIDDEN, n) for _ in range(3)] for n in (INS, HIDDEN))  # z r o
    bias, h = [drawn(HIDDEN) for _ in range(3)], drawn(BATCH, HIDDEN)
    b = network({"x": (TIME, BATCH, INS, 1, 1), "h0": (1, BATCH, HIDDEN, 1, 1)}, ["y", "h"])
    b.add_gru(
        "g",
        r,
        w,
        bias,
        HIDDEN,
        INS,
        ["x", "h0"],
        ["y", "h"],
        inner_activation="SIGMOID",
        output_all=True,
        reverse_input=backwards,
    )
    got = run(b, x=X[..., None, None], h0=h[None, ..., None, None])
    for frame, y in zip(X[::-1] if backwards else X, got["y"][..., 0, 0], strict=True):
        z, reset = (sigmoid(clip(frame @ w[k].T + h @ r[k].T + bias[k])) for k in (0, 1))
        o = np.tanh(clip(frame @ w[2].T + (h * reset) @ r[2].T + bias[2]))
        h = (1 - z) * o + z * h
        np.testing.assert_allclose(y, h, atol=1e-12)
    np.testing.assert_allclose(got["h"][0, ..., 0, 0], h, atol=1e-12)


def recurrent_functions():
    return {
        "TANH": np.tanh,
        "SIGMOID": sigmoid,
        "RELU": lambda z: np.maximum(z, 0),
        "LINEAR": lambda z: z,
        "SCALED_TANH": np.tanh,  # as Apple's tests expect it where its parameters are left out
        "SIGMOID_HARD": lambda z: np.clip(0.2 * z + 0.5, 0, 1),
    }


@pytest.mark.parametrize("name", recurrent_functions())
def test_a_simple_layer_clips_what_enters_its_activation(network, run, name):
    w, r, bias, h = 20 * drawn(HIDDEN, INS), drawn(HIDDEN, HIDDEN), drawn(HIDDEN), np.zeros((BATCH, HIDDEN))
    b = network({"x": (TIME, BATCH, INS, 1, 1)})
    b.add_simple_rnn("r", r, w, bias, HIDDEN, INS, name, ["x"], ["y"], output_all=True)
    clipped = False
    for frame, y in zip(X, run(b, x=X[..., None, None])[..., 0, 0], strict=True):
        z = frame @ single(w).T + h @ r.T + bias
        clipped |= np.abs(z).max() > 50
        h = recurrent_functions()[name](clip(z))
        np.testing.assert_allclose(y, h, atol=1e-9)
    assert clipped


def test_a_scaled_tanh_has_the_parameters_that_are_supported(network, run):
    b = network({"x": (TIME, BATCH, INS, 1, 1)})
    w, r = drawn(HIDDEN, INS), np.zeros((HIDDEN, HIDDEN))
    b.add_simple_rnn("r", r, w, None, HIDDEN, INS, "SCALED_TANH", ["x"], ["y"], output_all=True)
    params = b.spec.neuralNetwork.layers[0].simpleRecurrent.activation.scaledTanh
    params.alpha, params.beta = 1.7159, 2 / 3
    y = run(b, x=X[..., None, None])[..., 0, 0]
    np.testing.assert_allclose(y, 1.7159 * np.tanh(2 / 3 * (X @ single(w).T)), atol=1e-6)
    params.beta = 0.5
    with pytest.raises(ArtefactError, match="scaledTanh in a recurrent layer has other parameters"):
        run(b, x=X[..., None, None])


def test_the_classic_mapping_takes_sequences_and_optional_states(network, graph_of):
    cell = Lstm()
    b = network(
        {"x": (INS,), "h0": (HIDDEN,), "c0": (HIDDEN,)},
        {"y": (HIDDEN,), "h": (HIDDEN,), "c": (HIDDEN,)},
        classic=True,
    )
    b.add_unilstm(
        "l", cell.r, cell.w, cell.b, HIDDEN, INS, ["x", "h0", "c0"], ["y", "h", "c"], output_all=True
    )
    for one in b.spec.description.input[1:]:
        one.type.isOptional = True
    graph = graph_of(b)
    assert graph.states == {"h0": "h", "c0": "c"}
    x, zero = X[:, :1], np.zeros((1, HIDDEN))
    whole = mp.run(graph, x)
    np.testing.assert_allclose(whole["y"], cell(x, zero, zero)[0], atol=1e-12)
    first = mp.run(graph, x[:2])
    rest = mp.run(graph, {"x": x[2:], "h0": first["h"], "c0": first["c"]})
    np.testing.assert_allclose(rest["y"], whole["y"][2:], atol=1e-12)
    np.testing.assert_allclose(rest["c"], whole["c"], atol=1e-12)


@pytest.mark.parametrize(
    ("damage", "what"),
    [
        (
            lambda p: p.weightParams.ClearField("forgetGateWeightMatrix"),
            "forgetGateWeightMatrix: .* is missing",
        ),
        (
            lambda p: p.weightParams.inputGateBiasVector.floatValue.append(1),
            "inputGateBiasVector: number of values",
        ),
        (lambda p: p.activations.pop(), "number of activations does not fit"),
        (lambda p: p.activations[0].softplus.SetInParent(), "no activation for a recurrent layer"),
        (lambda p: setattr(p.activations[0].sigmoidHard, "alpha", 0.7), "has other parameters"),
        (lambda p: setattr(p, "outputVectorSize", 0), "vector sizes are not valid"),
        (lambda p: setattr(p, "outputVectorSize", 1 << 30), "absurd size|number of values does not fit"),
        (
            lambda p: p.weightParams.inputGatePeepholeVector.floatValue.append(1),
            r"not understood\n.*inputGatePeep",
        ),
    ],
    ids=itertools.count(),
)
def test_what_an_lstm_cannot_be(network, graph_of, damage, what):
    b = built(network, Lstm(), ["y"], ["x"])
    damage(b.spec.neuralNetwork.layers[0].uniDirectionalLSTM)
    with pytest.raises(ArtefactError, match=rf"layer 0 \(uniDirectionalLSTM 'l'\)[^\n]*({what})"):
        graph_of(b)
