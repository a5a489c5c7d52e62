"""interleave and pad_by against numpy and torch."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from modelparity.engine.arithmetic import arithmetic
from modelparity.engine.operator import find
from modelparity.errors import GraphError

F64 = arithmetic("float64")


@pytest.mark.parametrize("axis", [0, 1, 2, -1])
def test_interleaved_slices_are_the_inputs(axis):
    rng = np.random.default_rng(0)
    xs = [rng.standard_normal((2, 3, 4)) for _ in range(3)]
    y = np.moveaxis(find("interleave").kernel(F64, *xs, axis=axis), axis, 0)
    for k, x in enumerate(xs):
        np.testing.assert_array_equal(y[k::3], np.moveaxis(x, axis, 0))
    assert len(y) == 3 * xs[0].shape[axis]


@pytest.mark.parametrize("xs", [[], [np.ones((2, 3)), np.ones((2, 4))]])
def test_interleave_refuses(xs):
    with pytest.raises(GraphError, match="inputs differ in shape"):
        find("interleave").kernel(F64, *xs, axis=0)


@pytest.mark.parametrize("mode", ["constant", "reflect", "edge"])
def test_pad_by_agrees_with_torch(mode):
    x = np.random.default_rng(0).standard_normal((2, 3, 4, 5))
    widths = np.array([1, 2, 3, 0], np.int32)
    extra = {"value": 7.0} if mode == "constant" else {}
    named = {"constant": "constant", "reflect": "reflect", "edge": "replicate"}[mode]
    want = torch.nn.functional.pad(torch.from_numpy(x), (3, 0, 1, 2), named, **extra)
    np.testing.assert_array_equal(find("pad_by").kernel(F64, x, widths, mode=mode, **extra), want)


@pytest.mark.parametrize("widths", [[1], [1, 1] * 3, [1.0, 2.0]])
def test_pad_by_refuses(widths):
    with pytest.raises(GraphError, match="widths do not fit"):
        find("pad_by").kernel(F64, np.ones((2, 3)), np.array(widths))


def test_pad_by_refuses_what_no_memory_holds():
    with pytest.raises(GraphError, match="absurd size"):
        find("pad_by").kernel(F64, np.ones((2, 3)), np.array([2**30, 2**30, 2**30, 2**30]))
