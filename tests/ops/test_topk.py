"""Orders of elements, against torch; and boxes that survive, against a direct search."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings, strategies as st

from modelparity.errors import GraphError

X = np.random.default_rng(0).permutation(60).reshape(3, 4, 5).astype(float)


@pytest.mark.parametrize("axis", [0, 1, -1])
@pytest.mark.parametrize("largest", [True, False])
def test_topk_agrees_with_torch(apply, axis, largest):
    for k in (1, 2, 3):
        values, places = apply("topk", X, k=k, axis=axis, largest=largest)
        expected = torch.topk(torch.from_numpy(X), k, axis, largest)
        np.testing.assert_array_equal(values, expected.values.numpy())
        np.testing.assert_array_equal(places, expected.indices.numpy())


def test_all_of_them_and_none_of_them(apply):
    values, _ = apply("topk", X, k=-1)
    np.testing.assert_array_equal(values, -np.sort(-X))
    assert apply("topk", X, k=0)[0].shape == (3, 4, 0)
    with pytest.raises(GraphError, match="k does not fit"):
        apply("topk", X, k=6)


def test_unordered_ones_stand_as_they_stood(apply):
    values, places = apply("topk", np.array([1, 9, 3, 7]), k=2, ordered=False)
    assert (values.tolist(), places.tolist()) == ([9, 7], [1, 3])


def test_of_equals_the_first_comes_first(apply):
    x = np.array([2, 5, 2, 5], np.uint8)
    assert apply("topk", x, k=3)[1].tolist() == [1, 3, 0]
    assert apply("topk", x, k=3, largest=False)[1].tolist() == [0, 2, 1]


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(-3, 3), min_size=1, max_size=12), st.booleans())
def test_argsort_agrees_with_torch(apply, numbers, descending):
    expected = torch.argsort(torch.tensor(numbers), descending=descending, stable=True).numpy()
    np.testing.assert_array_equal(apply("argsort", np.array(numbers), descending=descending), expected)


def test_argsort_along_another_axis(apply):
    np.testing.assert_array_equal(apply("argsort", X, axis=1), np.argsort(X, axis=1))


def search(boxes, best, kinds, iou, least):
    """Survivors of one image by trying pair after pair."""

    def overlap(a, b):
        sides = [
            max(
                0.0,
                min(a[k] + a[k + 2] / 2, b[k] + b[k + 2] / 2) - max(a[k] - a[k + 2] / 2, b[k] - b[k + 2] / 2),
            )
            for k in (0, 1)
        ]
        shared = sides[0] * sides[1]
        return shared / (a[2] * a[3] + b[2] * b[3] - shared)

    kept = []
    for i in sorted(range(len(best)), key=lambda i: -best[i]):
        rivals = [j for j in kept if kinds[i] == kinds[j]]
        if best[i] >= least and all(overlap(boxes[i], boxes[j]) <= iou for j in rivals):
            kept.append(i)
    return kept or [int(np.argmax(best))]


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**16), st.floats(0.05, 0.9), st.sampled_from([-9.0, 0.0, 1.0, 99.0]), st.booleans())
def test_non_maximum_suppression_agrees_with_a_search(apply, seed, iou, least, per_class):
    rng = np.random.default_rng(seed)
    boxes, scores = rng.uniform(1, 9, (2, 12, 4)), rng.normal(size=(2, 12, 3))
    kept_boxes, kept_scores, places, counts = apply(
        "non_maximum_suppression",
        boxes,
        scores,
        iou_threshold=iou,
        score_threshold=least,
        most=7,
        per_class=per_class,
    )
    for b in range(2):
        kinds = scores[b].argmax(-1) if per_class else np.zeros(12)
        expected = search(boxes[b], scores[b].max(-1), kinds, iou, least)[:7]
        n = len(expected)
        assert counts[b] == n
        assert places[b].tolist() == expected + [-1] * (7 - n)
        np.testing.assert_array_equal(kept_boxes[b, :n], boxes[b, expected])
        np.testing.assert_array_equal(kept_scores[b, :n], scores[b, expected])
        assert not kept_boxes[b, n:].any()
        assert not kept_scores[b, n:].any()


def test_three_boxes_by_hand(apply):
    boxes = np.array([[[0, 0, 2, 2], [1, 0, 2, 2], [9, 9, 2, 2]]], float)  # the first two share 2 of 6
    scores = np.array([[[0.5], [0.9], [0.1]]])
    places = apply("non_maximum_suppression", boxes, scores, iou_threshold=0.3, most=3)[2]
    assert places.tolist() == [[1, 2, -1]]
    places = apply("non_maximum_suppression", boxes, scores, iou_threshold=0.34, most=3)[2]
    assert places.tolist() == [[1, 0, 2]]


def test_boxes_that_do_not_fit_are_refused(apply):
    with pytest.raises(GraphError, match="shapes do not fit"):
        apply("non_maximum_suppression", np.zeros((1, 2, 4)), np.zeros((1, 3, 1)), iou_threshold=0.5, most=1)
    with pytest.raises(GraphError, match="nothing to choose"):
        apply("non_maximum_suppression", np.zeros((1, 0, 4)), np.zeros((1, 0, 1)), iou_threshold=0.5, most=1)
