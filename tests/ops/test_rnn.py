from __future__ import annotations

import numpy as np
import pytest

from modelparity.errors import GraphError

torch = pytest.importorskip("torch")
SUFFIXES = {"forward": [""], "bidirectional": ["", "_reverse"]}


def parameters(rng, direction, inputs=5, hidden=4, gates=1):
    d = len(SUFFIXES.get(direction, [""]))
    return (
        rng.standard_normal((d, inputs, gates * hidden)) / 2,
        rng.standard_normal((d, hidden, gates * hidden)) / 2,
        rng.standard_normal((d, gates * hidden)) / 2,
    )


def torch_rnn(weight, recurrent, bias, direction, activation):
    net = torch.nn.RNN(
        weight.shape[1], recurrent.shape[1], nonlinearity=activation, bidirectional=direction != "forward"
    ).double()
    for d, suffix in enumerate(SUFFIXES[direction]):
        getattr(net, f"weight_ih_l0{suffix}").data = torch.tensor(weight[d].T.copy())
        getattr(net, f"weight_hh_l0{suffix}").data = torch.tensor(recurrent[d].T.copy())
        getattr(net, f"bias_ih_l0{suffix}").data = torch.tensor(bias[d])
        getattr(net, f"bias_hh_l0{suffix}").data.zero_()
    return net


@pytest.mark.parametrize("batch", [None, 3])
@pytest.mark.parametrize("activation", ["tanh", "relu"])
@pytest.mark.parametrize("direction", ["forward", "bidirectional"])
@pytest.mark.parametrize("started", [False, True])
def test_equals_torch(apply, batch, activation, direction, started):
    rng = np.random.default_rng(1)
    weight, recurrent, bias = parameters(rng, direction)
    x = rng.standard_normal((7, 5) if batch is None else (7, batch, 5))
    h0 = rng.standard_normal((len(weight), 4) if batch is None else (len(weight), batch, 4))
    net = torch_rnn(weight, recurrent, bias, direction, activation)
    want, state = net(torch.tensor(x), torch.tensor(h0) if started else None)
    y, h = apply(
        "rnn", x, weight, recurrent, bias, h0 if started else None, activation=activation, direction=direction
    )
    np.testing.assert_allclose(y, want.detach(), rtol=1e-13, atol=1e-14)
    np.testing.assert_allclose(h, state.detach(), rtol=1e-13, atol=1e-14)


@pytest.mark.parametrize("activation", ["sigmoid", "relu", "tanh"])
def test_reverse_is_the_time_reversed_forward_run(apply, activation):
    rng = np.random.default_rng(2)
    weight, recurrent, bias = parameters(rng, "reverse")
    x = rng.standard_normal((6, 5))
    forward, h = apply("rnn", x[::-1].copy(), weight, recurrent, bias, activation=activation)
    y, h_reverse = apply("rnn", x, weight, recurrent, bias, activation=activation, direction="reverse")
    np.testing.assert_array_equal(y, forward[::-1])
    np.testing.assert_array_equal(h, h_reverse)


def test_a_written_out_loop_with_a_sigmoid(apply):
    rng = np.random.default_rng(3)
    weight, recurrent, bias = parameters(rng, "forward")
    x = rng.standard_normal((6, 5))
    h, want = np.zeros(4), []
    for frame in x:
        h = 1 / (1 + np.exp(-(frame @ weight[0] + bias[0] + h @ recurrent[0])))
        want.append(h)
    y, _ = apply("rnn", x, weight, recurrent, bias, activation="sigmoid")
    np.testing.assert_allclose(y, want, rtol=1e-13)


def test_no_bias_and_no_frames_are_allowed(apply):
    rng = np.random.default_rng(4)
    weight, recurrent, _ = parameters(rng, "forward")
    y, h = apply("rnn", np.zeros((0, 5)), weight, recurrent, None, np.ones((1, 4)))
    assert y.shape == (0, 4)
    np.testing.assert_array_equal(h, np.ones((1, 4)))


def test_initial_state_is_not_written_to(apply_lanes):
    rng = np.random.default_rng(5)
    weight, recurrent, bias = (a[None] for a in parameters(rng, "forward"))
    x, h0 = rng.standard_normal((1, 6, 5)), np.ones((1, 1, 4))
    before = [a.copy() for a in (x, weight, recurrent, bias, h0)]
    apply_lanes("rnn", x, weight, recurrent, bias, h0, activation="sigmoid")
    for now, then in zip((x, weight, recurrent, bias, h0), before, strict=True):
        np.testing.assert_array_equal(now, then)


@pytest.mark.parametrize("direction", ["forward", "reverse", "bidirectional"])
@pytest.mark.parametrize("batch", [None, 2])
def test_lanes_with_weights_of_their_own_equal_single_runs(apply_lanes, direction, batch):
    rng = np.random.default_rng(6)
    made = [parameters(rng, direction) for _ in range(3)]
    weight, recurrent, bias = (np.stack(group) for group in zip(*made, strict=True))
    x = rng.standard_normal((3, 6, 5) if batch is None else (3, 6, batch, 5))
    h0 = rng.standard_normal((3, len(made[0][0]), 4))
    y, h = apply_lanes("rnn", x, weight, recurrent, bias, h0, direction=direction)
    shared, _ = apply_lanes("rnn", x, weight[:1], recurrent[:1], bias[:1], h0[:1], direction=direction)
    for lane in range(3):
        one = slice(lane, lane + 1)
        single, state = apply_lanes(
            "rnn", x[one], weight[one], recurrent[one], bias[one], h0[one], direction=direction
        )
        np.testing.assert_allclose(y[lane], single[0], rtol=1e-13)
        np.testing.assert_allclose(h[lane], state[0], rtol=1e-13)
        first, _ = apply_lanes(
            "rnn", x[one], weight[:1], recurrent[:1], bias[:1], h0[:1], direction=direction
        )
        np.testing.assert_allclose(shared[lane], first[0], rtol=1e-13)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda p: {"x": np.zeros((6, 4))}, "shape of x"),
        (lambda p: {"weight": p["weight"][:, :, :3]}, "shape of weight"),
        (lambda p: {"recurrent": np.zeros((2, 4, 4))}, "recurrent weight"),
        (lambda p: {"h0": np.zeros((2, 4))}, "initial state"),
        (lambda p: {"direction": "sideways"}, "unknown direction"),
        (lambda p: {"activation": "identity?"}, "unknown operator"),
    ],
)
def test_what_does_not_fit_is_refused(apply, change, said):
    rng = np.random.default_rng(7)
    weight, recurrent, bias = parameters(rng, "forward")
    given = {
        "x": np.zeros((6, 5)),
        "weight": weight,
        "recurrent": recurrent,
        "bias": bias,
        "h0": np.zeros((1, 4)),
    }
    given |= change(given)
    arrays = [given.pop(name) for name in ("x", "weight", "recurrent", "bias", "h0")]
    with pytest.raises(GraphError, match=said):
        apply("rnn", *arrays, **given)


@pytest.mark.parametrize(("op", "inputs"), [("rnn", 5), ("gru", 6), ("lstm", 7)])
def test_streams_forward_over_its_first_axis_with_weights_that_stay(streams, op, inputs):
    shapes = (2,) * inputs
    step = streams(op, *shapes)
    assert (step.time, step.extent, step.hop) == (0, 1, 1)
    assert step.carry[0] == (inputs - 1 if op != "lstm" else 5, 1)
    assert "not the first" in streams(op, *shapes, times=(1, *(None,) * (inputs - 1)))
    assert "backwards" in streams(op, *shapes, direction="bidirectional")
    for place in range(1, inputs):
        times = (0, *(0 if index == place else None for index in range(1, inputs)))
        assert "change over time" in streams(op, *shapes, times=times)
