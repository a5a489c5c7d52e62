"""A network in blocks of any lengths computes what it computes in one run."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from modelparity import Axis, TensorSpec, run, stream
from modelparity.errors import GraphError, InputError

from .stacks import LAYERS, WIDTH, Build, conv, dense, gru, lstm, pushed, rnn, stack, strided


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
