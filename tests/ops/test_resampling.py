"""Images sampled anew, against torch and cases worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.nn import functional

from modelparity.errors import GraphError

IMAGE = np.random.default_rng(0).normal(size=(2, 3, 5, 7))
TORCH = torch.from_numpy(IMAGE)


@pytest.mark.parametrize("size", [(10, 21), (3, 4), (1, 1), (5, 7)])
@pytest.mark.parametrize("aligned", [True, False])
def test_resize_agrees_with_bilinear_interpolation(apply, size, aligned):
    expected = functional.interpolate(TORCH, size=size, mode="bilinear", align_corners=aligned).numpy()
    y = apply("resize", IMAGE, axes=(2, 3), sizes=size, grid="align_corners" if aligned else "half_pixel")
    np.testing.assert_allclose(y, expected, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("size", [(10, 21), (3, 4), (1, 1), (7, 8)])
def test_resize_agrees_with_nearest_interpolation(apply, size):
    expected = functional.interpolate(TORCH, size=size, mode="nearest").numpy()
    y = apply("resize", IMAGE, axes=(2, 3), sizes=size, mode="nearest", grid="asymmetric")
    np.testing.assert_array_equal(y, expected)
    expected = functional.interpolate(TORCH, size=size, mode="nearest-exact").numpy()
    y = apply("resize", IMAGE, axes=(2, 3), sizes=size, mode="nearest", grid="half_pixel", rounding="half_up")
    np.testing.assert_array_equal(y, expected)


@pytest.mark.parametrize("scales", [(2.0, 3.0), (0.5, 0.75), (2.5, 1.2)])
def test_resize_by_scales_recomputes_them(apply, scales):
    expected = functional.interpolate(
        TORCH, scale_factor=scales, mode="bilinear", align_corners=False, recompute_scale_factor=True
    )
    np.testing.assert_allclose(
        apply("resize", IMAGE, axes=(-2, -1), scales=scales), expected.numpy(), rtol=1e-12
    )


def test_a_factor_in_float32_means_the_number_that_was_meant(apply):
    y = apply("resize", np.arange(10.0), axes=(0,), scales=(float(np.float32(0.7)),), mode="nearest")
    assert y.shape == (7,)


@pytest.mark.parametrize(
    ("grid", "size", "expected"),
    [
        ("half_pixel", 5, [0, 0.1, 0.5, 0.9, 1]),
        ("align_corners", 5, [0, 0.25, 0.5, 0.75, 1]),
        ("asymmetric", 5, [0, 0.4, 0.8, 1, 1]),
        ("offset_corners", 5, [0.1, 0.3, 0.5, 0.7, 0.9]),
        ("half_pixel", 6, [0, 0, 1 / 3, 2 / 3, 1, 1]),
        ("asymmetric", 6, [0, 1 / 3, 2 / 3, 1, 1, 1]),
        ("align_corners", 1, [0]),
        ("align_corners_or_center", 1, [0.5]),
        ("align_corners_or_center", 3, [0, 0.5, 1]),
    ],
)
def test_grids_of_two_points(apply, grid, size, expected):
    y = apply("resize", np.array([0.0, 1]), np.array([size]), axes=(0,), grid=grid)
    np.testing.assert_allclose(y, expected, atol=1e-15)


def test_resize_keeps_axes_of_size_zero_and_whole_numbers(apply):
    x = np.array([[0, 10]], np.int32)
    y = apply("resize", x, np.array([0, 5]), axes=(0, 1), grid="align_corners")
    np.testing.assert_array_equal(y, [[0, 2, 5, 8, 10]])
    assert y.dtype == np.int32


# torch mirrors at the outermost centres if corners are aligned, else at the edges behind them.
@pytest.mark.parametrize(
    ("padding", "aligned"),
    [(p, a) for p in ("constant", "edge") for a in (True, False)] + [("reflect", True), ("symmetric", False)],
)
@pytest.mark.parametrize("mode", ["bilinear", "nearest"])
def test_grid_sample_agrees_with_torch(apply, padding, mode, aligned):
    at = np.random.default_rng(1).uniform(-2.5, 2.5, (2, 4, 6, 2))
    name = {"constant": "zeros", "edge": "border"}.get(padding, "reflection")
    expected = functional.grid_sample(TORCH, torch.from_numpy(at), mode, name, align_corners=aligned).numpy()
    y = apply("grid_sample", IMAGE, at, mode=mode, padding=padding, align_corners=aligned)
    np.testing.assert_allclose(y, expected, rtol=1e-12, atol=1e-14)
    share = apply(
        "grid_sample",
        IMAGE,
        (at + 1) / 2,
        mode=mode,
        padding=padding,
        align_corners=aligned,
        normalized="zero_to_one",
    )
    np.testing.assert_allclose(share, y, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize(
    ("padding", "u", "expected"),
    [
        ("constant", -1, 9),
        ("constant", -0.5, 5),
        ("constant", 2.5, 6),
        ("constant", 4, 9),
        ("edge", -3, 1),
        ("edge", 5, 3),
        ("reflect", -1, 2),
        ("reflect", -2, 3),
        ("reflect", 3, 2),
        ("reflect", -0.5, 1.5),
        ("symmetric", -1, 1),
        ("symmetric", -2, 2),
        ("symmetric", 3, 3),
        ("symmetric", 5, 1),
    ],
)
def test_what_stands_outside_the_row_one_two_three(apply, padding, u, expected):
    x = np.array([1.0, 2, 3]).reshape(1, 1, 1, 3)
    at = np.array([u, 0.0]).reshape(1, 1, 1, 2)
    y = apply("grid_sample", x, at, padding=padding, value=9.0, normalized="pixels")
    np.testing.assert_allclose(y.item(), expected)


def test_coordinates_may_serve_all_images(apply):
    at = np.random.default_rng(1).uniform(-1, 1, (1, 4, 6, 2))
    expected = apply("grid_sample", IMAGE, np.concatenate([at, at]))
    np.testing.assert_array_equal(apply("grid_sample", IMAGE, at), expected)


def test_a_corner_without_a_share_is_not_read(apply):
    x = np.array([1.0, np.inf]).reshape(1, 1, 1, 2)
    assert apply("grid_sample", x, np.zeros((1, 1, 1, 2)), normalized="pixels").item() == 1


@pytest.mark.parametrize("aligned", [True, False])
@pytest.mark.parametrize("size", [(3, 5), (1, 4)])
@pytest.mark.filterwarnings("ignore:Since version 1.3.0")
def test_affine_grid_agrees_with_torch(apply, aligned, size):
    matrix = np.random.default_rng(2).normal(size=(2, 6))
    expected = functional.affine_grid(
        torch.from_numpy(matrix.reshape(2, 2, 3)), [2, 1, *size], align_corners=aligned
    ).numpy()
    y = apply("affine_grid", matrix, size=size, align_corners=aligned)
    np.testing.assert_allclose(y, expected, rtol=1e-12, atol=1e-14)


RAMP = np.arange(1.0, 17).reshape(1, 1, 4, 4)


@pytest.mark.parametrize(
    ("box", "size", "attrs", "expected"),
    [
        ([1, 1, 2, 2], (2, 2), {}, [6, 7, 10, 11]),
        ([2, 2, 1, 1], (2, 2), {}, [11, 10, 7, 6]),
        ([1, 1, 2, 2], (1, 1), {}, [8.5]),
        ([1, 1, 2, 2], (1, 1), {"grid": "align_corners"}, [6]),
        ([0, 0, 1 / 3, 1 / 3], (2, 2), {"normalized": True}, [1, 2, 5, 6]),
        ([0.1, 0.3, 1.3, 1], (2, 2), {"normalized": True, "value": 5.0}, [3.1, 5.2, 5, 5]),
        ([1, 2, 2, 3], (1, 2), {"width_first": True}, [12, 13]),
        ([2, 2, 2, 0], (2, 1), {"corners": "center_size"}, [7, 15]),
        ([2, 2, 4, 4], (2, 2), {"scale": 0.5}, [6, 7, 10, 11]),
        ([0, 0, 3, 3], (2, 2), {"grid": "half_pixel"}, [3.5, 5.5, 11.5, 13.5]),
        ([0, 0, 3, 3], (2, 2), {"grid": "asymmetric"}, [1, 3, 9, 11]),
        ([0, 0, 3, 3], (1, 3), {"grid": "offset_corners"}, [7.5, 8.5, 9.5]),
    ],
)
def test_crop_resize_of_a_ramp(apply, box, size, attrs, expected):
    y = apply("crop_resize", RAMP, np.array([box], float), np.array([0]), size=size, **attrs)
    np.testing.assert_allclose(y.reshape(-1), expected, rtol=1e-12)


def test_crop_resize_picks_images(apply):
    y = apply("crop_resize", IMAGE, np.tile([0.0, 0, 4, 6], (3, 1)), np.array([1, 0, 1]), size=(5, 7))
    np.testing.assert_allclose(y, IMAGE[[1, 0, 1]])
    every = apply("crop_resize", IMAGE, np.tile([0.0, 0, 4, 6], (3, 1)), size=(5, 7))
    np.testing.assert_allclose(every, np.stack([IMAGE] * 3))
    with pytest.raises(GraphError, match="not there"):
        apply("crop_resize", IMAGE, np.zeros((1, 4)), np.array([2]), size=(1, 1))


def test_what_cannot_be_read_is_refused(apply):
    with pytest.raises(GraphError, match="unknown grid"):
        apply("resize", IMAGE, axes=(2,), sizes=(3,), grid="corner")
    with pytest.raises(GraphError, match="unknown mode"):
        apply("resize", IMAGE, axes=(2,), sizes=(3,), mode="cubic")
    with pytest.raises(GraphError, match="sizes do not fit"):
        apply("resize", IMAGE, axes=(2,), sizes=(3, 4))
    with pytest.raises(GraphError, match="nothing is left"):
        apply("resize", IMAGE, axes=(2,), scales=(0.1,))
    with pytest.raises(GraphError, match="unknown setting"):
        apply("grid_sample", IMAGE, np.zeros((2, 1, 1, 2)), padding="wrap")
    with pytest.raises(GraphError, match="shapes do not fit"):
        apply("grid_sample", IMAGE, np.zeros((3, 1, 1, 2)))
    with pytest.raises(GraphError, match="shapes do not fit"):
        apply("affine_grid", np.zeros((1, 5)), size=(1, 1))
    with pytest.raises(GraphError, match="unknown kind of box"):
        apply("crop_resize", IMAGE, np.zeros((1, 4)), np.array([0]), size=(1, 1), corners="middle")
