"""slice, gather and concat against numpy."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from modelparity.engine.operator import Step
from modelparity.errors import GraphError

X = np.arange(60).reshape(3, 4, 5)


@settings(max_examples=60, deadline=None)
@given(
    st.integers(-3, 2),
    st.integers(-9, 9),
    st.none() | st.integers(-9, 9),
    st.integers(-3, 3).filter(lambda step: step != 0),
)
def test_slice_agrees_with_numpy(apply, axis, start, end, step):
    index = [slice(None)] * 3
    index[axis] = slice(start, end, step)
    y = apply("slice", X, starts=[start], ends=[end], axes=[axis], steps=[step])
    np.testing.assert_array_equal(y, X[tuple(index)])


def test_slice_of_the_first_axes(apply):
    np.testing.assert_array_equal(apply("slice", X, starts=[1, 0], ends=[3, -1]), X[1:3, 0:-1])


@settings(max_examples=40, deadline=None)
@given(st.integers(-3, 2), st.lists(st.integers(-3, 2), max_size=4), st.booleans())
def test_gather_agrees_with_numpy(apply, axis, picks, square):
    indices = np.array(picks, int).reshape((1, -1) if square else -1)
    np.testing.assert_array_equal(apply("gather", X, indices, axis=axis), np.take(X, indices, axis=axis))


def test_gather_of_one(apply):
    np.testing.assert_array_equal(apply("gather", X, np.array(2), axis=1), X[:, 2])


@settings(max_examples=30, deadline=None)
@given(st.integers(-3, 2), st.lists(st.integers(0, 3), min_size=1, max_size=3))
def test_concat_agrees_with_numpy(apply, axis, sizes):
    xs = [np.take(X, np.arange(n) % 3, axis=axis) for n in sizes]
    np.testing.assert_array_equal(apply("concat", *xs, axis=axis), np.concatenate(xs, axis=axis))


def test_lanes(lanewise):
    rng = np.random.default_rng(0)
    x = rng.standard_normal((3, 4, 5))
    lanewise("slice", x, starts=[-1], ends=[None], axes=[1], steps=[-2])
    lanewise("concat", x, rng.standard_normal((1, 4, 2)), x, axis=-1)
    for lanes, other in ((1, 3), (3, 1), (3, 3)):
        lanewise("gather", rng.standard_normal((lanes, 4, 5)), rng.integers(-4, 4, (other, 2, 3)), axis=0)
        lanewise("gather", rng.standard_normal((lanes, 4, 5)), rng.integers(0, 5, (other, 2)), axis=-1)


@pytest.mark.parametrize(
    ("op", "arrays", "attrs", "text"),
    [
        ("slice", [X], {"starts": [0], "ends": [1, 2]}, r"differ in length\n.*\(1, 2, 1, 1\)"),
        (
            "slice",
            [X],
            {"starts": [0], "ends": [1], "axes": [3]},
            r"axes do not fit\n.*\(3,\)\n.*from -3 to 2",
        ),
        ("slice", [X], {"starts": [0], "ends": [1], "steps": [0]}, r"a step is 0\n.*\(0,\)"),
        ("gather", [X, np.array([3])], {}, r"index is out of range\n.*3 to 3\n.*-3 to 2"),
        ("gather", [X, np.array([0.5])], {}, r"indices are not integers\n.*float64\n.*integer"),
        ("gather", [X, np.array([0])], {"axis": 3}, r"axes do not fit"),
        ("concat", [X, X[:2]], {"axis": 1}, r"other axes than 1\n.*\(3, 4, 5\), \(2, 4, 5\)\n.*same sizes"),
        ("concat", [X, X[0]], {"axis": 0}, r"other axes than 0"),
        ("concat", [X], {"axis": 3}, r"axes do not fit"),
    ],
)
def test_refuses(apply, op, arrays, attrs, text):
    with pytest.raises(GraphError, match=text):
        apply(op, *arrays, **attrs)


def test_concat_refuses_nothing():
    from modelparity.engine.arithmetic import arithmetic
    from modelparity.ops.concat import concat

    with pytest.raises(GraphError, match=r"nothing to join\n.*no inputs\n.*at least one"):
        concat(arithmetic("float64"), axis=0)


def test_streaming(streams):
    cut = {"starts": [0], "ends": [2]}
    assert "all frames" in streams("slice", 2, **cut)
    assert streams("slice", 2, axes=[-1], **cut) == Step(0)
    assert streams("concat", 2, 2, times=(0, 0), axis=-1) == Step(0)
    assert "one after the other" in streams("concat", 2, 2, times=(0, 0), axis=0)
    assert "does not change with time" in streams("concat", 2, 2, axis=-1)
    assert streams("gather", 2, 1, axis=1) == Step(0)
    assert streams("gather", 3, 2, times=(2, None), axis=0) == Step(3)
    assert streams("gather", 2, 1, times=(None, 0)) == Step(0)
    assert "picks frames" in streams("gather", 2, 1)
    assert "both" in streams("gather", 2, 1, times=(0, 0), axis=1)
