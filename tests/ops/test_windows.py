"""windows by definition, against torch's unfold, and what it refuses."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings, strategies as st

from modelparity.engine.operator import Step
from modelparity.errors import GraphError


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 12), st.integers(1, 5), st.integers(1, 4), st.lists(st.integers(1, 3), max_size=2))
def test_agrees_with_unfold(apply, time, size, hop, rest):
    time = max(time, size)
    x = np.random.default_rng(time).standard_normal((time, *rest))
    blocks = torch.from_numpy(x).unfold(0, size, hop)  # (time', ..., size)
    want = torch.movedim(blocks, -1, 1).reshape(blocks.shape[0], -1)
    np.testing.assert_array_equal(apply("windows", x, size=size, hop=hop), want)


def test_order_is_time_first(apply):
    x = np.array([[1, 2], [3, 4], [5, 6]])
    assert apply("windows", x, size=2).tolist() == [[1, 2, 3, 4], [3, 4, 5, 6]]


def test_lanes(lanewise):
    lanewise("windows", np.random.default_rng(0).standard_normal((3, 8, 2, 2)), size=3, hop=2)


def test_refuses(apply):
    with pytest.raises(GraphError, match=r"shorter than one window\n.*\(3, 2\)\n.*at least 4 frames"):
        apply("windows", np.ones((3, 2)), size=4)
    with pytest.raises(GraphError, match=r"must be positive\n.*size 2, hop 0"):
        apply("windows", np.ones((3, 2)), size=2, hop=0)


def test_streaming(streams):
    assert streams("windows", 3, size=7) == Step(0, extent=7)
    assert streams("windows", 3, size=7, hop=3) == Step(0, extent=7, hop=3)
    assert "not the first" in streams("windows", 3, size=7, times=(1,))
