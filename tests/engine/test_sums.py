"""Sums of products of whole numbers: by way of floats where these hold every sum, and the very same numbers."""

from __future__ import annotations

import numpy as np
import pytest

import modelparity as mp
from modelparity import Axis, Graph, Node, TensorSpec
from modelparity.engine.sums import exactly


@pytest.mark.parametrize("dtype", ["int8", "uint8", "int32", "int64"])
def test_products_of_whole_numbers_are_those_of_numpy_to_the_last_bit(dtype):
    rng, info = np.random.default_rng(0), np.iinfo(dtype)
    most = min(info.max, 1 << 22)  # of int32 the sums begin again where the type ends
    x, y = (rng.integers(max(info.min, -most), most, shape, dtype) for shape in ((3, 5, 40), (40, 6)))
    graph = Graph(
        "whole",
        (TensorSpec("x", tuple(Axis(f"a{k}", n) for k, n in enumerate(x.shape)), dtype),),
        ("z",),
        (Node("z", "matmul", ("x", "y"), ("z",)),),
        {"y": y},
    )
    expected = x @ y
    for arithmetic in ("float64", "float32"):
        got = mp.run(graph, x, arithmetic=arithmetic)["z"]
        assert got.dtype == expected.dtype
        assert np.array_equal(got, expected)


def test_products_beyond_what_floats_hold_stay_whole():
    x = np.full((1, 4), (1 << 30) + 1, np.int64)
    assert exactly(x[None], x.T[None], 4) is None
    assert exactly(x[None].astype("float64"), x.T[None], 4) is None
    assert exactly(np.ones((1, 1, 4), "int8"), np.ones((1, 4, 1), "int8"), 4) is not None


@pytest.mark.parametrize("groups", [1, 2, 4])
def test_convolutions_of_whole_numbers_are_sums_of_products(groups):
    rng = np.random.default_rng(1)
    x, w = rng.integers(-300, 300, (2, 9, 4)), rng.integers(-128, 128, (3, 4 // groups, 4))
    x, w = x.astype("int32"), w.astype("int32")
    spec = TensorSpec("x", (Axis("batch", 2), Axis("time", 9), Axis("channel", 4)), "int32")
    node = Node("c", "conv", ("x", "w"), ("y",), {"groups": groups})
    got = mp.run(Graph("whole", (spec,), ("y",), (node,), {"w": w}), x)["y"]
    of, size = np.arange(4) // (4 // groups), 4 // groups
    expected = np.zeros((2, 7, 4), "int32")
    for place in range(7):
        for out in range(4):
            seen = x[:, place : place + 3, of[out] * size : (of[out] + 1) * size]
            expected[:, place, out] = (seen * w[:, :, out]).sum(axis=(1, 2))
    assert got.dtype == expected.dtype
    assert np.array_equal(got, expected)
