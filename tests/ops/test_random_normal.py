"""Random operators: their distributions, and that every run draws alike."""

from __future__ import annotations

import numpy as np
import pytest

from modelparity.errors import GraphError

MANY = np.array([200, 500], np.int32)


def test_uniform(apply):
    y = apply("random_uniform", MANY, low=-1.0, high=3.0, seed=1)
    assert y.shape == (200, 500)
    assert -1 <= y.min() < -0.99
    assert 2.99 < y.max() < 3
    np.testing.assert_allclose([y.mean(), y.var()], [1, 16 / 12], atol=0.02)
    np.testing.assert_array_equal(apply("random_uniform", MANY, low=2.0, high=2.0), np.full((200, 500), 2.0))


def test_normal(apply):
    y = apply("random_normal", MANY, mean=2.0, deviation=3.0, seed=-1)
    centred = (y - 2) / 3
    np.testing.assert_allclose([(centred**k).mean() for k in (1, 2, 3, 4)], [0, 1, 0, 3], atol=0.06)
    np.testing.assert_array_equal(
        apply("random_normal", MANY, mean=2.0, deviation=0.0), np.full((200, 500), 2.0)
    )


@pytest.mark.parametrize("probability", [0.0, 0.3, 1.0])
def test_bernoulli(apply, probability):
    y = apply("random_bernoulli", MANY, probability=probability)
    assert set(np.unique(y)) <= {0.0, 1.0}
    np.testing.assert_allclose(y.mean(), probability, atol=0.01 if 0 < probability < 1 else 0)
    with pytest.raises(GraphError, match="no probability"):
        apply("random_bernoulli", MANY, probability=1.5)


def test_categorical(apply):
    p = np.array([[0.1, 0.2, 0.7], [1, 0, 0]])
    for x, logits in ((p, False), (np.log(p + 1e-300), True), (7 * p, False)):
        y = apply("random_categorical", x, count=50_000, logits=logits, seed=3)
        found = [np.bincount(row.astype(int), minlength=3) / 50_000 for row in y]
        np.testing.assert_allclose(found, p, atol=0.01)
    with pytest.raises(GraphError, match="nothing to draw from"):
        apply("random_categorical", np.zeros((2, 0)))
    with pytest.raises(GraphError, match="no probabilities"):
        apply("random_categorical", np.array([1.0, -1]), logits=False)


@pytest.mark.parametrize("op", ["random_uniform", "random_normal", "random_bernoulli"])
def test_every_run_draws_alike_and_every_seed_differently(apply, op):
    np.testing.assert_array_equal(apply(op, MANY, seed=5), apply(op, MANY, seed=5))
    assert (apply(op, MANY, seed=5) != apply(op, MANY, seed=6)).any()
    with pytest.raises(GraphError, match="no shape"):
        apply(op, np.array([-1]))
