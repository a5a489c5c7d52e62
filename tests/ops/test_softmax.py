"""softmax and log_softmax against torch."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings, strategies as st

from modelparity.engine.arithmetic import Arithmetic, arithmetic
from modelparity.engine.facts import Range
from modelparity.engine.operator import Step, find
from modelparity.errors import GraphError


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(1, 5), min_size=1, max_size=3), st.integers(-3, 2), st.floats(0.1, 1000))
def test_agrees_with_torch(apply, shape, axis, scale):
    axis = axis % len(shape) - len(shape) if axis < 0 else axis % len(shape)
    x = np.random.default_rng(0).standard_normal(shape) * scale
    y = apply("softmax", x, axis=axis)
    np.testing.assert_allclose(y, torch.softmax(torch.from_numpy(x), axis), rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(y.sum(axis=axis), 1, rtol=1e-12)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(1, 5), min_size=1, max_size=3), st.integers(-3, 2), st.floats(0.1, 1000))
def test_log_agrees_with_torch(apply, shape, axis, scale):
    axis = axis % len(shape)
    x = np.random.default_rng(0).standard_normal(shape) * scale
    y = apply("log_softmax", x, axis=axis)
    np.testing.assert_allclose(y, torch.log_softmax(torch.from_numpy(x), axis), rtol=1e-12, atol=1e-14)


def test_log_does_not_underflow(apply, recwarn):
    assert apply("log_softmax", np.array([0.0, -1e4])).tolist() == [0, -1e4]
    assert not recwarn.list


def test_extremes(apply):
    assert apply("softmax", np.array([1e308, -1e308, -np.inf])).tolist() == [1, 0, 0]
    assert np.isnan(apply("softmax", np.array([-np.inf, -np.inf]))).all()


def test_half_rounds_every_step():
    ar = arithmetic("float16")
    x = np.array([[0.1, 1.7, -2.3]], np.float16)
    y = find("softmax").kernel(ar, x.astype(np.float32))[0]
    h = np.float16
    e = np.exp((x[0] - x[0].max()).astype(h).astype(np.float32)).astype(h)
    total = h(e.astype(np.float32).sum())
    np.testing.assert_array_equal(y, (e / total).astype(h))


@pytest.mark.parametrize("op", ["softmax", "log_softmax"])
def test_lanes(lanewise, op):
    x = np.random.default_rng(0).standard_normal((3, 4, 5))
    lanewise(op, x, axis=0)
    lanewise(op, x)


def test_refuses(apply):
    with pytest.raises(GraphError, match=r"axes do not fit\n.*\(2,\)\n.*from -2 to 1"):
        apply("softmax", np.ones((2, 3)), axis=2)


def test_streaming(streams):
    assert streams("softmax", 2) == Step(0)
    assert streams("softmax", 2, axis=1) == Step(0)
    assert "all frames" in streams("softmax", 2, axis=0)
    assert "all frames" in streams("softmax", 2, axis=-2)


@pytest.mark.parametrize(
    ("shape", "axis", "terms"),
    [((2, 3), -1, 3), ((2, 3), 0, 2), ((3,), 0, 3), ((4, 1), 1, 1), ((0, 3), -1, 0)],
)
def test_how_many_terms_its_sum_has_is_told(apply, monkeypatch, shape, axis, terms):
    """The floor of a sum grows with them."""
    told = []
    monkeypatch.setattr(Arithmetic, "summed", lambda self, x, terms: told.append(terms) or x)
    apply("softmax", np.ones(shape), axis=axis)
    assert [(type(one), one) for one in told] == [(int, terms)]


def test_its_range_is_that_of_shares():
    of = find("softmax").facts.range
    assert of((), {"axis": 1}) == Range(0, 1, total=1)
    assert of((), {"axis": None}) == Range(0, 1)
