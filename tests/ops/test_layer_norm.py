"""layer_norm, rms_norm, group_norm, instance_norm and batch_norm against torch."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings, strategies as st

from modelparity.engine.operator import Step
from modelparity.errors import GraphError

F = torch.nn.functional
shapes = st.lists(st.integers(1, 4), min_size=1, max_size=3)


def tensors(*arrays):
    return [None if a is None else torch.from_numpy(np.ascontiguousarray(a)) for a in arrays]


def drawn(shape, seed=0):
    rng = np.random.default_rng(seed)
    return rng.standard_normal(shape) * 3 + 1


def channels_first(x):
    return np.moveaxis(x, -1, 1)


@settings(max_examples=30, deadline=None)
@given(shapes, st.integers(1, 3), st.sampled_from([1e-5, 1e-2]), st.booleans())
def test_layer_norm(apply, shape, trailing, epsilon, affine):
    trailing = min(trailing, len(shape))
    axes, inner = tuple(range(-trailing, 0)), shape[-trailing:]
    x, gamma, beta = drawn(shape), *([drawn(inner, 1), drawn(inner, 2)] if affine else [None, None])
    t, g, b = tensors(x, gamma, beta)
    want = F.layer_norm(t, inner, g, b, epsilon)
    y = apply("layer_norm", x, gamma, beta, axes=axes, epsilon=epsilon)
    np.testing.assert_allclose(y, want, rtol=1e-11, atol=1e-11)


@settings(max_examples=25, deadline=None)
@given(shapes, st.booleans())
def test_rms_norm(apply, shape, affine):
    x, gamma = drawn(shape), drawn(shape[-1:], 1) if affine else None
    t, g = tensors(x, gamma)
    want = F.rms_norm(t, shape[-1:], g, 1e-4)
    np.testing.assert_allclose(apply("rms_norm", x, gamma, epsilon=1e-4), want, rtol=1e-12, atol=1e-12)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(2, 4), min_size=1, max_size=2), st.sampled_from([1, 2, 3, 6]))
def test_group_and_instance_norm(apply, space, groups):
    x, gamma, beta = drawn((2, *space, 6)), drawn(6, 1), drawn(6, 2)
    t, g, b = tensors(channels_first(x), gamma, beta)
    want = np.moveaxis(F.group_norm(t, groups, g, b).numpy(), 1, -1)
    y = apply("group_norm", x, gamma, beta, groups=groups, spatial=len(space))
    np.testing.assert_allclose(y, want, rtol=1e-11, atol=1e-11)
    want = np.moveaxis(F.instance_norm(t, weight=g, bias=b).numpy(), 1, -1)
    y = apply("instance_norm", x, gamma, beta, spatial=len(space))
    np.testing.assert_allclose(y, want, rtol=1e-11, atol=1e-11)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(1, 4), min_size=2, max_size=3), st.booleans())
def test_batch_norm(apply, shape, affine):
    channels = shape[-1]
    x, mean, variance = drawn(shape), drawn(channels, 3), np.random.default_rng(4).uniform(0.01, 4, channels)
    gamma, beta = (drawn(channels, 1), drawn(channels, 2)) if affine else (None, None)
    t, *rest = tensors(channels_first(x), mean, variance, gamma, beta)
    want = np.moveaxis(F.batch_norm(t, *rest, training=False, eps=1e-3).numpy(), 1, -1)
    y = apply("batch_norm", x, mean, variance, gamma, beta, epsilon=1e-3)
    np.testing.assert_allclose(y, want, rtol=1e-12, atol=1e-12)


def test_layer_norm_in_half_rounds_every_step(apply):
    h, x = np.float16, np.random.default_rng(0).standard_normal(7).astype(np.float16)

    def mean(a):
        return h(a.astype(np.float32).sum() / np.float32(a.size))

    d = x - mean(x)
    want = d / np.sqrt(h(mean(d * d) + np.float32(1e-3)))
    assert want.dtype == h
    np.testing.assert_array_equal(apply("layer_norm", x, ar="float16", epsilon=1e-3), want)


@pytest.mark.parametrize(
    ("op", "attrs"),
    [
        ("layer_norm", {}),
        ("layer_norm", {"axes": (0, 1)}),
        ("group_norm", {"groups": 2, "spatial": 1}),
        ("instance_norm", {"spatial": 1}),
    ],
)
def test_lanes(lanewise, op, attrs):
    x = drawn((3, 5, 4))
    lanewise(op, x, drawn((3, 4), 1), drawn((1, 4), 2), **attrs)
    lanewise(op, x[:1], drawn((3, 4), 1), **attrs)


def test_lanes_of_rms_and_batch_norm(lanewise):
    x, variance = drawn((3, 5, 4)), np.random.default_rng(0).uniform(1, 2, (3, 4))
    lanewise("rms_norm", x, drawn((3, 4), 1))
    lanewise("batch_norm", x, drawn((1, 4), 1), variance, drawn((3, 4), 2), drawn((1, 4), 3))


def test_refuses(apply):
    with pytest.raises(GraphError, match=r"axes do not fit\n.*\(2,\)\n.*from -2 to 1"):
        apply("layer_norm", np.ones((2, 3)), axes=(2,))
    with pytest.raises(GraphError, match=r"3 channels do not split into groups\n.*found: +2"):
        apply("group_norm", np.ones((2, 3)), groups=2, spatial=1)
    with pytest.raises(GraphError, match=r"spatial axes do not fit\n.*found: +2\n.*from 0 to 1"):
        apply("instance_norm", np.ones((2, 3)), spatial=2)


def test_streaming(streams):
    assert streams("layer_norm", 2, 1) == Step(0)
    assert "all frames" in streams("layer_norm", 2, 1, axes=(0, 1))
    assert streams("rms_norm", 2) == Step(0)
    assert streams("batch_norm", 3, 1, 1) == Step(0)
    assert "statistics" in streams("group_norm", 2, groups=1, spatial=1)
    assert streams("group_norm", 2, groups=1, spatial=0) == Step(0)
    assert "statistics" in streams("instance_norm", 2, spatial=1)
