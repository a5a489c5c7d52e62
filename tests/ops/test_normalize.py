"""normalize against torch, by hand, and with madmom's integer and scalar parameters."""

from __future__ import annotations

import numpy as np
import torch
from hypothesis import given, settings, strategies as st

from modelparity.engine.arithmetic import arithmetic
from modelparity.ops.normalize import normalize


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 6), st.integers(1, 5), st.integers(0, 2**32))
def test_agrees_with_torch(time, channels, seed):
    rng = np.random.default_rng(seed)
    x, gamma, beta, mean = rng.standard_normal((time, channels)), *rng.standard_normal((3, channels))
    variance = rng.uniform(0.1, 2, channels)
    want = torch.nn.functional.batch_norm(
        *(torch.from_numpy(a) for a in (x, mean, variance, gamma, beta)), training=False, eps=1e-3
    )
    lanes = [a[None] for a in (x, mean, 1 / np.sqrt(variance + 1e-3), gamma, beta)]
    np.testing.assert_allclose(normalize(arithmetic("float64"), *lanes)[0], want, rtol=1e-12, atol=1e-12)


def test_broadcasts_from_the_right(apply):
    x = np.arange(12.0).reshape(2, 2, 3)
    mean, inv_std = np.arange(6.0).reshape(2, 3), np.full((2, 3), 2.0)
    y = apply("normalize", x, mean, inv_std, np.array(1), np.array(0))
    np.testing.assert_array_equal(y, (x - mean) * 2)
    np.testing.assert_array_equal(apply("normalize", x, mean, inv_std), y)


def test_parameters_may_be_wider_than_x(apply):
    y = apply("normalize", np.ones((2, 1)), np.zeros(3), np.ones(3), np.ones(3), np.arange(3.0))
    np.testing.assert_array_equal(y, [[1, 2, 3], [1, 2, 3]])


def test_integers_do_not_lift_the_precision(apply):
    x = np.ones((2, 3), np.float32)
    y = apply("normalize", x, np.zeros(3), np.ones(3), np.array(1), np.array(0), ar="float32")
    assert y.dtype == np.float32


def test_rounds_every_step(apply):
    # float16: 2049 - 1 is 2048 only because 2049 itself is stored as 2048, less 1 is 2047
    y = apply("normalize", np.array([2049.0]), np.array([1.0]), np.array([1.0]), ar="float16")
    assert y.tolist() == [2047.0]
    y = apply("normalize", np.array([2048.0]), np.array([-1.0]), np.array([2.0]), ar="float16")
    assert y.tolist() == [4096.0]  # 2049 rounds to 2048 before it is doubled


def test_lanes(lanewise):
    rng = np.random.default_rng(0)
    x, shared = rng.standard_normal((3, 4, 5)), rng.standard_normal((1, 5))
    own = [rng.standard_normal((3, 5)) for _ in range(3)]
    lanewise("normalize", x, shared, *own)
    lanewise("normalize", x, *own, rng.standard_normal((3,)))
    lanewise("normalize", x[:1], *own)
