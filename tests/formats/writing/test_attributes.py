"""What nodes leave out is spelled out for every writer."""

from __future__ import annotations

import numpy as np
import pytest

import modelparity as mp
from modelparity.engine.bound_node import call
from modelparity.formats.writing.attributes import axes, channel_bias, cuts, kernel, per_axis, permutation


def bound(op, *inputs, **attrs):
    return call(mp.Node("n", op, inputs or ("x",), ("y",), attrs))


def test_axes_count_from_the_left():
    assert axes(bound("reduce_mean", axes=(-1, 0)), 3) == (0, 2)
    assert axes(bound("reduce_mean", axes=None), 3) == (0, 1, 2)
    assert axes(bound("squeeze", axes=-2), 3) == (1,)


def test_a_transpose_without_axes_reverses_them():
    assert permutation(bound("transpose"), 3) == (2, 1, 0)
    assert permutation(bound("transpose", axes=(0, -1, 1)), 3) == (0, 2, 1)


def test_a_slice_is_told_axis_by_axis():
    assert list(cuts(bound("slice", starts=(1, -3), ends=(4, None)), 2)) == [(0, 1, 4, 1), (1, -3, None, 1)]
    found = list(cuts(bound("slice", starts=(5,), ends=(0,), axes=(-1,), steps=(-2,)), 3))
    assert found == [(2, 5, 0, -2)]


def test_strides_that_are_left_out_are_1():
    conv = bound("conv", "x", "w", strides=(2, 3))
    assert per_axis(conv, "strides", 2) == (2, 3)
    assert per_axis(conv, "dilations", 2) == (1, 1)


@pytest.mark.parametrize("flip", [False, True])
def test_a_kernel_stands_as_cross_correlations_have_it(flip):
    weight = np.arange(24.0).reshape(2, 3, 1, 4)
    found = kernel(bound("conv", "x", "w", flip=flip), weight)
    assert found.shape == (4, 1, 2, 3)
    assert found[3, 0, 0, 2] == (weight[1, 0, 0, 3] if flip else weight[0, 2, 0, 3])


def test_a_lone_zero_is_no_bias():
    assert channel_bias(None, 3) is None
    assert channel_bias(np.zeros(1), 3) is None
    assert channel_bias(np.array(2.0), 3).tolist() == [2, 2, 2]
    assert channel_bias(np.zeros(3), 3).tolist() == [0, 0, 0]
