"""Pools that say where elements stood, and what puts elements back, against torch."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.nn import functional

from modelparity.errors import GraphError

IMAGE = np.random.default_rng(0).normal(size=(2, 3, 9, 8))


def last(x):
    return np.moveaxis(x, 1, -1)


@pytest.mark.parametrize(
    "attrs", [{}, {"strides": (1, 2)}, {"padding": ((1, 1), (1, 1)), "dilations": (2, 1)}]
)
def test_max_pool_places_agree_with_torch(apply, attrs):
    padding = [pair[0] for pair in attrs.get("padding", ((0, 0), (0, 0)))]
    y, places = functional.max_pool2d(
        torch.from_numpy(IMAGE),
        (3, 2),
        attrs.get("strides"),
        padding,
        attrs.get("dilations", 1),
        return_indices=True,
    )
    ours, where = apply("max_pool_places", last(IMAGE), size=(3, 2), **attrs)
    np.testing.assert_array_equal(ours, last(y.numpy()))
    image = (np.arange(2)[:, None] * 3 + np.arange(3))[
        :, :, None, None
    ] * 72  # torch counts within an image's channel
    np.testing.assert_array_equal(where, last(places.numpy() + image))


def test_places_may_be_counted_by_columns(apply):
    x = IMAGE[:1, :1]
    y, where = apply("max_pool_places", last(x), size=(2, 2), column_major=True)
    column, row = np.divmod(where, 9)
    np.testing.assert_array_equal(x[0, 0][row, column], y)
    with pytest.raises(GraphError, match="batch axis"):
        apply("max_pool_places", IMAGE[0], size=(2, 2))


def test_max_unpool_agrees_with_torch(apply):
    y, places = functional.max_pool2d(torch.from_numpy(IMAGE[:1, :1]), 2, return_indices=True)
    expected = functional.max_unpool2d(y, places, 2).numpy()
    attrs = {"size": (2, 2), "strides": (2, 2)}
    np.testing.assert_array_equal(apply("max_unpool", y.numpy(), places.numpy(), **attrs), expected)
    wide = apply("max_unpool", y.numpy(), places.numpy(), shape=(1, 1, 9, 9), **attrs)
    np.testing.assert_array_equal(wide[:, :, :8, :8], expected)
    assert not wide[:, :, 8:].any()
    with pytest.raises(GraphError, match="outside"):
        apply("max_unpool", y.numpy(), places.numpy() + 99, **attrs)
    with pytest.raises(GraphError, match="too small"):
        apply("max_unpool", y.numpy(), places.numpy(), shape=(1, 1, 3, 9), **attrs)


@pytest.mark.parametrize("p", [1.0, 2.0, 3.0])
def test_lp_pool_agrees_with_torch(apply, p):
    x = np.abs(IMAGE)
    expected = functional.lp_pool2d(torch.from_numpy(x), p, (3, 2), (2, 1)).numpy()
    np.testing.assert_allclose(
        apply("lp_pool", last(x), size=(3, 2), strides=(2, 1), p=p), last(expected), rtol=1e-12
    )
    np.testing.assert_allclose(
        apply("lp_pool", last(-x), size=(3, 2), strides=(2, 1), p=p), last(expected), rtol=1e-12
    )


def test_average_pool_dilates(apply):
    """As a depthwise convolution with equal weights."""
    x = torch.from_numpy(IMAGE)
    weight = torch.full((3, 1, 2, 3), 1 / 6, dtype=torch.float64)
    expected = functional.conv2d(x, weight, dilation=(3, 2), stride=(2, 1), padding=(1, 2), groups=3).numpy()
    attrs = {"size": (2, 3), "strides": (2, 1), "dilations": (3, 2), "padding": ((1, 1), (2, 2))}
    np.testing.assert_allclose(
        apply("average_pool", last(IMAGE), count_padding=True, **attrs), last(expected), atol=1e-12
    )
    counts = functional.conv2d(
        torch.ones_like(x), weight * 6, dilation=(3, 2), stride=(2, 1), padding=(1, 2), groups=3
    )
    inside = expected * 6 / counts.numpy()
    np.testing.assert_allclose(apply("average_pool", last(IMAGE), **attrs), last(inside), atol=1e-12)


def test_columns_to_image_agrees_with_torch(apply):
    columns = np.random.default_rng(1).normal(size=(2, 3 * 6, 40))
    settings = {"size": (9, 6), "block": (3, 2)}
    for strides, dilations, padding in (((2, 1), (1, 1), (1, 0)), ((2, 2), (2, 1), (1, 2))):
        counts = [
            (n + 2 * p - d * (k - 1) - 1) // s + 1
            for n, k, s, d, p in zip((9, 6), (3, 2), strides, dilations, padding, strict=True)
        ]
        x = columns[:, :, : counts[0] * counts[1]]
        expected = functional.fold(torch.from_numpy(x), (9, 6), (3, 2), dilations, padding, strides).numpy()
        pads = [(p, p) for p in padding]
        ours = apply("columns_to_image", x, strides=strides, dilations=dilations, padding=pads, **settings)
        np.testing.assert_allclose(ours, expected, rtol=1e-12)
    with pytest.raises(GraphError, match="columns do not fit"):
        apply(
            "columns_to_image",
            columns[:, :, :3],
            strides=(1, 1),
            dilations=(1, 1),
            padding=((0, 0),) * 2,
            **settings,
        )


def test_conv_transpose_takes_extra_rows(apply):
    weight = np.random.default_rng(3).normal(size=(3, 5, 3, 2))
    expected = functional.conv_transpose2d(
        torch.from_numpy(IMAGE),
        torch.from_numpy(weight),
        stride=(3, 2),
        padding=(1, 0),
        output_padding=(2, 1),
    ).numpy()
    ours = apply(
        "conv_transpose",
        last(IMAGE),
        weight.transpose(2, 3, 0, 1),
        strides=(3, 2),
        padding=((1, 1), (0, 0)),
        extra=(2, 1),
    )
    np.testing.assert_allclose(ours, last(expected), atol=1e-12)
