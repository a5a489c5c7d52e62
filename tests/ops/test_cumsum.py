"""cumsum, l2_normalize and local_response_norm against torch."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings, strategies as st

from modelparity.engine.operator import Step
from modelparity.engine.perturbed import Perturbed
from modelparity.errors import GraphError

F = torch.nn.functional


@pytest.mark.parametrize("axis", [0, 1, -1])
def test_running_sums_agree_with_torch(apply, axis):
    x = np.random.default_rng(0).standard_normal((4, 3, 5))
    t = torch.from_numpy(x)
    np.testing.assert_allclose(apply("cumsum", x, axis=axis), t.cumsum(axis), rtol=1e-12, atol=1e-12)
    back = t.flip(axis).cumsum(axis).flip(axis)
    np.testing.assert_allclose(apply("cumsum", x, axis=axis, reverse=True), back, rtol=1e-12, atol=1e-12)
    for reverse in (False, True):
        inclusive = apply("cumsum", x, axis=axis, reverse=reverse)
        exclusive = apply("cumsum", x, axis=axis, reverse=reverse, exclusive=True)
        np.testing.assert_allclose(exclusive, inclusive - x, rtol=1e-12, atol=1e-12)


def test_running_sums_by_hand(apply):
    x = np.array([1, 2, 3], np.int32)
    assert apply("cumsum", x).tolist() == [1, 3, 6]
    assert apply("cumsum", x, exclusive=True).tolist() == [0, 1, 3]
    assert apply("cumsum", x, reverse=True).tolist() == [6, 5, 3]
    assert apply("cumsum", x, reverse=True, exclusive=True).tolist() == [5, 3, 0]
    assert apply("cumsum", x).dtype == np.int32
    assert apply("cumsum", np.array([2048.0, 1, 1]), ar="float16").tolist() == [2048, 2048, 2050]


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 8), st.integers(1, 7), st.sampled_from([0.5, 0.75, 1.0]))
def test_neighbouring_channels_agree_with_torch(apply, channels, size, beta):
    x = np.random.default_rng(size).standard_normal((2, channels, 3, 4))
    want = F.local_response_norm(torch.from_numpy(x), size, alpha=0.3, beta=beta, k=2.0)
    y = apply("local_response_norm", x, size=size, alpha=0.3, beta=beta, k=2.0, axis=1)
    np.testing.assert_allclose(y, want, rtol=1e-12)
    last = apply("local_response_norm", np.moveaxis(x, 1, -1), size=size, alpha=0.3, beta=beta, k=2.0)
    np.testing.assert_allclose(np.moveaxis(last, -1, 1), want, rtol=1e-12)


def test_local_response_norm_refuses_no_window(apply):
    with pytest.raises(GraphError, match="the window has no channels"):
        apply("local_response_norm", np.ones((2, 3)), size=0)


@pytest.mark.parametrize("axes", [(1,), (-1,), (1, 2)])
def test_vectors_of_length_one_agree_with_torch(apply, axes):
    x = np.random.default_rng(0).standard_normal((2, 3, 4))
    t = torch.from_numpy(x)
    want = t / torch.linalg.vector_norm(t, dim=axes, keepdim=True)
    np.testing.assert_allclose(apply("l2_normalize", x, axes=axes), want, rtol=1e-11)
    if len(axes) == 1:
        floor = F.normalize(t, dim=axes[0], eps=1.5)
        y = apply("l2_normalize", x, axes=axes, epsilon=1.5, guard="floor")
        np.testing.assert_allclose(y, floor, rtol=1e-12)
    added = t / (t.square().sum(axes, keepdim=True) + 0.5).sqrt()
    np.testing.assert_allclose(apply("l2_normalize", x, axes=axes, epsilon=0.5), added, rtol=1e-12)


def test_l2_normalize_refuses_another_guard(apply):
    with pytest.raises(GraphError, match=r"unknown guard 'max'\n.*sum or floor"):
        apply("l2_normalize", np.ones(2), guard="max")


@pytest.mark.parametrize(
    ("op", "attrs"), [("cumsum", {"axis": 0}), ("local_response_norm", {"size": 3}), ("l2_normalize", {})]
)
def test_lanes_and_perturbation(op, attrs, lanewise, apply_lanes):
    x = np.random.default_rng(0).standard_normal((3, 4, 5))
    lanewise(op, x, **attrs)
    same = np.repeat(x[:1], 4, axis=0).astype(np.float32)
    y = apply_lanes(op, same, ar=Perturbed(lanes=4), **attrs)
    assert 0 < np.ptp(y, axis=0).max() < 1e-5


def test_streaming(streams):
    assert "all frames" in streams("cumsum", 2)
    assert streams("cumsum", 2, axis=1) == Step(0)
    assert streams("l2_normalize", 2) == Step(0)
    assert streams("local_response_norm", 3, size=3) == Step(0)
