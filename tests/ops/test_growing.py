"""Lists that grow, caches, settings that are inputs, and sequences of different lengths."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from modelparity.errors import GraphError

RNG = np.random.default_rng(0)


def test_append_stacks(apply):
    rows = [RNG.normal(size=(2, 3)) for _ in range(4)]
    grown = np.zeros(0)
    for row in rows:
        grown = apply("append", grown, row)
    np.testing.assert_array_equal(grown, np.stack(rows))
    with pytest.raises(GraphError, match="differ in shape"):
        apply("append", grown, rows[0][:1])


@pytest.mark.parametrize("circular", [False, True])
def test_cache_write_agrees_with_a_loop(apply, circular):
    x, update = RNG.normal(size=(2, 3, 6, 4)), RNG.normal(size=(2, 3, 3, 4))
    starts = np.array([1, 4 if circular else 3])
    expected = x.copy()
    for b, i in np.ndindex(2, 3):
        expected[b, :, (starts[b] + i) % 6] = update[b, :, i]
    np.testing.assert_array_equal(apply("cache_write", x, update, starts, circular=circular), expected)
    first = apply("cache_write", x, update)
    np.testing.assert_array_equal(first[:, :, :3], update)
    with pytest.raises(GraphError, match="outside"):
        apply("cache_write", x, update, np.array([5, 0]))
    with pytest.raises(GraphError, match="does not fit"):
        apply("cache_write", x, update[:1])


def test_with_settings_is_the_operator_with_attributes(apply):
    x = RNG.normal(size=(3, 4, 5))
    axes = np.array([0, -1])
    settings = (("axes", "numbers"),)
    given = {"keepdims": True}
    ours = apply("with_settings", x, axes, of="reduce_sum", settings=settings, given=given)
    np.testing.assert_array_equal(ours, apply("reduce_sum", x, axes=(0, -1), keepdims=True))
    none = apply(
        "with_settings", x, np.zeros(0, int), of="reduce_sum", settings=(("axes", "some"),), given={}
    )
    np.testing.assert_array_equal(none, apply("reduce_sum", x))
    parts = apply(
        "with_settings", x, np.array([1, 3]), of="split", settings=(("sizes", "numbers"),), given={"axis": 1}
    )
    np.testing.assert_array_equal(parts[1], x[:, 1:])
    lower = apply(
        "with_settings", x, np.array(1), of="triangle", settings=(("diagonal", "number"),), given={}
    )
    np.testing.assert_array_equal(lower, np.tril(x, 1))
    with pytest.raises(GraphError, match="integers"):
        apply("with_settings", x, np.array([1.5]), of="reduce_sum", settings=settings, given={})
    with pytest.raises(GraphError, match="runs graphs"):
        apply("with_settings", x, axes, of="cond", settings=settings, given={})


def test_slice_between_agrees_with_numpy(apply):
    x = RNG.normal(size=(5, 6, 7))
    far = np.iinfo(np.int64).max
    ours = apply(
        "slice_between", x, np.array([1, -1]), np.array([far, -far]), np.array([2, 0]), np.array([2, -1])
    )
    np.testing.assert_array_equal(ours, x[::-1, :, 1::2])
    np.testing.assert_array_equal(apply("slice_between", x, np.array([2]), np.array([-1])), x[2:-1])
    with pytest.raises(GraphError, match="does not fit"):
        apply("slice_between", x, np.array([2]), np.array([1, 2]))


@pytest.mark.parametrize("ordered", [True, False])
def test_unique_agrees_with_numpy(apply, ordered):
    x = np.array([3, 1, 3, 2, 1, 9])
    values, first, inverse, counts = apply("unique", x, ordered=ordered)
    np.testing.assert_array_equal(values, [1, 2, 3, 9] if ordered else [3, 1, 2, 9])
    np.testing.assert_array_equal(values[inverse], x)
    np.testing.assert_array_equal(x[first], values)
    np.testing.assert_array_equal(counts, [(x == v).sum() for v in values])
    rows = x.reshape(3, 2)[[0, 1, 0]]
    values, first, inverse, counts = apply("unique", rows, axis=0, ordered=ordered)
    np.testing.assert_array_equal(values[inverse], rows)
    assert sorted(counts) == [1, 2]


def test_pad_by_takes_axes_and_cuts(apply):
    x = RNG.normal(size=(3, 4, 5))
    ours = apply("pad_by", x, np.array([1, 0, 0, 2]), np.array([2, 0]), value=7.0)
    np.testing.assert_array_equal(ours, np.pad(x, ((0, 2), (0, 0), (1, 0)), constant_values=7))
    np.testing.assert_array_equal(
        apply("pad_by", x, np.array([-1, 2])), np.pad(x[..., 1:], ((0, 0),) * 2 + ((0, 2),))
    )


def test_pad_wraps(apply):
    x = np.arange(4.0)
    np.testing.assert_array_equal(
        apply("pad", x, before=(2,), after=(3,), mode="wrap"), np.pad(x, (2, 3), mode="wrap")
    )


def test_shapes_may_be_read_from_the_left_or_literally(apply):
    x = RNG.normal(size=(2, 3, 4))
    assert apply("reshape_to", x, np.array([0, -1]), zeros="left").shape == (2, 12)
    assert apply("reshape_to", x[:0], np.array([3, 0]), zeros="literal").shape == (3, 0)
    with pytest.raises(GraphError, match="unknown zeros"):
        apply("reshape_to", x, np.array([0, -1]), zeros="middle")


def test_broadcast_may_be_mutual(apply):
    x = RNG.normal(size=(3, 1))
    ours = apply("broadcast_to", x, np.array([2, 1, 4]), values=True, mutual=True)
    np.testing.assert_array_equal(ours, np.broadcast_to(x, (2, 3, 4)))


def test_a_window_of_channels_may_begin_anywhere(apply):
    x = RNG.normal(size=(2, 6))
    ours = apply("local_response_norm", x, size=4, lower=1)
    for c in range(6):
        power = (x[:, max(0, c - 1) : c + 3] ** 2).sum(axis=1)
        np.testing.assert_allclose(ours[:, c], x[:, c] / (1 + 1e-4 / 4 * power) ** 0.75)


@pytest.mark.parametrize(("op", "gates"), [("rnn", 1), ("lstm", 4), ("gru", 3)])
@pytest.mark.parametrize("direction", ["forward", "bidirectional"])
def test_by_length_is_each_sequence_alone(apply, op, gates, direction):
    d = 2 if direction == "bidirectional" else 1
    x, lengths = RNG.normal(size=(5, 3, 2)), np.array([5, 0, 2])
    weights = [RNG.normal(size=(d, 2, gates * 4)), RNG.normal(size=(d, 4, gates * 4))]
    h0 = RNG.normal(size=(d, 3, 4))
    others = [*weights, *[None] * {"rnn": 1, "lstm": 2, "gru": 2}[op], h0]
    given = {"direction": direction}
    y, *states = apply("by_length", x, lengths, *others, of=op, rows=(len(others) - 1,), given=given)
    for b, n in enumerate(lengths):
        assert not y[n:, b].any()
        if n:
            alone = apply(op, x[:n, b : b + 1], *others[:-1], h0[:, b : b + 1], **given)
            np.testing.assert_array_equal(y[:n, b : b + 1], alone[0])
            for ours, theirs in zip(states, alone[1:], strict=True):
                np.testing.assert_array_equal(ours[:, b : b + 1], theirs)
    with pytest.raises(GraphError, match="lengths"):
        apply("by_length", x, np.array([6, 1, 1]), *others, of=op, rows=(), given=given)


def test_by_length_agrees_with_packed_sequences(apply):
    layer = torch.nn.LSTM(2, 3).double()
    x, lengths = RNG.normal(size=(5, 3, 2)), np.array([5, 3, 2])
    packed = torch.nn.utils.rnn.pack_padded_sequence(torch.from_numpy(x), torch.from_numpy(lengths))
    expected, (h, _) = layer(packed)
    expected, _ = torch.nn.utils.rnn.pad_packed_sequence(expected)
    order = np.arange(12).reshape(4, 3)[[0, 1, 3, 2]].reshape(-1)
    w, r, b, c = (p.detach().numpy() for p in layer.parameters())
    weights = [w.T[None][..., order], r.T[None][..., order], (b + c)[None][..., order]]
    y, state, _ = apply("by_length", x, lengths, *weights, of="lstm", rows=(), given={})
    np.testing.assert_allclose(y, expected.detach().numpy(), atol=1e-12)
    np.testing.assert_allclose(state, h.detach().numpy(), atol=1e-12)


def test_activations_inside_a_loop_have_parameters(apply):
    x, w, r = RNG.normal(size=(4, 2)), RNG.normal(size=(1, 2, 3)), RNG.normal(size=(1, 3, 3))
    y, _ = apply("rnn", x, w, r, activation=("leaky_relu", (("slope", 0.3),)))
    h = np.zeros(3)
    for step, given in enumerate(x):
        a = given @ w[0] + h @ r[0]
        h = np.where(a >= 0, a, 0.3 * a)
        np.testing.assert_allclose(y[step], h, atol=1e-12)


def test_reductions_of_nothing_have_a_limit(apply):
    x = np.zeros((2, 0, 3))
    assert (apply("reduce_max", x, axes=1, empty="limit") == -np.inf).all()
    assert (apply("reduce_min", x, axes=1, empty="limit") == np.inf).all()
    assert (apply("reduce_log_sum_exp", x, axes=1, empty="limit") == -np.inf).all()
    assert not apply("reduce_max", x.astype(bool), axes=1, empty="limit").any()
    assert (apply("reduce_min", x.astype(np.int8), axes=1, empty="limit") == 127).all()
    with pytest.raises(GraphError, match="nothing"):
        apply("reduce_max", x, axes=1)
