"""squeeze and expand_dims against numpy, each the other's inverse."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from modelparity.engine.operator import Step
from modelparity.errors import GraphError

pairs = st.lists(st.integers(0, 4), max_size=3).flatmap(
    lambda shape: st.tuples(
        st.just(tuple(shape)),
        st.lists(st.integers(0, len(shape)), min_size=1, max_size=2, unique=True),
    )
)


@settings(max_examples=40, deadline=None)
@given(pairs, st.booleans())
def test_agrees_with_numpy_and_comes_back(apply, pair, negative):
    shape, axes = pair
    x = np.arange(float(np.prod(shape))).reshape(shape)
    rank = len(shape) + len(axes)
    axes = tuple(axis - rank if negative else axis for axis in axes)
    y = apply("expand_dims", x, axes=axes)
    np.testing.assert_array_equal(y, np.expand_dims(x, axes))
    assert y.shape == np.expand_dims(x, axes).shape
    back = apply("squeeze", y, axes=axes)
    assert back.shape == shape
    np.testing.assert_array_equal(back, np.squeeze(y, axes))


def test_lanes(lanewise):
    x = np.random.default_rng(0).standard_normal((3, 2, 1, 4))
    lanewise("squeeze", x, axes=(1,))
    lanewise("expand_dims", x, axes=(0, -1))


def test_a_single_lane_is_no_axis_of_the_formula(apply):
    assert apply("expand_dims", np.ones(3), axes=0).shape == (1, 3)
    assert apply("squeeze", np.ones((1, 3)), axes=0).shape == (3,)


def test_refuses(apply):
    with pytest.raises(
        GraphError, match=r"only axes of size 1 can be dropped\n.*\(2, 3\)\n.*1 at axes \(1,\)"
    ):
        apply("squeeze", np.ones((2, 3)), axes=(-1,))
    with pytest.raises(GraphError, match=r"axes do not fit\n.*\(2,\)\n.*from -2 to 1"):
        apply("squeeze", np.ones((2, 3)), axes=(2,))
    with pytest.raises(GraphError, match=r"axes do not fit\n.*\(0, -4\)"):
        apply("expand_dims", np.ones((2, 3)), axes=(0, -4))


def test_streaming(streams):
    assert streams("squeeze", 2, axes=(1,)) == Step(0)
    assert streams("squeeze", 3, times=(2,), axes=(0,)) == Step(1)
    assert streams("squeeze", 2, axes=(0,)) == "it drops the time axis"
    assert streams("expand_dims", 2, axes=(-1,)) == Step(0)
    assert streams("expand_dims", 2, axes=(0, 1)) == Step(2)
