from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from modelparity import Axis, Graph, Node, TensorSpec, run, stream
from modelparity.errors import GraphError, InputError, NotCausalError

WIDTH = 4


class Build:
    """A graph node by node; constants by shape."""

    def __init__(self, *specs, seed=0):
        self.rng = np.random.default_rng(seed)
        self.inputs = specs or (TensorSpec("x", (Axis("time"), Axis("feature", WIDTH))),)
        self.nodes, self.constants = [], {}

    def weight(self, *shape):
        name = f"w{len(self.constants)}"
        self.constants[name] = self.rng.standard_normal(shape) / 2
        return name

    def __call__(self, op, *inputs, extra=(), **attrs):
        name = f"t{len(self.nodes)}"
        self.nodes.append(
            Node(f"{op}_{len(self.nodes)}", op, inputs, (name, *extra), attrs, f"layers[{len(self.nodes)}]")
        )
        return name

    def graph(self, *outputs):
        return Graph("net", self.inputs, outputs, tuple(self.nodes), self.constants)


def dense(b, x, width):
    return b("dense", x, b.weight(width, width), b.weight(width))


def rnn(b, x, width):
    return b("rnn", x, b.weight(1, width, width), b.weight(1, width, width))


def lstm(b, x, width):
    recurrent = b.weight(1, width, 4 * width)
    return b(
        "lstm", x, b.weight(1, width, 4 * width), recurrent, b.weight(1, 4 * width), b.weight(1, 3, width)
    )


def gru(b, x, width):
    arrays = b.weight(1, width, 3 * width), b.weight(1, width, 3 * width), "", "", b.weight(1, width)
    return b("gru", x, *arrays, extra=(f"h{len(b.nodes)}",), update="replaces")


def conv(b, x, width, **attrs):
    return b("conv", x, b.weight(3, width, width), b.weight(width), **attrs)


def dilated(b, x, width):
    return conv(b, x, width, dilations=(2,))


def strided(b, x, width):
    return conv(b, x, width, strides=(2,))


def pool(b, x, width):
    return b("max_pool", x, size=(2,))


def sparse(b, x, width):
    """A hop longer than its window leaves frames out."""
    return b("average_pool", x, size=(1,), strides=(3,))


def windows(b, x, width):
    return b("dense", b("windows", x, size=3, hop=2), b.weight(3 * width, width))


def residual(b, x, width):
    return b("add", x, b("tanh", dense(b, x, width)))


def joined(b, x, width):
    return b("dense", b("concat", x, rnn(b, x, width), axis=1), b.weight(2 * width, width))


def scaled(b, x, width):
    return b("mul", x, b("exp", b.weight(width)))


def turned(b, x, width):
    """Time on the second axis for a while."""
    return b("transpose", b("relu", b("transpose", x, axes=(1, 0))), axes=(1, 0))


def causal(b, x, width):
    """Zeros stand in front of the first frame, inside the convolution."""
    return conv(b, x, width, dilations=(2,), padding=((4, 0),))


def padded_before(b, x, width):
    return conv(b, b("pad", x, before=(2, 0), after=(0, 0), value=0.5), width, strides=(2,))


def residual_causal(b, x, width):
    return b("add", x, causal(b, x, width))


LAYERS = [
    dense,
    rnn,
    lstm,
    gru,
    conv,
    dilated,
    strided,
    pool,
    sparse,
    windows,
    residual,
    joined,
    scaled,
    turned,
    causal,
    padded_before,
    residual_causal,
]


def stack(layers, seed):
    b = Build(seed=seed)
    tensor = "x"
    for layer in layers:
        tensor = layer(b, tensor, WIDTH)
    return b.graph(tensor)


def pushed(s, x, cuts):
    """Every output's frames, joined, of blocks of x cut at these places."""
    blocks = [s.push(part) for part in np.split(x, sorted(cuts))]
    return {name: np.concatenate([b[name] for b in blocks], axis=axis) for name, axis in s.axes.items()}


@given(
    layers=st.lists(st.sampled_from(LAYERS), min_size=1, max_size=4),
    frames=st.integers(60, 90),
    cuts=st.lists(st.integers(0, 90), max_size=12),
    seed=st.integers(0, 99),
)
@settings(max_examples=40, deadline=None)
def test_any_causal_stack_in_any_blocks_equals_the_whole_run(layers, frames, cuts, seed):
    net = stack(layers, seed)
    x = np.random.default_rng(seed).standard_normal((frames, WIDTH))
    got = pushed(stream(net), x, [min(cut, frames) for cut in cuts])
    want = run(net, x)
    for name in want:
        assert got[name].shape == want[name].shape
        assert got[name].dtype == want[name].dtype
        # Only sums of products may run in another order: BLAS picks one by the number of rows.
        np.testing.assert_allclose(got[name], want[name], rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("layer", LAYERS)
def test_frame_by_frame(layer):
    net, x = stack([layer], 1), np.random.default_rng(2).standard_normal((20, WIDTH))
    got = pushed(stream(net), x, range(1, 20))
    np.testing.assert_allclose(
        got["t" + str(len(net.nodes) - 1)], run(net, x)[net.outputs[0]], rtol=1e-11, atol=1e-13
    )


@pytest.mark.parametrize("name", ["float32", "float16", "bfloat16", "native"])
def test_other_arithmetics_carry_their_rounded_state(name):
    net, x = stack([gru, lstm], 3), np.random.default_rng(3).standard_normal((30, WIDTH))
    got = pushed(stream(net, arithmetic=name), x, [4, 5, 17])["t1"]
    want = run(net, x, arithmetic=name)["t1"]
    assert got.dtype == want.dtype == np.float32
    ulp = {"float16": 2.0**-10, "bfloat16": 2.0**-7}.get(name, 2.0**-23)
    np.testing.assert_allclose(got, want, atol=16 * ulp)


def test_frames_come_as_early_as_they_can():
    net = stack([conv, strided], 4)
    s, x = stream(net), np.random.default_rng(4).standard_normal((20, WIDTH))
    counts = [len(s.push(frame[None])["t1"]) for frame in x]
    assert counts == [0, 0, 0, 0, 1, *[0, 1] * 7, 0][:20]


def test_blocks_of_no_frames_give_no_frames():
    s = stream(stack([conv], 5))
    empty = s.push(np.zeros((0, WIDTH)))["t0"]
    assert (empty.shape, empty.dtype) == ((0, WIDTH), np.float64)
    assert s.push(np.ones((2, WIDTH)))["t0"].shape == (0, WIDTH)
    assert s.push(np.zeros((0, WIDTH)))["t0"].shape == (0, WIDTH)
    assert s.push(np.ones((1, WIDTH)))["t0"].shape == (1, WIDTH)


def test_reset_forgets_the_past():
    net, x = stack([gru, conv, rnn], 6), np.random.default_rng(6).standard_normal((30, WIDTH))
    s = stream(net)
    first = pushed(s, x, [7])[net.outputs[0]]
    assert np.abs(pushed(s, x, [7])[net.outputs[0]][: len(first)] - first).max() > 1e-3
    s.reset()
    np.testing.assert_array_equal(pushed(s, x, [7])[net.outputs[0]], first)


def test_two_streams_of_one_graph_do_not_meet():
    net, x = stack([lstm], 7), np.random.default_rng(7).standard_normal((12, WIDTH))
    one, other = stream(net), stream(net)
    want = run(net, x)["t0"]
    other.push(-x)
    np.testing.assert_allclose(pushed(one, x, [5])["t0"], want, rtol=1e-11)


def test_the_callers_buffer_may_be_used_again():
    net, x = stack([conv], 8), np.random.default_rng(8).standard_normal((12, WIDTH))
    s, buffer, got = stream(net), np.empty((1, WIDTH)), []
    for frame in x:
        buffer[:] = frame
        got.append(s.push(buffer)["t0"])
        buffer[:] = np.nan
    np.testing.assert_allclose(np.concatenate(got), run(net, x)["t0"], rtol=1e-11)


def test_results_may_be_written_to():
    b = Build()
    net = b.graph("x", b("transpose", "x", axes=(1, 0)), conv(b, "x", WIDTH))
    s, x, got = stream(net), np.random.default_rng(8).standard_normal((6, WIDTH)), []
    for frame in x:
        result = s.push(frame[None])
        np.testing.assert_array_equal(result["x"], frame[None])
        result["x"][:] = np.nan  # what the convolution keeps of x is its own
        np.testing.assert_array_equal(result["t0"], frame[:, None])
        got.append(result["t1"])
    np.testing.assert_allclose(np.concatenate(got), run(net, x)["t1"], rtol=1e-11)


def test_a_batch_axis_is_carried_along():
    b = Build(TensorSpec("x", (Axis("time"), Axis("batch"), Axis("feature", WIDTH))))
    net = b.graph(rnn(b, dense(b, "x", WIDTH), WIDTH))
    s, x = stream(net), np.random.default_rng(9).standard_normal((15, 3, WIDTH))
    assert s.push(x[:0])["t1"].shape == (0, 3, WIDTH)
    np.testing.assert_allclose(pushed(s, x, [1, 9])["t1"], run(net, x)["t1"], rtol=1e-11)
    with pytest.raises(InputError, match="differs from the blocks before it"):
        s.push(x[:, :2])
    s.reset()
    assert s.push(x[:, :2])["t1"].shape == (15, 2, WIDTH)


def test_time_need_not_be_the_first_axis():
    b = Build(TensorSpec("x", (Axis("feature", WIDTH), Axis("time"))))
    net = b.graph(b("tanh", "x"))
    s, x = stream(net), np.random.default_rng(10).standard_normal((WIDTH, 9))
    assert s.axes == {"t0": 1}
    got = np.concatenate([s.push(x[:, :4])["t0"], s.push(x[:, 4:])["t0"]], axis=1)
    np.testing.assert_array_equal(got, run(net, x)["t0"])


def test_several_inputs_come_in_blocks_of_one_length():
    specs = [TensorSpec(name, (Axis("time"), Axis("feature", WIDTH))) for name in "ab"]
    b = Build(*specs)
    net = b.graph(b("add", conv(b, "a", WIDTH), conv(b, "b", WIDTH)))
    a, c = np.random.default_rng(11).standard_normal((2, 20, WIDTH))
    s = stream(net)
    got = [s.push({"a": a[i:j], "b": c[i:j]})["t2"] for i, j in ((0, 1), (1, 8), (8, 20))]
    np.testing.assert_allclose(np.concatenate(got), run(net, {"a": a, "b": c})["t2"], rtol=1e-11)
    with pytest.raises(InputError, match="axis 'time' has size 3 instead of 2"):
        s.push({"a": a[:2], "b": c[:3]})


def test_paths_of_unequal_delay_wait_for_the_slower():
    """Two convolutions beside one of the same reach: one path speaks later within a block, none is lost."""
    b = Build()
    long = b("conv", "x", b.weight(5, WIDTH, WIDTH))
    net = b.graph(b("add", conv(b, conv(b, "x", WIDTH), WIDTH), long))
    x = np.random.default_rng(12).standard_normal((30, WIDTH))
    np.testing.assert_allclose(pushed(stream(net), x, [1, 2, 9])["t3"], run(net, x)["t3"], rtol=1e-11)


def test_a_skip_around_a_window_fails_as_the_whole_run_does():
    """x has two frames more than the convolution of x: there is no sum, streamed or not."""
    b = Build()
    net = b.graph(b("add", "x", conv(b, "x", WIDTH)))
    for attempt in (lambda: run(net, np.ones((9, WIDTH))), lambda: stream(net)):
        with pytest.raises(GraphError, match="add 'add_1' cannot run"):
            attempt()


def test_outputs_of_different_delay_each_have_their_own_frames():
    b = Build()
    slow = conv(b, "x", WIDTH)
    net = b.graph("x", slow, b("relu", "x"))
    s, x = stream(net), np.random.default_rng(13).standard_normal((9, WIDTH))
    assert {name: len(a) for name, a in s.push(x[:2]).items()} == {"x": 2, slow: 0, "t1": 2}
    assert {name: len(a) for name, a in s.push(x[2:]).items()} == {"x": 7, slow: 7, "t1": 7}


def reduced(b, x, width):
    return b("reduce_mean", x, axes=(0,))


def normed(b, x, width):
    return b("softmax", x, axis=0)


def padded(b, x, width):
    return conv(b, x, width, padding=((1, 1),))


def padded_in_time(b, x, width):
    return b("pad", x, before=(1, 0), after=(1, 0))


def mirrored_in_time(b, x, width):
    return b("pad", x, before=(1, 0), after=(0, 0), mode="reflect")


def both_ways(b, x, width):
    return b("rnn", x, b.weight(2, width, width), b.weight(2, width, width), direction="bidirectional")


def attending(b, x, width):
    return b("attention", x, x, x)


def positioned(b, x, width):
    return b("add", x, b.weight(60, width))


def by_product(b, x, width):
    return b("matmul", x, b("transpose", x, axes=(1, 0)))


@pytest.mark.parametrize(
    ("layer", "node", "why"),
    [
        (both_ways, "rnn 'rnn_1'", "reads the sequence backwards"),
        (normed, "softmax 'softmax_1'", "along the time axis"),
        (padded, "conv 'conv_1'", "pads the time axis"),
        (attending, "attention 'attention_1'", "attends to other frames"),
        (padded_in_time, "pad 'pad_1'", "time"),
        (mirrored_in_time, "pad 'pad_1'", "comes later"),
        (reduced, "reduce_mean 'reduce_mean_1'", "time"),
        (by_product, "matmul 'matmul_2'", "time"),
    ],
)
def test_what_needs_the_future_is_refused_by_name_place_and_reason(layer, node, why):
    b = Build()
    with pytest.raises(NotCausalError) as caught:
        stream(b.graph(layer(b, dense(b, "x", WIDTH), WIDTH)))
    text = str(caught.value)
    assert f"{node} cannot run block by block: " in text
    assert why in text
    assert text.startswith("layers[")
    assert "use run()" in text


def test_a_fixed_tensor_with_a_value_for_every_frame_is_refused():
    b = Build()
    stream(b.graph(b("add", "x", b.weight(1, WIDTH))))
    b = Build()
    with pytest.raises(GraphError, match="add 'add_0' cannot run"):
        stream(b.graph(positioned(b, "x", WIDTH)))


@pytest.mark.parametrize("read_on", [True, False])
def test_a_last_state_is_known_only_at_the_end(read_on):
    b = Build()
    gru(b, "x", WIDTH)
    out = b("tanh", "h0") if read_on else "h0"
    with pytest.raises(NotCausalError, match="last state"):
        stream(b.graph(out))


def test_inputs_without_time_and_outputs_without_time_are_refused():
    fixed = TensorSpec("s", (Axis("feature", WIDTH),))
    b = Build(TensorSpec("x", (Axis("time"), Axis("feature", WIDTH))), fixed)
    with pytest.raises(NotCausalError, match="input 's' has 0 free axes called 'time'"):
        stream(b.graph(b("add", "x", "s")))
    b = Build()
    with pytest.raises(NotCausalError, match="output 't0' has no time axis"):
        stream(b.graph(b("exp", b.weight(3))))


def test_blocks_that_do_not_fit_are_refused():
    s = stream(stack([dense], 14))
    for block, said in (
        (np.ones((3, 5)), "axis 'feature'"),
        (np.ones(WIDTH), "rank 1"),
        (np.ones((3, 4), int), "type"),
    ):
        with pytest.raises(InputError, match=said):
            s.push(block)


def test_a_perturbed_stream_is_refused():
    from modelparity.engine.perturbed import Perturbed

    with pytest.raises(GraphError, match="not perturbed"):
        stream(stack([dense], 15), arithmetic=Perturbed("float32"))
