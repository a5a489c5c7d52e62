"""Operators whose shapes are inputs, against numpy; what they refuse."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings, strategies as st

from modelparity.errors import GraphError

X = np.random.default_rng(0).standard_normal((3, 4, 5))


@given(data=st.data())
@settings(max_examples=25, deadline=None)
def test_pad_dynamic_adds_what_the_amounts_say(apply, data):
    amounts = data.draw(st.lists(st.integers(0, 3), min_size=6, max_size=6))
    y = apply("pad_dynamic", X, np.array(amounts), value=2.5)
    np.testing.assert_array_equal(y, np.pad(X, np.reshape(amounts, (3, 2)), constant_values=2.5))


def test_pad_dynamic_fills_up_to_a_size_on_the_side_that_names_it(apply):
    y = apply("pad_dynamic", X, np.array([0, 0, 6, 0, 0, 7]), value=1.0, to_size=True)
    np.testing.assert_array_equal(y, np.pad(X, [(0, 0), (2, 0), (0, 2)], constant_values=1.0))
    assert apply("pad_dynamic", X, np.array([0, 2, 0, 0, 0, 0]), to_size=True).shape == X.shape


@pytest.mark.parametrize(
    ("amounts", "attrs", "what"),
    [
        ([1, 1], {}, "amounts do not fit"),
        ([0, 0, 0, 0, 0, -1], {}, "amounts do not fit"),
        ([4, 4, 0, 0, 0, 0], {"to_size": True}, "on both sides"),
        ([1 << 40, 0, 0, 0, 0, 0], {}, "absurd size"),
    ],
)
def test_pad_dynamic_refuses(apply, amounts, attrs, what):
    with pytest.raises(GraphError, match=what):
        apply("pad_dynamic", X, np.array(amounts), **attrs)


def test_crop_like_takes_the_size_of_the_other(apply):
    y = apply("crop_like", X, np.zeros((9, 2, 3)), offset=(1, 2))
    np.testing.assert_array_equal(y, X[:, 1:3, 2:5])
    with pytest.raises(GraphError, match="not all inside"):
        apply("crop_like", X, np.zeros((9, 4, 3)), offset=(1, 2))


@pytest.mark.parametrize("how", ["shape", "like", "values"])
def test_broadcast_to_aligns_from_the_right(apply, how):
    x, target = X[:, :1], (2, 3, 4, 5)
    if how == "shape":
        y = apply("broadcast_to", x, shape=target)
    elif how == "like":
        y = apply("broadcast_to", x, np.zeros(target))
    else:
        y = apply("broadcast_to", x, np.array(target), values=True)
    np.testing.assert_array_equal(y, np.broadcast_to(x, target))


def test_broadcast_to_refuses(apply):
    with pytest.raises(GraphError, match="does not broadcast"):
        apply("broadcast_to", X, shape=(3, 4, 6))
    with pytest.raises(GraphError, match="not given once"):
        apply("broadcast_to", X)
    with pytest.raises(GraphError, match="absurd size"):
        apply("broadcast_to", X, np.array([1 << 20, 1 << 20, 3, 4, 5]), values=True)


def test_squeeze_units_drops_every_unit_axis(apply):
    for shape in ((1, 3, 1), (1, 1), (2, 3), (1, 4)):
        x = np.arange(np.prod(shape)).reshape(shape)
        np.testing.assert_array_equal(apply("squeeze_units", x), np.squeeze(x))
    assert apply("squeeze_units", np.ones((1, 1)), least=1).shape == (1,)


@given(data=st.data())
@settings(max_examples=40, deadline=None)
def test_slice_dynamic_takes_inputs_for_attributes(apply, data):
    ends = st.lists(st.integers(-6, 6), min_size=3, max_size=3)
    bits = st.lists(st.booleans(), min_size=3, max_size=3)
    begin, end = data.draw(ends), data.draw(ends)
    strides = data.draw(st.lists(st.sampled_from([-2, -1, 1, 2]), min_size=3, max_size=3))
    masks = [data.draw(bits), data.draw(bits), [False] * 3]
    expected = X[
        tuple(
            slice(None if b else i, None if e else j, s)
            for i, j, s, b, e in zip(begin, end, strides, *masks[:2], strict=True)
        )
    ]
    fixed = dict(zip(("begin_mask", "end_mask", "squeeze_mask"), masks, strict=True))
    places = [np.array(values) for values in (begin, end, strides)]
    np.testing.assert_array_equal(apply("slice_dynamic", X, *places, **fixed), expected)
    tensors = [np.array(mask, float) for mask in masks]
    np.testing.assert_array_equal(apply("slice_dynamic", X, *places, *tensors), expected)


def test_slice_dynamic_squeezes_by_the_begin_alone(apply):
    places = [np.array(n) for n in ([1, -1, 2], [0, 0, 0], [1, 1, 1])]
    set_ = [True] * 3
    y = apply("slice_dynamic", X, *places, begin_mask=set_, end_mask=set_, squeeze_mask=[True, True, False])
    np.testing.assert_array_equal(y, X[1, -1])
    y = apply("slice_dynamic", X, *places, begin_mask=set_, end_mask=set_, squeeze_mask=set_)
    np.testing.assert_array_equal(y, [X[1, -1, 2]])


@pytest.mark.parametrize("named", [True, False])
def test_crop_resize_boxes_goes_box_by_box(apply, named):
    rng = np.random.default_rng(1)
    images, boxes = rng.standard_normal((2, 3, 6, 7)), rng.uniform(0, 2, (4, 4)) + np.array([0, 0, 2, 2])
    settings_ = {"size": (3, 4), "grid": "align_corners"}
    which = np.array([1, 0, 0, 1])
    given_ = np.column_stack([which, boxes]) if named else boxes
    y = apply("crop_resize_boxes", images, given_, **settings_)
    for n, box in enumerate(boxes):
        for place, image in enumerate([which[n]] if named else [0, 1]):
            single = apply("crop_resize", images, box[None], np.array([image]), **settings_)
            np.testing.assert_allclose(y[n, place], single[0], atol=1e-12)
    with pytest.raises(GraphError, match="4 or 5 numbers"):
        apply("crop_resize_boxes", images, boxes[:, :3], **settings_)


def test_topk_takes_its_count_as_an_input(apply):
    values, places = apply("topk", X, np.array(2), axis=1)
    expected = torch.topk(torch.from_numpy(X), 2, 1)
    np.testing.assert_array_equal(values, expected.values.numpy())
    np.testing.assert_array_equal(places, expected.indices.numpy())
    with pytest.raises(GraphError, match="not given once"):
        apply("topk", X, np.array(2), k=2)


def test_split_in_uneven_parts(apply):
    parts = apply("split", X, axis=2, count=3, even=False)
    for part, expected in zip(parts, np.array_split(X, 3, axis=2), strict=True):
        np.testing.assert_array_equal(part, expected)


def test_suppression_takes_its_thresholds_as_inputs(apply):
    rng = np.random.default_rng(2)
    boxes, scores = rng.uniform(size=(1, 20, 4)), rng.uniform(size=(1, 20, 3))
    fixed = apply("non_maximum_suppression", boxes, scores, iou_threshold=0.3, score_threshold=0.6, most=7)
    lent = apply(
        "non_maximum_suppression",
        boxes,
        scores,
        np.array(0.3),
        np.array(0.6),
        np.array(7),
        iou_threshold=0,
        score_threshold=0,
        most=0,
    )
    for one, other in zip(fixed, lent, strict=True):
        np.testing.assert_array_equal(one, other)


def test_cumsum_along_takes_its_axis_as_an_input(apply):
    for axis in (0, 1, -1):
        np.testing.assert_allclose(apply("cumsum_along", X, np.array([axis])), np.cumsum(X, axis))
    y = apply("cumsum_along", X, np.array(1), exclusive=True, reverse=True)
    np.testing.assert_allclose(y, np.cumsum(X[:, ::-1], 1)[:, ::-1] - X, atol=1e-12)
    with pytest.raises(GraphError, match="not one number"):
        apply("cumsum_along", X, np.array([0, 1]))
