"""Products, norms, logarithms of sums, and the places of extremes, over axes: against torch."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings, strategies as st

from modelparity.engine.operator import Step
from modelparity.engine.perturbed import Perturbed
from modelparity.errors import GraphError


def product(t, axes, keepdims):
    for axis in sorted(axes, reverse=True):
        t = t.prod(axis, keepdim=keepdims)
    return t


TWINS = {
    "reduce_l1": lambda t, axes, keep: torch.linalg.vector_norm(t, 1, axes, keep),
    "reduce_l2": lambda t, axes, keep: torch.linalg.vector_norm(t, 2, axes, keep),
    "reduce_log_sum": lambda t, axes, keep: t.sum(axes, keep).log(),
    "reduce_log_sum_exp": torch.logsumexp,
    "reduce_prod": product,
    "reduce_sum_square": lambda t, axes, keep: (t * t).sum(axes, keep),
}


@pytest.mark.parametrize("op", TWINS)
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_agrees_with_torch(op, data, apply):
    shape = data.draw(st.lists(st.integers(1, 4), min_size=1, max_size=4))
    axes = data.draw(st.none() | st.lists(st.integers(0, len(shape) - 1), min_size=1, unique=True))
    keepdims = data.draw(st.booleans())
    x = np.random.default_rng(0).uniform(-2, 2, shape)
    if op == "reduce_log_sum":
        x = np.abs(x)
    over = tuple(range(len(shape))) if axes is None else tuple(axes)
    want = TWINS[op](torch.from_numpy(x), over, keepdims).numpy()
    y = apply(op, x, axes=axes, keepdims=keepdims)
    assert y.shape == want.shape
    np.testing.assert_allclose(y, want, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("op", TWINS)
def test_whole_numbers_stay_whole(op, apply):
    x = np.array([[1, -2, 4], [3, 5, 6]], np.int32)
    y = apply(op, x, axes=(1,))
    assert y.dtype == np.int32
    assert (
        y.tolist()
        == {
            "reduce_l1": [7, 14],
            "reduce_l2": [4, 8],
            "reduce_log_sum": [1, 2],
            "reduce_log_sum_exp": [4, 6],
            "reduce_prod": [-8, 90],
            "reduce_sum_square": [21, 70],
        }[op]
    )


@pytest.mark.parametrize("op", TWINS)
def test_lanes_and_perturbation(op, lanewise, apply_lanes):
    x = np.random.default_rng(0).uniform(0.5, 2, (3, 4, 5))
    lanewise(op, x)
    lanewise(op, x, axes=(-1,), keepdims=True)
    y = apply_lanes(op, np.repeat(x[:1], 4, axis=0).astype(np.float32), ar=Perturbed(lanes=4))
    assert 0 < np.ptp(y) <= 1e-5 * np.abs(y).max()


def test_exponentials_do_not_overflow(apply, recwarn):
    assert apply("reduce_log_sum_exp", np.array([1000.0, 1000.0])) == pytest.approx(1000 + np.log(2))
    assert apply("reduce_log_sum_exp", np.array([-np.inf, -np.inf])) == -np.inf
    assert apply("reduce_log_sum_exp", np.array([np.inf, 0.0])) == np.inf
    assert (
        apply("reduce_l2", np.array([300.0, 400.0]), ar="float16") == 500
    )  # the squares alone would overflow
    with pytest.raises(GraphError, match="no sum of nothing"):
        apply("reduce_log_sum_exp", np.ones((0,)))
    assert not recwarn.list


@pytest.mark.parametrize(("op", "twin"), [("argmax", torch.argmax), ("argmin", torch.argmin)])
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_places_of_extremes(op, twin, data, apply):
    shape = data.draw(st.lists(st.integers(1, 4), min_size=1, max_size=3))
    axis = data.draw(st.integers(-len(shape), len(shape) - 1))
    keepdims = data.draw(st.booleans())
    x = np.random.default_rng(0).permutation(np.prod(shape)).reshape(shape).astype(float)
    y = apply(op, x, axis=axis, keepdims=keepdims)
    np.testing.assert_array_equal(y, twin(torch.from_numpy(x), axis, keepdims))
    assert y.dtype == np.int64


def test_the_first_of_equals_wins_and_the_type_is_asked_for(apply, lanewise):
    x = np.array([[1.0, 3, 3], [2, 0, 0]])
    assert apply("argmax", x, axis=1).tolist() == [1, 0]
    assert apply("argmin", x, axis=1).tolist() == [0, 1]
    assert apply("argmax", x, to="uint16").dtype == np.uint16
    lanewise("argmax", np.random.default_rng(0).standard_normal((3, 4, 5)), axis=0)
    lanewise("argmin", np.random.default_rng(0).standard_normal((3, 4, 5)), axis=0)
    for op in ("argmax", "argmin"):
        with pytest.raises(GraphError, match="imum of nothing"):
            apply(op, np.ones((2, 0)))


def test_streaming(streams):
    assert streams("reduce_l2", 3, axes=(1, 2)) == Step(0)
    assert streams("argmax", 3, axis=-1) == Step(0)
    assert streams("argmin", 3, times=(2,), axis=0) == Step(1)
    assert "all frames" in streams("argmax", 1)
    assert "all frames" in streams("reduce_prod", 3)
