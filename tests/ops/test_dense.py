from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from modelparity.errors import GraphError

torch = pytest.importorskip("torch")


@given(
    lead=st.lists(st.integers(1, 3), max_size=3),
    inner=st.integers(1, 5),
    outer=st.integers(1, 4),
    bias=st.booleans(),
)
@settings(max_examples=30, deadline=None)
def test_equals_torch(apply, lead, inner, outer, bias):
    rng = np.random.default_rng(inner)
    x, weight, b = (
        rng.standard_normal((*lead, inner)),
        rng.standard_normal((inner, outer)),
        rng.standard_normal(outer),
    )
    tensors = [torch.tensor(a) for a in (x, weight.T.copy(), b)]
    want = torch.nn.functional.linear(*(tensors if bias else tensors[:2])).numpy()
    y = apply("dense", x, weight, b if bias else None)
    assert y.shape == want.shape
    np.testing.assert_allclose(y, want, rtol=1e-12, atol=1e-13)


def test_lanes_with_weights_of_their_own_equal_single_runs(apply_lanes):
    rng = np.random.default_rng(1)
    x, weight, bias = (rng.standard_normal(shape) for shape in ((3, 4, 5), (3, 5, 2), (3, 2)))
    y = apply_lanes("dense", x, weight, bias)
    for lane in range(3):
        np.testing.assert_allclose(y[lane], x[lane] @ weight[lane] + bias[lane], rtol=1e-12)


def test_a_width_that_differs_is_refused(apply):
    with pytest.raises(GraphError, match="input width differs from weight rows"):
        apply("dense", np.zeros((4, 3)), np.zeros((2, 5)))
