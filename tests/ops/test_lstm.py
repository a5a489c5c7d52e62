from __future__ import annotations

import itertools

import numpy as np
import pytest

from modelparity.errors import GraphError

torch = pytest.importorskip("torch")
SUFFIXES = {"forward": [""], "bidirectional": ["", "_reverse"]}
HIDDEN, INPUTS = 4, 5


def parameters(rng, directions):
    return (
        rng.standard_normal((directions, INPUTS, 4 * HIDDEN)) / 2,
        rng.standard_normal((directions, HIDDEN, 4 * HIDDEN)) / 2,
        rng.standard_normal((directions, 4 * HIDDEN)) / 2,
        rng.standard_normal((directions, 3, HIDDEN)),
    )


def ordered(array, order):
    """Columns of the gates i f o g in another order."""
    return np.concatenate([np.split(array, 4, axis=-1)["ifog".index(gate)] for gate in order], axis=-1)


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


FUNCTIONS = {"sigmoid": sigmoid, "tanh": np.tanh, "relu": lambda z: np.maximum(z, 0)}


def written_out(x, weight, recurrent, bias, peep, h, c, activations=("sigmoid", "tanh", "tanh"), old=False):
    """One direction, one sequence, one unit at a time: Gers et al. 2002, as a person would check it by hand."""
    gate, cell, out = (FUNCTIONS[name] for name in activations)
    rows = []
    for frame in x:
        z = [
            sum(frame[i] * weight[i, k] for i in range(INPUTS))
            + bias[k]
            + sum(h[j] * recurrent[j, k] for j in range(HIDDEN))
            for k in range(4 * HIDDEN)
        ]
        new_h, new_c = np.empty(HIDDEN), np.empty(HIDDEN)
        for u in range(HIDDEN):
            i = gate(z[u] + c[u] * peep[0, u])
            f = gate(z[HIDDEN + u] + c[u] * peep[1, u])
            new_c[u] = f * c[u] + i * cell(z[3 * HIDDEN + u])
            o = gate(z[2 * HIDDEN + u] + (c if old else new_c)[u] * peep[2, u])
            new_h[u] = o * out(new_c[u])
        h, c = new_h, new_c
        rows.append(h)
    return np.array(rows), h, c


@pytest.mark.parametrize("batch", [None, 3])
@pytest.mark.parametrize("direction", ["forward", "bidirectional"])
@pytest.mark.parametrize("started", [False, True])
def test_equals_torch(apply, batch, direction, started):
    rng = np.random.default_rng(1)
    directions = len(SUFFIXES[direction])
    weight, recurrent, bias, _ = parameters(rng, directions)
    net = torch.nn.LSTM(INPUTS, HIDDEN, bidirectional=directions == 2).double()
    for d, suffix in enumerate(SUFFIXES[direction]):
        getattr(net, f"weight_ih_l0{suffix}").data = torch.tensor(ordered(weight[d], "ifgo").T.copy())
        getattr(net, f"weight_hh_l0{suffix}").data = torch.tensor(ordered(recurrent[d], "ifgo").T.copy())
        getattr(net, f"bias_ih_l0{suffix}").data = torch.tensor(ordered(bias[d], "ifgo"))
        getattr(net, f"bias_hh_l0{suffix}").data.zero_()
    middle = () if batch is None else (batch,)
    x = rng.standard_normal((7, *middle, INPUTS))
    h0, c0 = rng.standard_normal((2, directions, *middle, HIDDEN))
    states = (torch.tensor(h0), torch.tensor(c0)) if started else None
    want, (h_want, c_want) = net(torch.tensor(x), states)
    first = (h0, c0) if started else ()
    y, h, c = apply("lstm", x, weight, recurrent, bias, None, *first, direction=direction)
    np.testing.assert_allclose(y, want.detach(), rtol=1e-13, atol=1e-14)
    np.testing.assert_allclose(h, h_want.detach(), rtol=1e-13, atol=1e-14)
    np.testing.assert_allclose(c, c_want.detach(), rtol=1e-13, atol=1e-14)


@pytest.mark.parametrize("old", [False, True])
@pytest.mark.parametrize("given", list(itertools.product([True, False], repeat=3)))
def test_peepholes_equal_a_written_out_loop(apply, old, given):
    rng = np.random.default_rng(2)
    weight, recurrent, bias, peep = parameters(rng, 1)
    peep[0, [not g for g in given]] = 0  # a missing peephole is a row of zeros
    x, h0, c0 = rng.standard_normal((6, INPUTS)), *rng.standard_normal((2, 1, HIDDEN))
    want, h_want, c_want = written_out(x, weight[0], recurrent[0], bias[0], peep[0], h0[0], c0[0], old=old)
    y, h, c = apply("lstm", x, weight, recurrent, bias, peep, h0, c0, output_peephole="old" if old else "new")
    np.testing.assert_allclose(y, want, rtol=1e-12)
    np.testing.assert_allclose(h[0], h_want, rtol=1e-12)
    np.testing.assert_allclose(c[0], c_want, rtol=1e-12)


@pytest.mark.parametrize("activations", list(itertools.product(FUNCTIONS, repeat=3)), ids="-".join)
@pytest.mark.parametrize("peepholes", [True, False])
def test_other_activations_equal_a_written_out_loop(apply, activations, peepholes):
    rng = np.random.default_rng(3)
    weight, recurrent, bias, peep = parameters(rng, 1)
    x, zero = rng.standard_normal((4, INPUTS)), np.zeros(HIDDEN)
    peep = peep if peepholes else np.zeros_like(peep)
    want, _, _ = written_out(x, weight[0], recurrent[0], bias[0], peep[0], zero, zero, activations)
    gate, cell, out = activations
    y, _, _ = apply(
        "lstm",
        x,
        weight,
        recurrent,
        bias,
        peep if peepholes else None,
        gate_activation=gate,
        cell_activation=cell,
        output_activation=out,
    )
    np.testing.assert_allclose(y, want, rtol=1e-11, atol=1e-13)


def onnx_lstm(x, weight, recurrent, bias, peep, h0, c0):
    """ONNX operator LSTM (version 14), bidirectional, as onnxruntime computes it in float32."""
    onnx, runtime = pytest.importorskip("onnx"), pytest.importorskip("onnxruntime")
    from onnx import helper, numpy_helper

    def gates(array):  # (direction, any, i f o g) -> (direction, i o f c, any)
        return np.stack([ordered(a, "iofg").T for a in array]).astype(np.float32)

    both = np.concatenate([np.stack([ordered(b, "iofg") for b in bias]), np.zeros_like(bias)], axis=1)
    arrays = {
        "W": gates(weight),
        "R": gates(recurrent),
        "B": both,
        "h": h0,
        "c": c0,
        "P": peep[:, [0, 2, 1]].reshape(len(peep), -1),  # ONNX orders them i, o, f
    }
    node = helper.make_node(
        "LSTM",
        ["x", "W", "R", "B", "", "h", "c", "P"],
        ["y", "hn", "cn"],
        hidden_size=HIDDEN,
        direction="bidirectional",
    )
    kind = onnx.TensorProto.FLOAT
    model = helper.make_model(
        helper.make_graph(
            [node],
            "lstm",
            [helper.make_tensor_value_info("x", kind, x.shape)],
            [helper.make_tensor_value_info(name, kind, None) for name in ("y", "hn", "cn")],
            [numpy_helper.from_array(a.astype(np.float32), name) for name, a in arrays.items()],
        ),
        opset_imports=[helper.make_opsetid("", 14)],
        ir_version=8,
    )
    session = runtime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return session.run(None, {"x": x.astype(np.float32)})


def test_peepholes_equal_onnxruntime(apply):
    rng = np.random.default_rng(4)
    weight, recurrent, bias, peep = parameters(rng, 2)
    x, (h0, c0) = rng.standard_normal((7, 3, INPUTS)), rng.standard_normal((2, 2, 3, HIDDEN))
    want, h_want, c_want = onnx_lstm(x, weight, recurrent, bias, peep, h0, c0)
    y, h, c = apply("lstm", x, weight, recurrent, bias, peep, h0, c0, direction="bidirectional", ar="float32")
    assert y.dtype == np.float32
    joined = np.moveaxis(want, 1, 2).reshape(7, 3, 2 * HIDDEN)
    np.testing.assert_allclose(y, joined, atol=2e-6)  # sums of 9 float32 terms of order 1, 7 steps
    np.testing.assert_allclose(h, h_want, atol=2e-6)
    np.testing.assert_allclose(c, c_want, atol=5e-6)


@pytest.mark.parametrize("direction", ["forward", "reverse", "bidirectional"])
@pytest.mark.parametrize("peepholes", [True, False])
def test_lanes_with_weights_of_their_own_equal_single_runs(apply_lanes, direction, peepholes):
    rng = np.random.default_rng(5)
    d = 2 if direction == "bidirectional" else 1
    weight, recurrent, bias, peep = (
        np.stack(g) for g in zip(*(parameters(rng, d) for _ in range(3)), strict=True)
    )
    x, (h0, c0) = rng.standard_normal((3, 6, 2, INPUTS)), rng.standard_normal((2, 3, d, 2, HIDDEN))
    arrays = [x, weight, recurrent, bias, peep if peepholes else None, h0, c0]
    together = apply_lanes("lstm", *arrays, direction=direction)
    for lane in range(3):
        alone = apply_lanes(
            "lstm", *(a if a is None else a[lane : lane + 1] for a in arrays), direction=direction
        )
        for many, one in zip(together, alone, strict=True):
            np.testing.assert_allclose(many[lane], one[0], rtol=1e-12)


def test_reverse_is_the_time_reversed_forward_run(apply):
    rng = np.random.default_rng(6)
    weight, recurrent, bias, peep = parameters(rng, 1)
    x = rng.standard_normal((6, INPUTS))
    forward = apply("lstm", x[::-1].copy(), weight, recurrent, bias, peep)
    backward = apply("lstm", x, weight, recurrent, bias, peep, direction="reverse")
    np.testing.assert_array_equal(backward[0], forward[0][::-1])
    np.testing.assert_array_equal(backward[2], forward[2])


@pytest.mark.parametrize(("name", "grid"), [("float16", 2.0**-24), ("bfloat16", None)])
def test_reduced_precision_leaves_only_numbers_of_that_precision(apply, name, grid):
    rng = np.random.default_rng(7)
    arrays = [rng.standard_normal((6, INPUTS)), *parameters(rng, 1)]
    exact, _, _ = apply("lstm", *arrays)
    y, _, _ = apply("lstm", *arrays, ar=name)
    if grid is None:
        assert not (y.view(np.uint32) & 0xFFFF).any()
    else:
        np.testing.assert_array_equal(y, y.astype(np.float16))
    assert 0 < np.abs(y - exact).max() < 0.1


def test_inputs_are_not_written_to(apply_lanes):
    rng = np.random.default_rng(8)
    arrays = [
        a[None] for a in (rng.standard_normal((6, INPUTS)), *parameters(rng, 1), *np.ones((2, 1, HIDDEN)))
    ]
    before = [a.copy() for a in arrays]
    apply_lanes("lstm", *arrays)
    for now, then in zip(arrays, before, strict=True):
        np.testing.assert_array_equal(now, then)


def test_unknown_peephole_form_is_refused(apply):
    arrays = [np.zeros((6, INPUTS)), *parameters(np.random.default_rng(9), 1)]
    with pytest.raises(GraphError, match="output_peephole"):
        apply("lstm", *arrays, output_peephole="newest")
