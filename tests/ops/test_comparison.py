"""Comparisons, logic and casts against numpy."""

from __future__ import annotations

import numpy as np
import pytest

from modelparity.engine.arithmetic import arithmetic
from modelparity.engine.operator import find
from modelparity.errors import GraphError

PAIRS = (
    "greater",
    "less",
    "equal",
    "not_equal",
    "greater_equal",
    "less_equal",
    "logical_and",
    "logical_or",
    "logical_xor",
)
X = np.array([[-1.0, 0.0, 2.0, np.nan, np.inf], [3.0, 0.0, -0.0, 1.0, -np.inf]])
Y = np.array([2.0, 0.0, 2.0, np.nan, np.inf])


@pytest.mark.parametrize("op", PAIRS)
def test_pairs_equal_numpy_and_broadcast(op):
    result = find(op).kernel(arithmetic("float64"), X[None], Y[None])
    assert result.dtype == bool
    assert np.array_equal(result[0], getattr(np, op)(X, Y))


def test_logical_not():
    assert np.array_equal(find("logical_not").kernel(arithmetic("float64"), X[None])[0], np.logical_not(X))


@pytest.mark.parametrize(
    ("to", "want"), [("int32", [-1, 0, 2]), ("bool", [True, False, True]), ("int8", [-1, 0, 2])]
)
def test_cast_truncates(to, want):
    result = find("cast").kernel(arithmetic("float32"), np.array([[-1.9, 0.0, 2.9]], np.float32), to=to)
    assert result.dtype == np.dtype(to)
    assert result[0].tolist() == want


def test_cast_to_float_rounds_as_the_arithmetic_does():
    half = find("cast").kernel(arithmetic("float16"), np.array([[2049]]), to="float")
    assert half.dtype == np.float32
    assert half[0, 0] == 2048
    assert find("cast").kernel(arithmetic("float64"), np.array([[2049]]), to="float")[0, 0] == 2049


def test_cast_refuses_another_type():
    with pytest.raises(GraphError, match="unknown element type 'complex64'"):
        find("cast").kernel(arithmetic("float64"), X[None], to="complex64")
