"""Gathering and scattering by position against numpy, torch and loops over indices."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings, strategies as st

from modelparity.errors import GraphError

X = np.random.default_rng(0).normal(size=(3, 4, 5))
RULES = {
    "update": lambda old, new: new,
    "add": lambda old, new: old + new,
    "sub": lambda old, new: old - new,
    "mul": lambda old, new: old * new,
    "div": lambda old, new: old / new,
    "max": max,
    "min": min,
}


@settings(max_examples=30, deadline=None)
@given(st.integers(-3, 2), st.integers(1, 6), st.integers(0, 2**16))
def test_gather_along_axis_agrees_with_numpy(apply, axis, count, seed):
    shape = list(X.shape)
    shape[axis] = count
    indices = np.random.default_rng(seed).integers(-X.shape[axis], X.shape[axis], shape)
    y = apply("gather_along_axis", X, indices, axis=axis)
    np.testing.assert_array_equal(y, np.take_along_axis(X, indices, axis))


def test_gather_along_axis_reads_as_many_rows_as_there_are_indices(apply):
    indices = np.array([[[3], [0]]])
    expected = torch.gather(torch.from_numpy(X), 2, torch.from_numpy(indices)).numpy()
    np.testing.assert_array_equal(apply("gather_along_axis", X, indices, axis=2), expected)


@pytest.mark.parametrize("batch_dims", [0, 1, 2])
@pytest.mark.parametrize("depth", [0, 1, 2, 3])
def test_gather_nd_agrees_with_a_loop(apply, batch_dims, depth):
    if batch_dims + depth > 3:
        with pytest.raises(GraphError, match="do not fit"):
            apply("gather_nd", X, np.zeros((3, 4, 2, depth), int), batch_dims=batch_dims)
        return
    rng = np.random.default_rng(depth)
    lead = X.shape[:batch_dims]
    sizes = X.shape[batch_dims : batch_dims + depth]
    indices = (
        np.stack([rng.integers(-n, n, (*lead, 2, 3)) for n in sizes], -1)
        if depth
        else np.zeros((*lead, 2, 3, 0), int)
    )
    expected = np.empty((*lead, 2, 3, *X.shape[batch_dims + depth :]))
    for place in np.ndindex(*lead, 2, 3):
        expected[place] = X[place[:batch_dims]][tuple(indices[place])]
    np.testing.assert_array_equal(apply("gather_nd", X, indices, batch_dims=batch_dims), expected)


@pytest.mark.parametrize("batch_dims", [0, 1, 2])
@pytest.mark.parametrize("axis", [0, 1, 2, -1])
def test_gather_batched_agrees_with_a_loop(apply, batch_dims, axis):
    lead, along = X.shape[:batch_dims], axis % 3
    indices = np.random.default_rng(axis + 1).integers(-X.shape[axis], X.shape[axis], (*lead, 2, 2))
    if along < batch_dims:
        with pytest.raises(GraphError, match="batch axes"):
            apply("gather_batched", X, indices, axis=axis, batch_dims=batch_dims)
        return
    expected = np.empty((*X.shape[:along], 2, 2, *X.shape[along + 1 :]))
    for place in np.ndindex(*lead):
        expected[place] = np.take(X[place], indices[place], axis=along - batch_dims)
    y = apply("gather_batched", X, indices, axis=axis, batch_dims=batch_dims)
    np.testing.assert_array_equal(y, expected)


@pytest.mark.parametrize("mode", RULES)
@pytest.mark.parametrize("axis", [0, 1, -1])
def test_scatter_agrees_with_a_loop(apply, mode, axis):
    rng = np.random.default_rng(1)
    indices = rng.integers(-X.shape[axis], X.shape[axis], 7)  # some places several times
    shape = list(X.shape)
    shape[axis] = 7
    updates = rng.normal(size=shape) + 3
    expected = np.moveaxis(X.copy(), axis, 0)
    for row, index in zip(np.moveaxis(updates, axis, 0), indices, strict=True):
        expected[index] = np.vectorize(RULES[mode])(expected[index], row)
    y = apply("scatter", X, indices, updates, axis=axis, mode=mode)
    np.testing.assert_allclose(y, np.moveaxis(expected, 0, axis), rtol=1e-12)


TORCH = {"add": "sum", "mul": "prod", "max": "amax", "min": "amin"}


@pytest.mark.parametrize("mode", TORCH)
@pytest.mark.parametrize("axis", [0, 1, 2])
def test_scatter_along_axis_agrees_with_torch(apply, mode, axis):
    rng = np.random.default_rng(2)
    shape = list(X.shape)
    shape[axis] = 6
    indices, updates = rng.integers(0, X.shape[axis], shape), rng.normal(size=shape)
    x = torch.from_numpy(X.copy())
    expected = x.scatter_reduce(
        axis, torch.from_numpy(indices), torch.from_numpy(updates), TORCH[mode]
    ).numpy()
    y = apply("scatter_along_axis", X, indices, updates, axis=axis, mode=mode)
    np.testing.assert_allclose(y, expected, rtol=1e-12)
    wrapped = np.where(indices > 1, indices - X.shape[axis], indices)
    np.testing.assert_array_equal(apply("scatter_along_axis", X, wrapped, updates, axis=axis, mode=mode), y)


def test_scatter_along_axis_updates_the_rows_that_indices_name(apply):
    indices, updates = np.array([[[3], [0]]]), np.array([[[7.0], [8.0]]])
    expected = X.copy()
    expected[0, 0, 3], expected[0, 1, 0] = 7, 8
    np.testing.assert_array_equal(apply("scatter_along_axis", X, indices, updates, axis=2), expected)


@pytest.mark.parametrize("mode", RULES)
@pytest.mark.parametrize("depth", [1, 2, 3])
def test_scatter_nd_agrees_with_a_loop(apply, mode, depth):
    rng = np.random.default_rng(3)
    indices = np.stack([rng.integers(-n, n, (2, 3)) for n in X.shape[:depth]], -1)
    updates = rng.normal(size=(2, 3, *X.shape[depth:])) + 3
    expected = X.copy()
    for place in np.ndindex(2, 3):
        at = tuple(indices[place])
        expected[at] = np.vectorize(RULES[mode])(expected[at], updates[place])
    np.testing.assert_allclose(apply("scatter_nd", X, indices, updates, mode=mode), expected, rtol=1e-12)


def test_whole_numbers_are_divided_towards_zero(apply):
    y = apply("scatter", np.array([7, -7, 9]), np.array([0, 1]), np.array([2, 2]), mode="div")
    assert y.tolist() == [3, -3, 9]


@pytest.mark.parametrize("bounds", ["wrap", "raise"])
def test_an_index_outside_is_named(apply, bounds):
    with pytest.raises(GraphError, match=r"index 4 at .* out of range"):
        apply("gather_along_axis", X, np.full((3, 1, 5), 4), axis=1, bounds=bounds)
    with pytest.raises(GraphError, match="index -5 at"):
        apply("gather_nd", X, np.array([[0, -5]]), bounds=bounds)
    if bounds == "raise":
        with pytest.raises(GraphError, match="index -1 at"):
            apply("gather_batched", X, np.array([-1]), bounds=bounds)


def test_updates_outside_can_be_dropped(apply):
    updates = np.ones((2, 4, 5))
    y = apply("scatter", X, np.array([-1, 2]), updates, mode="add", bounds="ignore")
    np.testing.assert_array_equal(y, X + np.array([0, 0, 1])[:, None, None])
    y = apply("scatter_nd", X, np.array([[-1], [7]]), updates, bounds="ignore")
    np.testing.assert_array_equal(y, X)
    y = apply("scatter_along_axis", X, np.full((3, 4, 1), 5), np.ones((3, 4, 1)), axis=2, bounds="ignore")
    np.testing.assert_array_equal(y, X)


def test_what_cannot_be_read_is_refused(apply):
    with pytest.raises(GraphError, match="unknown mode"):
        apply("scatter", X, np.array([0]), X[:1], mode="xor")
    with pytest.raises(GraphError, match="unknown treatment"):
        apply("scatter", X, np.array([0]), X[:1], bounds="clip")
    with pytest.raises(GraphError, match="updates do not fit"):
        apply("scatter", X, np.array([0]), X[:2])
    with pytest.raises(GraphError, match="not integers"):
        apply("gather_nd", X, np.array([[0.5]]))
    with pytest.raises(GraphError, match="ranks differ"):
        apply("gather_along_axis", X, np.array([0]))
    with pytest.raises(GraphError, match="larger than the data"):
        apply("scatter_along_axis", X, np.zeros((4, 4, 5), int), np.zeros((4, 4, 5)), axis=1)
    with pytest.raises(GraphError, match="or updates do not fit"):
        apply("scatter_nd", X, np.array([[0]]), X)


def test_lanes_stand_alone(lanewise):
    rng = np.random.default_rng(4)
    lanewise(
        "scatter_nd", rng.normal(size=(2, 3, 4)), rng.integers(0, 3, (1, 2, 1)), rng.normal(size=(2, 2, 4))
    )
    lanewise("gather_nd", rng.normal(size=(1, 3, 4)), rng.integers(0, 3, (2, 5, 1)))
