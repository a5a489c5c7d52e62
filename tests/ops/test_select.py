"""select against torch, and what floor_div and mod make of whole numbers and signs."""

from __future__ import annotations

import numpy as np
import torch
from hypothesis import given, settings
from hypothesis.extra import numpy as shapes

from modelparity.engine.operator import Step


@settings(max_examples=25, deadline=None)
@given(shapes.mutually_broadcastable_shapes(num_shapes=3, max_dims=3, max_side=3))
def test_select_agrees_with_torch(apply, given_shapes):
    rng = np.random.default_rng(0)
    condition, x, y = (rng.standard_normal(shape) for shape in given_shapes.input_shapes)
    want = torch.where(*(torch.from_numpy(np.asarray(a)) for a in (condition > 0, x, y)))
    np.testing.assert_array_equal(apply("select", condition > 0, x, y), want)


def test_a_number_is_true_unless_it_is_zero(apply):
    z = apply("select", np.array([0.0, -0.5, 2]), np.array(1), np.array(7))
    assert z.tolist() == [7, 1, 1]
    assert z.dtype.kind == "i"


def test_select_in_lanes(lanewise, streams):
    rng = np.random.default_rng(0)
    lanewise("select", rng.standard_normal((1, 4)) > 0, rng.standard_normal((3, 2, 4)), np.zeros((1,)))
    assert streams("select", 2, 2, 1) == Step(0)


def test_division_rounds_down_and_the_remainder_has_the_sign_of_the_divisor(apply):
    x, y = np.array([7, -7, 7, -7]), np.array([2, 2, -2, -2])
    for numbers in (x, y), (x.astype(float), y.astype(float)):
        assert apply("floor_div", *numbers).tolist() == [3, -4, -4, 3]
        assert apply("mod", *numbers).tolist() == [1, 1, -1, -1]
    assert apply("floor_div", x, y).dtype.kind == apply("mod", x, y).dtype.kind == "i"
    np.testing.assert_array_equal(apply("mod", x, y), torch.remainder(torch.tensor(x), torch.tensor(y)))


def test_division_by_zero_is_quiet(apply, recwarn):
    assert apply("floor_div", np.array([5]), np.array([0])).tolist() == [0]
    assert apply("floor_div", np.array([5.0]), np.array([0.0])).tolist() == [np.inf]
    assert np.isnan(apply("mod", np.array([5.0]), np.array([0.0])))
    assert not recwarn.list
