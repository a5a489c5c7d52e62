"""reshape and transpose against numpy and torch."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings, strategies as st

from modelparity.engine.operator import Step
from modelparity.errors import GraphError


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_reshape_agrees_with_numpy(apply, data):
    sizes = data.draw(st.lists(st.integers(1, 4), min_size=1, max_size=4))
    x = np.arange(math.prod(sizes)).reshape(sizes)
    cut = data.draw(st.integers(0, len(sizes)))
    target = [*sizes[:cut], math.prod(sizes[cut:])]
    want = x.reshape(target)
    np.testing.assert_array_equal(apply("reshape", x, shape=target), want)
    np.testing.assert_array_equal(apply("reshape", x, shape=[0] * cut + [-1]), want)


def test_reshape_reads_zero_and_minus_one(apply):
    x = np.arange(24).reshape(2, 3, 4)
    assert apply("reshape", x, shape=(0, 2, -1)).shape == (2, 2, 6)
    assert apply("reshape", x, shape=(-1,)).shape == (24,)
    assert apply("reshape", x[..., :0], shape=(0, -1, 1)).shape == (2, 0, 1)
    assert apply("reshape", np.ones(1), shape=()).shape == ()


@pytest.mark.parametrize(
    ("shape", "text"),
    [
        ((4,), r"number of elements differs\n.*6 in \(2, 3\)\n.*what fills \(4,\)"),
        ((4, -1), r"number of elements differs"),
        ((-1, -1), r"shape is not valid\n.*\(-1, -1\)\n.*at most one -1"),
        ((2, 3, 0), r"shape is not valid\n.*\n.*copy one of the 2 axes of \(2, 3\)"),
        ((-2, 3), r"shape is not valid"),
    ],
)
def test_reshape_refuses(apply, shape, text):
    with pytest.raises(GraphError, match=text):
        apply("reshape", np.ones((2, 3)), shape=shape)


@settings(max_examples=30, deadline=None)
@given(st.permutations(range(4)), st.booleans())
def test_transpose_agrees_with_torch(apply, axes, negative):
    x = np.arange(120).reshape(2, 3, 4, 5)
    want = torch.from_numpy(x).permute(axes).numpy()
    given_axes = [axis - 4 for axis in axes] if negative else axes
    np.testing.assert_array_equal(apply("transpose", x, axes=given_axes), want)


def test_transpose_reverses_without_axes(apply):
    assert apply("transpose", np.ones((2, 3, 4))).shape == (4, 3, 2)


@pytest.mark.parametrize("axes", [(0,), (0, 0), (0, 2), (1, -1)])
def test_transpose_refuses(apply, axes):
    with pytest.raises(GraphError, match=r"axes are no order of the input's\n.*\n.*each of 0 to 1 once"):
        apply("transpose", np.ones((2, 3)), axes=axes)


def test_lanes(lanewise):
    x = np.random.default_rng(0).standard_normal((3, 2, 6, 2))
    lanewise("reshape", x, shape=(0, 3, -1))
    lanewise("transpose", x, axes=(2, 0, 1))


def test_streaming(streams):
    assert streams("reshape", 3, shape=(0, -1)) == Step(0)
    assert streams("reshape", 3, shape=(-1, 8)) == Step(0)
    assert streams("reshape", 3, times=(1,), shape=(0, 0, 8)) == Step(1)
    assert "does not copy" in streams("reshape", 3, shape=(8, -1))
    assert "does not copy" in streams("reshape", 3, times=(1,), shape=(-1, 8))
    assert streams("transpose", 3, axes=(1, 2, 0)) == Step(2)
    assert streams("transpose", 3) == Step(2)
