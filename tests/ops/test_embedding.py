from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from hypothesis.extra import numpy as hnp

from modelparity.errors import GraphError

torch = pytest.importorskip("torch")


@given(
    indices=hnp.arrays(
        np.int64, hnp.array_shapes(min_dims=0, max_dims=3, max_side=4), elements=st.integers(0, 6)
    )
)
@settings(max_examples=30, deadline=None)
def test_equals_torch(apply, indices):
    table = np.random.default_rng(1).standard_normal((7, 3))
    want = torch.nn.functional.embedding(torch.tensor(indices), torch.tensor(table)).numpy()
    np.testing.assert_array_equal(apply("embedding", indices, table), want)


@pytest.mark.parametrize("dtype", ["int32", "uint8", "int64"])
def test_every_integer_type_is_an_index(apply, dtype):
    table = np.arange(12.0).reshape(6, 2)
    np.testing.assert_array_equal(apply("embedding", np.array([5, 0], dtype), table), table[[5, 0]])


@pytest.mark.parametrize(("index", "place"), [(7, (1, 2)), (-1, (0, 0))])
def test_an_index_outside_the_table_is_named_with_its_place(apply, index, place):
    indices = np.zeros((2, 3), np.int64)
    indices[place] = index
    with pytest.raises(GraphError) as caught:
        apply("embedding", indices, np.zeros((7, 3)))
    assert f"index {index} at {place}" in str(caught.value)
    assert "0 to 6" in str(caught.value)


def test_fractions_are_no_indices(apply):
    with pytest.raises(GraphError, match="not integers"):
        apply("embedding", np.zeros(3), np.zeros((7, 3)))


def test_every_lane_reads_its_own_table(apply_lanes):
    tables = np.random.default_rng(2).standard_normal((3, 7, 2))
    indices = np.random.default_rng(3).integers(0, 7, (3, 4, 5))
    y = apply_lanes("embedding", indices, tables)
    for lane in range(3):
        np.testing.assert_array_equal(y[lane], tables[lane][indices[lane]])
    np.testing.assert_array_equal(apply_lanes("embedding", indices[:1], tables)[2], tables[2][indices[0]])
