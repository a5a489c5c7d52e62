"""Adaptive pooling against torch, in one to three dimensions."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings, strategies as st

from modelparity.engine.arithmetic import arithmetic
from modelparity.engine.operator import find
from modelparity.errors import GraphError

F = torch.nn.functional
POOLS = {"adaptive_average_pool": "avg", "adaptive_max_pool": "max"}


@st.composite
def cases(draw):
    n = draw(st.integers(1, 3))
    spatial = [draw(st.integers(1, 9)) for _ in range(n)]
    sizes = [draw(st.integers(1, 7)) for _ in range(n)]  # more windows than places is legal: they overlap
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    return rng.standard_normal((draw(st.integers(1, 2)), *spatial, draw(st.integers(1, 3)))), sizes


@pytest.mark.parametrize("op", POOLS)
@settings(max_examples=40, deadline=None)
@given(case=cases())
def test_agrees_with_torch(op, case):
    x, sizes = case
    twin = getattr(F, f"adaptive_{POOLS[op]}_pool{len(sizes)}d")
    want = np.moveaxis(twin(torch.from_numpy(np.moveaxis(x, -1, 1).copy()), sizes).numpy(), 1, -1)
    kernel = find(op).kernel
    y = kernel(arithmetic("float64"), x[None], sizes=sizes)[0]
    np.testing.assert_allclose(y, want, rtol=1e-12, atol=1e-14)
    np.testing.assert_array_equal(kernel(arithmetic("float64"), x[:1], sizes=sizes)[0], y[0])  # no batch axis


@pytest.mark.parametrize("op", POOLS)
def test_lanes_and_streaming(op, lanewise, streams):
    lanewise(op, np.random.default_rng(1).standard_normal((3, 2, 7, 4)), sizes=(3,))
    assert "length" in streams(op, 3, times=(1,), sizes=(3,))


@pytest.mark.parametrize("op", POOLS)
def test_what_does_not_fit(op, apply):
    for x, sizes in ((np.ones((4, 2)), (2, 2)), (np.ones((4, 2)), (0,)), (np.ones((0, 2)), (2,))):
        with pytest.raises(GraphError):
            apply(op, x, sizes=sizes)


def test_the_windows_by_hand(apply):
    x = np.arange(5.0)[:, None]
    assert apply("adaptive_average_pool", x, sizes=(2,)).ravel().tolist() == [1.0, 3.0]  # 0 1 2 and 2 3 4
    assert apply("adaptive_max_pool", x, sizes=(3,)).ravel().tolist() == [1.0, 3.0, 4.0]  # 0 1, 1 2 3, 3 4
