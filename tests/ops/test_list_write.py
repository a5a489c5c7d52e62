"""list_write against Python lists."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from modelparity.errors import GraphError


@settings(max_examples=40, deadline=None)
@given(
    length=st.integers(0, 4),
    indices=st.lists(st.integers(0, 6), max_size=4),
)
def test_list_write_agrees_with_a_python_list(apply, length, indices):
    want = [[float(10 * place), 0.5] for place in range(length)]
    x = np.array(want).reshape(length, 2)
    values = np.arange(2.0 * len(indices)).reshape(-1, 2)
    for place, value in zip(indices, values.tolist(), strict=True):
        want += [[0.0, 0.0] for _ in range(place + 1 - len(want))]
        want[place] = value
    assert apply("list_write", x, values, np.array(indices, np.int32)).tolist() == want


def test_a_list_without_elements_takes_the_shape_of_what_is_written(apply):
    y = apply("list_write", np.zeros((2, 0)), np.ones((1, 3)), np.array([1]))
    assert y.tolist() == [[0, 0, 0], [1, 1, 1]]


@pytest.mark.parametrize(
    ("values", "indices", "grows", "what"),
    [
        ((1, 2), [-1], True, "not in the list"),
        ((1, 2), [3], False, "not in the list"),
        ((1, 3), [0], True, "another shape"),
        ((2, 2), [0], True, "do not fit"),
        ((1, 2), [1 << 31], True, "absurd size"),
    ],
)
def test_what_cannot_be_written_is_refused(apply, values, indices, grows, what):
    with pytest.raises(GraphError, match=what):
        apply("list_write", np.zeros((3, 2)), np.zeros(values), np.array(indices), grows=grows)
