from __future__ import annotations

import itertools

import numpy as np
import pytest

from modelparity.errors import GraphError

HIDDEN, INPUTS = 4, 5
SUFFIXES = {"forward": [""], "bidirectional": ["", "_reverse"]}


def parameters(rng, directions):
    return (
        rng.standard_normal((directions, INPUTS, 3 * HIDDEN)) / 2,
        rng.standard_normal((directions, HIDDEN, 3 * HIDDEN)) / 2,
        rng.standard_normal((directions, 3 * HIDDEN)) / 2,
        rng.standard_normal((directions, 3 * HIDDEN)) / 2,
    )


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


FUNCTIONS = {"sigmoid": sigmoid, "tanh": np.tanh, "relu": lambda z: np.maximum(z, 0)}


def written_out(x, weight, recurrent, bias, second, h, *, reset, update, activations=("sigmoid", "tanh")):
    """One direction, one sequence, gate by gate, as the two papers write it."""
    gate, cell = (FUNCTIONS[name] for name in activations)
    (wr, wz, wn), (ur, uz, un) = np.split(weight, 3, axis=1), np.split(recurrent, 3, axis=1)
    (br, bz, bn), (cr, cz, cn) = np.split(bias, 3), np.split(second, 3)
    rows = []
    for frame in x:
        r = gate(frame @ wr + br + h @ ur + cr)
        z = gate(frame @ wz + bz + h @ uz + cz)
        product = r * (h @ un + cn) if reset == "after" else (r * h) @ un + cn
        n = cell(frame @ wn + bn + product)
        h = (1 - z) * n + z * h if update == "keeps" else z * n + (1 - z) * h
        rows.append(h)
    return np.array(rows)


@pytest.mark.parametrize("batch", [None, 3])
@pytest.mark.parametrize("direction", ["forward", "bidirectional"])
@pytest.mark.parametrize("started", [False, True])
def test_equals_torch(apply, batch, direction, started):
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(1)
    directions = len(SUFFIXES[direction])
    weight, recurrent, bias, second = parameters(rng, directions)
    net = torch.nn.GRU(INPUTS, HIDDEN, bidirectional=directions == 2).double()
    for d, suffix in enumerate(SUFFIXES[direction]):
        for name, array in zip(
            ("weight_ih", "weight_hh", "bias_ih", "bias_hh"),
            (weight[d].T, recurrent[d].T, bias[d], second[d]),
            strict=True,
        ):
            getattr(net, f"{name}_l0{suffix}").data = torch.tensor(array.copy())
    middle = () if batch is None else (batch,)
    x = rng.standard_normal((7, *middle, INPUTS))
    h0 = rng.standard_normal((directions, *middle, HIDDEN)) if started else None
    want, state = net(torch.tensor(x), torch.tensor(h0) if started else None)
    y, h = apply("gru", x, weight, recurrent, bias, second, h0, direction=direction)
    np.testing.assert_allclose(y, want.detach(), rtol=1e-13, atol=1e-14)
    np.testing.assert_allclose(h, state.detach(), rtol=1e-13, atol=1e-14)


@pytest.mark.parametrize("update", ["keeps", "replaces"])
@pytest.mark.parametrize("reset", ["after", "before"])
@pytest.mark.parametrize("activations", list(itertools.product(FUNCTIONS, repeat=2)), ids="-".join)
def test_every_form_equals_a_written_out_loop(apply, reset, update, activations):
    rng = np.random.default_rng(2)
    weight, recurrent, bias, second = parameters(rng, 1)
    x, h0 = rng.standard_normal((5, INPUTS)), rng.standard_normal((1, HIDDEN))
    form = {"reset": reset, "update": update}
    want = written_out(x, weight[0], recurrent[0], bias[0], second[0], h0[0], activations=activations, **form)
    y, h = apply(
        "gru",
        x,
        weight,
        recurrent,
        bias,
        second,
        h0,
        gate_activation=activations[0],
        cell_activation=activations[1],
        **form,
    )
    np.testing.assert_allclose(y, want, rtol=1e-12)
    np.testing.assert_allclose(h[0], want[-1], rtol=1e-12)


def test_the_forms_differ(apply):
    arrays = [np.random.default_rng(3).standard_normal((5, INPUTS)), *parameters(np.random.default_rng(3), 1)]
    results = [
        apply("gru", *arrays, reset=reset, update=update)[0]
        for reset in ("after", "before")
        for update in ("keeps", "replaces")
    ]
    for one, other in itertools.combinations(results, 2):
        assert np.abs(one - other).max() > 1e-2


def test_a_complemented_update_gate_is_the_other_convention(apply):
    rng = np.random.default_rng(4)
    weight, recurrent, bias, second = parameters(rng, 1)
    x, h0 = rng.standard_normal((5, INPUTS)), rng.standard_normal((1, HIDDEN))
    turned = [a.copy() for a in (weight, recurrent, bias, second)]
    for array in turned:
        array[..., HIDDEN : 2 * HIDDEN] *= -1  # 1 - sigmoid(a) = sigmoid(-a)
    keeps, _ = apply("gru", x, *turned, h0, update="keeps")
    replaces, _ = apply("gru", x, weight, recurrent, bias, second, h0, update="replaces")
    np.testing.assert_allclose(keeps, replaces, rtol=1e-13)


@pytest.mark.parametrize(("reset", "linear_before_reset"), [("before", 0), ("after", 1)])
def test_equals_onnxruntime(apply, reset, linear_before_reset):
    onnx, runtime = pytest.importorskip("onnx"), pytest.importorskip("onnxruntime")
    from onnx import helper, numpy_helper

    def gates(array):  # r z n -> z r h
        r, z, n = np.split(array, 3, axis=-1)
        return np.concatenate((z, r, n), axis=-1)

    rng = np.random.default_rng(5)
    weight, recurrent, bias, second = parameters(rng, 2)
    x, h0 = rng.standard_normal((7, 3, INPUTS)), rng.standard_normal((2, 3, HIDDEN))
    arrays = {
        "W": np.swapaxes(gates(weight), 1, 2),
        "R": np.swapaxes(gates(recurrent), 1, 2),
        "B": np.concatenate((gates(bias), gates(second)), axis=-1),
        "h": h0,
    }
    kind = onnx.TensorProto.FLOAT
    node = helper.make_node(
        "GRU",
        ["x", "W", "R", "B", "", "h"],
        ["y", "hn"],
        hidden_size=HIDDEN,
        direction="bidirectional",
        linear_before_reset=linear_before_reset,
    )
    model = helper.make_model(
        helper.make_graph(
            [node],
            "gru",
            [helper.make_tensor_value_info("x", kind, x.shape)],
            [helper.make_tensor_value_info(name, kind, None) for name in ("y", "hn")],
            [numpy_helper.from_array(a.astype(np.float32), name) for name, a in arrays.items()],
        ),
        opset_imports=[helper.make_opsetid("", 14)],
        ir_version=8,
    )
    session = runtime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    want, h_want = session.run(None, {"x": x.astype(np.float32)})
    y, h = apply(
        "gru", x, weight, recurrent, bias, second, h0, reset=reset, direction="bidirectional", ar="float32"
    )
    joined = np.moveaxis(want, 1, 2).reshape(7, 3, 2 * HIDDEN)
    np.testing.assert_allclose(y, joined, atol=2e-6)  # sums of 9 float32 terms of order 1, 7 steps
    np.testing.assert_allclose(h, h_want, atol=2e-6)


@pytest.mark.parametrize("direction", ["forward", "reverse", "bidirectional"])
@pytest.mark.parametrize("reset", ["after", "before"])
def test_lanes_with_weights_of_their_own_equal_single_runs(apply_lanes, direction, reset):
    rng = np.random.default_rng(6)
    d = 2 if direction == "bidirectional" else 1
    made = [np.stack(g) for g in zip(*(parameters(rng, d) for _ in range(3)), strict=True)]
    arrays = [rng.standard_normal((3, 6, 2, INPUTS)), *made, rng.standard_normal((3, d, 2, HIDDEN))]
    together = apply_lanes("gru", *arrays, direction=direction, reset=reset)
    for lane in range(3):
        alone = apply_lanes("gru", *(a[lane : lane + 1] for a in arrays), direction=direction, reset=reset)
        for many, one in zip(together, alone, strict=True):
            np.testing.assert_allclose(many[lane], one[0], rtol=1e-12)


def test_a_state_without_batch_serves_every_sequence_of_a_batch(apply):
    rng = np.random.default_rng(7)
    arrays = parameters(rng, 1)
    x, h0 = rng.standard_normal((6, 3, INPUTS)), rng.standard_normal((1, HIDDEN))
    y, _ = apply("gru", x, *arrays, h0)
    for b in range(3):
        np.testing.assert_allclose(y[:, b], apply("gru", x[:, b], *arrays, h0)[0], rtol=1e-13)


@pytest.mark.parametrize("name", ["float16", "bfloat16"])
def test_reduced_precision_leaves_only_numbers_of_that_precision(apply, name):
    arrays = [np.random.default_rng(8).standard_normal((6, INPUTS)), *parameters(np.random.default_rng(8), 1)]
    exact, _ = apply("gru", *arrays)
    y, _ = apply("gru", *arrays, ar=name)
    again = y.astype(np.float16) if name == "float16" else (y.view(np.uint32) & 0xFFFF0000).view(np.float32)
    np.testing.assert_array_equal(y, again)
    assert 0 < np.abs(y - exact).max() < 0.1


def test_inputs_are_not_written_to(apply_lanes):
    rng = np.random.default_rng(9)
    arrays = [a[None] for a in (rng.standard_normal((6, INPUTS)), *parameters(rng, 1), np.ones((1, HIDDEN)))]
    before = [a.copy() for a in arrays]
    for reset in ("after", "before"):
        apply_lanes("gru", *arrays, reset=reset)
    for now, then in zip(arrays, before, strict=True):
        np.testing.assert_array_equal(now, then)


@pytest.mark.parametrize("option", [{"reset": "never"}, {"update": "sometimes"}])
def test_unknown_forms_are_refused(apply, option):
    arrays = [np.zeros((6, INPUTS)), *parameters(np.random.default_rng(9), 1)]
    with pytest.raises(GraphError, match=f"unknown {next(iter(option))}"):
        apply("gru", *arrays, **option)
