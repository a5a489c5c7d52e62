"""Triangles, scaled tangents and steps of quantisation, against numpy and torch."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from modelparity.errors import GraphError

X = np.random.default_rng(0).standard_normal((2, 4, 5))


@pytest.mark.parametrize("diagonal", range(-5, 6))
def test_triangle_agrees_with_numpy(apply, diagonal):
    np.testing.assert_array_equal(apply("triangle", X, diagonal=diagonal), np.tril(X, diagonal))
    np.testing.assert_array_equal(apply("triangle", X, diagonal=diagonal, part="upper"), np.triu(X, diagonal))


def test_triangle_wants_a_matrix(apply):
    with pytest.raises(GraphError, match="no triangle"):
        apply("triangle", X[0, 0])
    with pytest.raises(GraphError, match="no triangle"):
        apply("triangle", X, part="left")


def test_scaled_tanh_agrees_with_torch(apply):
    x = torch.from_numpy(X)
    np.testing.assert_allclose(apply("scaled_tanh", X), (1.7159 * torch.tanh(x * 2 / 3)).numpy(), rtol=1e-14)
    y = apply("scaled_tanh", X, alpha=2.0, beta=-0.5)
    np.testing.assert_allclose(y, (2 * torch.tanh(-x / 2)).numpy(), rtol=1e-14)


@pytest.mark.parametrize("bits", [4, 8])
def test_dynamic_quantize_agrees_with_torch(apply, bits):
    top = 2 ** (bits - 1) - 1
    step = float(np.abs(X).max()) / top
    expected = torch.fake_quantize_per_tensor_affine(torch.from_numpy(X), step, 0, -top, top)
    y = apply("dynamic_quantize", X, bits=bits)
    np.testing.assert_allclose(y, expected.numpy(), atol=1e-6)
    assert len(np.unique(y)) <= 2 * top + 1


def test_dynamic_quantize_leaves_zeros_alone(apply):
    np.testing.assert_array_equal(apply("dynamic_quantize", np.zeros((2, 3))), np.zeros((2, 3)))
