from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from modelparity.engine.operator import Step, find
from modelparity.errors import GraphError

torch = pytest.importorskip("torch")


@given(data=st.data())
@settings(max_examples=40, deadline=None)
def test_equals_torch_for_every_pair_of_ranks(apply, data):
    rng = np.random.default_rng(data.draw(st.integers(0, 99)))
    inner = data.draw(st.integers(1, 4))
    leading = [data.draw(st.lists(st.sampled_from([1, 3]), max_size=2)) for _ in range(2)]
    left = (*leading[0], data.draw(st.integers(1, 4)), inner) if data.draw(st.booleans()) else (inner,)
    right = (*leading[1], inner, data.draw(st.integers(1, 4))) if data.draw(st.booleans()) else (inner,)
    x, y = rng.standard_normal(left), rng.standard_normal(right)
    z = apply("matmul", x, y)
    want = torch.matmul(torch.tensor(x), torch.tensor(y)).numpy()
    assert z.shape == want.shape
    np.testing.assert_allclose(z, want, rtol=1e-12, atol=1e-13)


def test_every_lane_multiplies_its_own_matrices(apply_lanes):
    rng = np.random.default_rng(1)
    x, y = rng.standard_normal((3, 2, 4)), rng.standard_normal((3, 5, 4, 2))
    z = apply_lanes("matmul", x, y)
    assert z.shape == (3, 5, 2, 2)
    np.testing.assert_allclose(z[1], x[1] @ y[1])


@pytest.mark.parametrize(
    ("left", "right", "said"),
    [((2, 3), (4, 2), "inner axes"), ((3,), (2, 4), "inner axes"), ((), (3, 2), "scalar")],
)
def test_what_does_not_fit_is_refused(apply, left, right, said):
    with pytest.raises(GraphError, match=said):
        apply("matmul", np.zeros(left), np.zeros(right))


@pytest.mark.parametrize(
    ("times", "ranks", "time"),
    [
        ((0, None), (2, 2), 0),
        ((0, None), (2, 3), 1),
        ((None, 1), (2, 2), 1),
        ((0, 0), (3, 3), 0),
        ((1, None), (2, 2), None),
        ((None, 0), (2, 2), None),
        ((0, 1), (2, 2), None),
        ((0, None), (1, 2), None),
        ((0, None), (2, 1), None),
    ],
)
def test_streams_unless_time_is_summed_or_squared(times, ranks, time):
    step = find("matmul").streaming(times, [(2,) * rank for rank in ranks], {})
    assert step == Step(time) if time is not None else isinstance(step, str)
