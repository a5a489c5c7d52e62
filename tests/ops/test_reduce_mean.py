"""reduce_mean, reduce_sum, reduce_max and reduce_min against torch."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings, strategies as st

from modelparity.engine.operator import Step
from modelparity.engine.perturbed import Perturbed
from modelparity.errors import GraphError

TWINS = {
    "reduce_mean": torch.mean,
    "reduce_sum": torch.sum,
    "reduce_max": torch.amax,
    "reduce_min": torch.amin,
}
EXACT = ("reduce_max", "reduce_min")


@pytest.mark.parametrize("op", TWINS)
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_agrees_with_torch(op, data, apply):
    shape = data.draw(st.lists(st.integers(1, 4), min_size=1, max_size=4))
    places = st.lists(st.integers(0, len(shape) - 1), min_size=1, unique=True)
    axes = data.draw(st.none() | places)
    keepdims, negative = data.draw(st.booleans()), data.draw(st.booleans())
    x = np.random.default_rng(0).standard_normal(shape)
    over = tuple(range(len(shape))) if axes is None else tuple(axes)
    want = TWINS[op](torch.from_numpy(x), over, keepdims).numpy()
    if axes is not None and negative:
        axes = [axis - len(shape) for axis in axes]
    y = apply(op, x, axes=axes, keepdims=keepdims)
    assert y.shape == want.shape
    np.testing.assert_allclose(y, want, rtol=1e-13, atol=1e-13)


def test_one_axis_may_be_a_number(apply):
    assert apply("reduce_sum", np.ones((2, 3)), axes=1).tolist() == [3, 3]


def test_half_accumulates_in_the_carrier_and_rounds_once(apply):
    x = np.array([2048.0, 1, 1])
    assert apply("reduce_sum", x, ar="float16") == 2050
    assert apply("reduce_mean", x, ar="float16") == np.float16(2050 / 3)
    assert apply("reduce_sum", np.array([60000.0, 60000.0]), ar="float16") == np.inf


@pytest.mark.parametrize("op", TWINS)
def test_perturbed(op, apply_lanes):
    x = np.random.default_rng(0).standard_normal((1, 40)).astype(np.float32)
    x = np.repeat(np.concatenate((x, -x[:, ::-1] + 1e-4), axis=1), 4, axis=0)
    off = apply_lanes(op, x, ar=Perturbed(lanes=4)) - apply_lanes(op, x, ar="float64")
    assert (np.abs(off).max() < 1e-8) == (op in EXACT)
    assert np.abs(off).max() < 1e-5  # errors of the summands show, though they cancel in the sum


@pytest.mark.parametrize("op", TWINS)
def test_lanes(op, lanewise):
    x = np.random.default_rng(0).standard_normal((3, 4, 5))
    lanewise(op, x)
    lanewise(op, x, axes=(0,))
    lanewise(op, x, axes=(-1,), keepdims=True)


def test_nothing_to_reduce(apply, recwarn):
    assert np.isnan(apply("reduce_mean", np.ones((0, 2)), axes=(0,))).all()
    assert apply("reduce_sum", np.ones((0, 2)), axes=(0,)).tolist() == [0, 0]
    assert not recwarn.list
    for op in EXACT:
        with pytest.raises(GraphError, match=r"imum of nothing\n.*\(0, 2\)\n.*at least one element"):
            apply(op, np.ones((0, 2)), axes=(0,))


@pytest.mark.parametrize("axes", [(2,), (0, 0), (0, -2)])
def test_refuses(apply, axes):
    with pytest.raises(GraphError, match=r"axes do not fit\n.*\n.*distinct, from -2 to 1"):
        apply("reduce_mean", np.ones((2, 3)), axes=axes)


def test_streaming(streams):
    assert streams("reduce_mean", 3, axes=(1, 2)) == Step(0)
    assert streams("reduce_mean", 3, times=(2,), axes=(0,)) == Step(1)
    assert streams("reduce_mean", 3, times=(2,), axes=(0,), keepdims=True) == Step(2)
    assert "all frames" in streams("reduce_sum", 3, axes=(0, 1))
    assert "all frames" in streams("reduce_max", 3)
