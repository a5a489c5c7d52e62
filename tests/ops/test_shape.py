"""Operators whose sizes come from arrays, against numpy."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from modelparity.errors import GraphError

X = np.arange(60.0).reshape(3, 4, 5)


def whole(*numbers):
    return np.array(numbers, np.int32)


def test_shape_is_the_shape(apply):
    assert apply("shape", X).tolist() == [3, 4, 5]
    assert apply("shape", np.array(1.0)).tolist() == []


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        ((60,), (60,)),
        ((-1, 6), (10, 6)),
        ((3, 0, -1), (3, 4, 5)),
        ((1, 0, -1, 0), (1, 3, 4, 5)),  # zeros count from the last axis
        ((0, 0, -1, 4, 5), (1, 1, 3, 4, 5)),  # and are 1 where there is no axis
        ((-1, 0), (12, 5)),
    ],
)
def test_reshape_to(apply, shape, expected):
    np.testing.assert_array_equal(apply("reshape_to", X, whole(*shape)), X.reshape(expected))


@pytest.mark.parametrize("shape", [(7,), (-1, -1), (-2, -30), (60, 2)])
def test_reshape_to_what_does_not_fit(apply, shape):
    with pytest.raises(GraphError, match="number of elements"):
        apply("reshape_to", X, whole(*shape))


def test_reshape_like_takes_sizes_from_others(apply):
    a, b = np.zeros((2, 3, 4)), np.zeros((1, 5, 2))
    y = apply("reshape_like", X[:, :, :4].copy().reshape(-1)[:30], a, b, begins=(0, 1), ends=(2, 2))
    assert y.shape == (2, 3, 5)
    y = apply("reshape_like", X.reshape(-1)[:60], a, b, begins=(0, 1), ends=(2, None))
    assert y.shape == (2, 3, 5, 2)
    with pytest.raises(GraphError, match="number of elements"):
        apply("reshape_like", X, a, begins=(0,), ends=(1,))


indices = st.integers(-6, 6)
axes = st.tuples(indices, indices, st.sampled_from([-2, -1, 1, 2]), st.booleans(), st.booleans())


@settings(max_examples=80, deadline=None)
@given(st.lists(axes, min_size=3, max_size=3))
def test_slice_by_index_agrees_with_numpy(apply, parts):
    begin, end, strides, begin_mask, end_mask = zip(*parts, strict=True)
    taken = tuple(slice(None if bm else b, None if em else e, s) for b, e, s, bm, em in parts)
    y = apply(
        "slice_by_index",
        X,
        whole(*begin),
        whole(*end),
        strides=strides,
        begin_mask=begin_mask,
        end_mask=end_mask,
    )
    np.testing.assert_array_equal(y, X[taken])
    update = np.random.default_rng(0).normal(size=X[taken].shape)
    expected = X.copy()
    expected[taken] = update
    y = apply(
        "slice_update",
        X,
        update,
        whole(*begin),
        whole(*end),
        strides=strides,
        begin_mask=begin_mask,
        end_mask=end_mask,
    )
    np.testing.assert_array_equal(y, expected)


@pytest.mark.parametrize("at", [-3, -1, 0, 2])
def test_a_squeezed_axis_is_one_element(apply, at):
    squeeze = (True, False, True)
    y = apply("slice_by_index", X, whole(at, 1, -1), whole(0, 3, 0), squeeze_mask=squeeze)
    np.testing.assert_array_equal(y, X[at, 1:3, -1])
    expected = X.copy()
    expected[at, 1:3, -1] = [7, 8]
    y = apply("slice_update", X, np.array([7.0, 8]), whole(at, 1, -1), whole(0, 3, 0), squeeze_mask=squeeze)
    np.testing.assert_array_equal(y, expected)


def test_slices_that_do_not_fit_are_refused(apply):
    with pytest.raises(GraphError, match="index 3 is out of range"):
        apply("slice_by_index", X, whole(3, 0, 0), whole(4, 4, 4), squeeze_mask=(True, False, False))
    with pytest.raises(GraphError, match="does not fit"):
        apply("slice_by_index", X, whole(0), whole(1))
    with pytest.raises(GraphError, match="does not fit"):
        apply("slice_by_index", X, whole(0, 0, 0), whole(1, 1, 1), strides=(0, 1, 1))
    with pytest.raises(GraphError, match="update does not fit"):
        apply("slice_update", X, X, whole(0, 0, 0), whole(1, 4, 5))


def test_slice_by_size_agrees_with_numpy(apply):
    np.testing.assert_array_equal(apply("slice_by_size", X, whole(1, -2, 0), whole(2, -1, 3)), X[1:3, 2:, :3])
    for begin, size in ((whole(1, 0, 0), whole(3, 1, 1)), (whole(-4, 0, 0), whole(1, 1, 1))):
        with pytest.raises(GraphError, match="not inside"):
            apply("slice_by_size", X, begin, size)
    with pytest.raises(GraphError, match="does not fit"):
        apply("slice_by_size", X, whole(1), whole(1))


@pytest.mark.parametrize(
    ("value", "to", "kind"), [(2.5, "float", "f"), (3, "int32", "i"), (True, "bool", "b")]
)
def test_fill_agrees_with_numpy(apply, value, to, kind):
    y = apply("fill", whole(2, 0, 3), value=value, to=to)
    np.testing.assert_array_equal(y, np.full((2, 0, 3), value))
    assert y.dtype.kind == kind
    y = apply("fill_like", X, value=value, to=to)
    np.testing.assert_array_equal(y, np.full(X.shape, value))
    assert y.dtype.kind == kind


def test_a_value_is_stored_as_a_weight_is(apply):
    assert apply("fill", whole(1), value=0.1, ar="float16") == np.float32(np.float16(0.1))


def test_absurd_shapes_are_refused_before_anything_is_allocated(apply):
    for shape in (whole(-1), whole(2**30, 2**30), np.array([0.5])):
        with pytest.raises(GraphError, match=r"no shape|absurd size|not integers"):
            apply("fill", shape)
    for op, arrays, attrs in (
        ("tile", [X], {"repeats": (2**20, 2**20, 1)}),
        ("one_hot", [whole(0)], {"size": 2**40}),
        ("resize", [X], {"axes": (0, 1), "sizes": (2**40, 0)}),
        ("affine_grid", [np.zeros((1, 6))], {"size": (2**20, 2**20)}),
        ("crop_resize", [X[None], np.zeros((1, 4)), whole(0)], {"size": (2**20, 2**20)}),
        ("random_categorical", [X], {"count": 2**40}),
        ("space_to_batch", [X[None]], {"block": 1, "padding": ((0, 2**40), (0, 0))}),
        (
            "non_maximum_suppression",
            [np.zeros((1, 2, 4)), np.zeros((1, 2, 1))],
            {"iou_threshold": 1.0, "most": 2**40},
        ),
    ):
        with pytest.raises(GraphError, match="absurd size"):
            apply(op, *arrays, **attrs)
    with pytest.raises(GraphError, match="absurd size"):
        apply("range_1d", np.array(0.0), np.array(1e12), np.array(1.0))
    with pytest.raises(GraphError, match="unknown element type"):
        apply("fill", whole(1), to="complex")


@pytest.mark.parametrize(
    ("start", "end", "step"), [(0, 5, 1), (5, 0, -2), (1.5, 3.2, 0.25), (3, 3, 1), (3, 1, 1)]
)
def test_range_1d_agrees_with_numpy(apply, start, end, step):
    y = apply("range_1d", np.array(start), np.array(end), np.array(step))
    np.testing.assert_allclose(y, np.arange(start, end, step))
    assert y.dtype == np.asarray(start).dtype
    with pytest.raises(GraphError, match="never ends"):
        apply("range_1d", np.array(start), np.array(end), np.array(0))


@pytest.mark.parametrize("axis", [0, 1, -1])
def test_one_hot_agrees_with_numpy(apply, axis):
    places = np.array([[0, 2, 1], [3, 1, 0]])
    expected = np.moveaxis(np.where(np.eye(4)[places] == 1, 5.0, -1.0), -1, axis)
    np.testing.assert_array_equal(apply("one_hot", places, size=4, axis=axis, on=5, off=-1), expected)
    np.testing.assert_array_equal(apply("one_hot", places, np.array(4), axis=axis, on=5, off=-1), expected)
    y = apply("one_hot", places - 4, size=4, axis=axis, to="int32", wrap=True)
    np.testing.assert_array_equal(y, (expected + 1) // 6)


def test_one_hot_of_an_index_outside_is_off(apply):
    np.testing.assert_array_equal(apply("one_hot", np.array([-1, 3]), size=3), np.zeros((2, 3)))
    with pytest.raises(GraphError, match="given twice"):
        apply("one_hot", np.array([0]))
    with pytest.raises(GraphError, match="negative depth"):
        apply("one_hot", np.array([0]), size=-1)


def test_non_zero_agrees_with_numpy(apply):
    x = np.array([[0, 1, np.nan], [-2, 0, 0]])
    np.testing.assert_array_equal(apply("non_zero", x), np.argwhere(x))
    assert apply("non_zero", np.zeros((2, 3))).shape == (0, 2)
