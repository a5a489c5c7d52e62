"""MIL operations that resize and sample images, in full precision, against numpy and torch."""

from __future__ import annotations

import warnings

import numpy as np
import torch
from torch.nn import functional

from .image import IOS15, IOS17, RNG, T, X, check

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from coremltools.converters.mil import Builder as mb


def test_resizing(run_program):
    modes = ["DEFAULT", "STRICT_ALIGN_CORNERS", "ALIGN_CORNERS", "UNALIGN_CORNERS", "OFFSET_CORNERS"]

    def build(x):
        line = mb.slice_by_size(x=x, begin=[0] * 4, size=[1, 1, 1, 2])
        size = {"target_size_height": 1, "target_size_width": 5}
        return (
            *(mb.resize_bilinear(x=line, sampling_mode=mode, **size) for mode in modes),
            mb.upsample_bilinear(x=x, scale_factor_height=2, scale_factor_width=3),
            mb.upsample_bilinear(x=x, scale_factor_height=2.5, scale_factor_width=0.75, align_corners=False),
            mb.upsample_nearest_neighbor(x=x, scale_factor_height=1.5, scale_factor_width=2.0),
            mb.resize_nearest_neighbor(x=x, target_size_height=4, target_size_width=11),
        )

    a, b = X[0, 0, 0, :2].astype(np.float64)
    grids = (
        [0, 0.4, 0.8, 1, 1],
        [0, 0.25, 0.5, 0.75, 1],
        [0, 0.25, 0.5, 0.75, 1],
        [0, 0.1, 0.5, 0.9, 1],
        [0.1, 0.3, 0.5, 0.7, 0.9],
    )
    found, _ = run_program(IOS15, build, x=X)
    check(
        found,
        [
            *((a + np.array(grid) * (b - a)).reshape(1, 1, 1, 5) for grid in grids),
            functional.interpolate(T, (12, 24), mode="bilinear", align_corners=True),
            functional.interpolate(T, (15, 6), mode="bilinear", align_corners=False),
            functional.interpolate(T, (9, 16), mode="nearest"),
            functional.interpolate(T, (4, 11), mode="nearest-exact"),
        ],
    )


def test_resizing_since_ios_17(run_program):
    def build(x, sizes):
        return (
            mb.resize(x=x, shape=[9, 0, 4], resized_dims=np.uint32(2), sampling_mode="UNALIGN_CORNERS"),
            mb.resize(x=x, shape=sizes, resized_dims=np.uint32(2), interpolation_mode="NEAREST_NEIGHBOR"),
            mb.upsample_bilinear(x=x, scale_factor_height=2, align_corners=False, half_pixel_centers=True),
        )

    found, _ = run_program(IOS17, build, x=X, sizes=np.array([1, 9, 5], np.int32))
    check(
        found,
        [
            functional.interpolate(T, (6, 4), mode="bilinear", align_corners=False),
            functional.interpolate(T, (9, 5), mode="nearest-exact"),
            functional.interpolate(T, (12, 8), mode="bilinear", align_corners=False),
        ],
    )


def test_sampling(run_program):
    words = {"coordinates_mode": "normalized_minus_one_to_one", "sampling_mode": "bilinear"}
    zeros = {"padding_mode": "constant", "padding_value": 0.0, "align_corners": True}
    mirror = {"padding_mode": "symmetric", "padding_value": 9.0, "align_corners": False}

    def build(x, at, m):
        return (
            mb.resample(x=x, coordinates=at, **zeros, **words),
            mb.resample(x=x, coordinates=at, **mirror, **words),
            mb.affine(x=x, transform_matrix=m, output_height=3, output_width=5, **zeros, **words),
        )

    at = RNG.uniform(-2, 2, (2, 3, 5, 2)).astype(np.float32)
    m = RNG.standard_normal((1, 6)).astype(np.float32)
    where = torch.from_numpy(at.astype(np.float64))
    matrix = torch.from_numpy(np.tile(m.astype(np.float64), (2, 1)).reshape(2, 2, 3))
    grid = functional.affine_grid(matrix, [2, 4, 3, 5], align_corners=True)
    found, _ = run_program(IOS15, build, x=X, at=at, m=m)
    check(
        found,
        [
            functional.grid_sample(T, where, align_corners=True),
            functional.grid_sample(T, where, padding_mode="reflection", align_corners=False),
            functional.grid_sample(T, grid, align_corners=True),
        ],
    )


BOXES = np.array([[0, 0, 5, 7], [1, 2, 1, 4]], np.float32)  # the whole image, and a stretch of its second row


def test_boxes(run_program):
    def build(x):
        return (
            mb.crop_resize(
                x=x,
                roi=BOXES.reshape(2, 1, 4, 1, 1),
                target_height=6,
                target_width=8,
                sampling_mode="ALIGN_CORNERS",
            ),
            mb.crop_resize(
                x=x,
                roi=np.insert(BOXES[:, [1, 0, 3, 2]], 0, 1, 1).reshape(2, 1, 5, 1, 1),
                target_width=3,
                box_coordinate_mode="CORNERS_WIDTH_FIRST",
                sampling_mode="ALIGN_CORNERS",
            ),
        )

    found, _ = run_program(IOS15, build, x=X)
    middle = X[1, :, 2:4].mean(1)[:, [0, 3, 7]] * [1, 0, 1] + X[1, :, 2:4, 3:5].mean((1, 2))[:, None] * [
        0,
        1,
        0,
    ]
    assert found[0].shape == (2, 2, 4, 6, 8)
    check([found[0][0], *found[1][:, 0]], [X, middle[:, None], X[1, :, 1:2, 2:5]])


def test_boxes_since_ios_17(run_program):
    def build(x):
        size = {"target_height": 1, "target_width": 3, "sampling_mode": "STRICT_ALIGN_CORNERS"}
        return mb.crop_resize(x=x, boxes=BOXES, **size), mb.crop_resize(
            x=x,
            boxes=BOXES[1:] / [5, 7, 5, 7],
            box_indices=np.array([1], np.int32),
            normalized_coordinates=True,
            **size,
        )

    found, _ = run_program(IOS17, build, x=X)
    row = np.stack([X[0, :, 0, 0], X[0, :, 0, 3:5].mean(1), X[0, :, 0, 7]], 1)
    check(found, [np.stack([row[:, None], X[1, :, 1:2, 2:5]]), X[1:, :, 1:2, 2:5]])
