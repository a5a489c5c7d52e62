"""l2_pool against torch, and padding by name, which convolution and pooling share."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings, strategies as st

from modelparity.engine.operator import Step
from modelparity.engine.perturbed import Perturbed
from modelparity.errors import GraphError


@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_agrees_with_torch(data, apply):
    n = data.draw(st.integers(1, 2))
    size = [data.draw(st.integers(1, 3)) for _ in range(n)]
    strides = [data.draw(st.integers(1, 3)) for _ in range(n)]
    shape = [k + data.draw(st.integers(0, 5)) for k in size]
    x = np.random.default_rng(0).standard_normal((2, *shape, 3))
    f = getattr(torch.nn.functional, f"lp_pool{n}d")
    want = f(torch.from_numpy(np.moveaxis(x, -1, 1).copy()), 2, size[0] if n == 1 else size, strides)
    y = apply("l2_pool", x, size=size, strides=strides)
    np.testing.assert_allclose(np.moveaxis(y, -1, 1), want, rtol=1e-12)


def test_by_hand(apply):
    x = np.array([[3.0], [4.0], [12.0]])
    assert apply("l2_pool", x, size=(2,), strides=(1,)).ravel() == pytest.approx([5, 160**0.5])
    assert apply("l2_pool", x, size=(2,)).ravel().tolist() == [5]
    assert apply("l2_pool", x, size=(2,), ceil=True).ravel().tolist() == [5, 12]
    assert apply("l2_pool", x, size=(2,), padding=[(1, 0)]).ravel() == pytest.approx([3, 160**0.5])


def test_lanes_and_perturbation(lanewise, apply_lanes, streams):
    x = np.random.default_rng(0).standard_normal((3, 6, 5, 2))
    lanewise("l2_pool", x, size=(2, 3), padding="same")
    y = apply_lanes(
        "l2_pool", np.repeat(x[:1], 3, axis=0).astype(np.float32), ar=Perturbed(lanes=3), size=(2, 3)
    )
    assert 0 < np.ptp(y, axis=0).max() < 1e-5
    assert streams("l2_pool", 3, size=(2, 2)) == Step(0, extent=2, hop=2)
    assert "pads the time axis" in streams("l2_pool", 3, size=(2, 2), padding="same")


@pytest.mark.parametrize(
    ("length", "size", "stride", "dilation"), [(7, 4, 1, 1), (7, 2, 3, 1), (8, 3, 2, 2), (5, 1, 2, 1)]
)
def test_same_gives_one_window_a_stride(apply, length, size, stride, dilation):
    x = np.random.default_rng(0).standard_normal((length, 2))
    total = max(0, (-(-length // stride) - 1) * stride + (size - 1) * dilation + 1 - length)
    pairs = {"same": (total // 2, total - total // 2), "same_lower": (total - total // 2, total // 2)}
    weight = np.random.default_rng(1).standard_normal((size, 2, 3))
    for name, pair in pairs.items():
        settings_ = {"strides": (stride,), "dilations": (dilation,)}
        y = apply("conv", x, weight, padding=name, **settings_)
        assert len(y) == -(-length // stride)
        np.testing.assert_array_equal(y, apply("conv", x, weight, padding=[pair], **settings_))
        np.testing.assert_array_equal(
            apply("max_pool", x, size=(size,), padding=name, **settings_),
            apply("max_pool", x, size=(size,), padding=[pair], **settings_),
        )


def test_an_unknown_padding_is_refused(apply):
    with pytest.raises(GraphError, match=r"unknown padding 'full'\n.*same, same_lower or pairs"):
        apply("l2_pool", np.ones((4, 1)), size=(2,), padding="full")
