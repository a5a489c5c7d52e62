"""Images sampled anew, regions, boxes and windows that look elsewhere, against torch and onnxruntime."""

from __future__ import annotations

import numpy as np
import onnxruntime
import pytest
import torch
from onnx import helper
from torch.nn import functional

from modelparity.errors import GraphError

RNG = np.random.default_rng(0)
IMAGE = RNG.normal(size=(2, 3, 7, 9)).astype(np.float32)


def onnx_run(op, *arrays, opset=19, **attributes):
    given = [(f"x{k}", a) for k, a in enumerate(arrays)]
    names = [name if a is not None else "" for name, a in given]
    node = helper.make_node(op, names, ["y"], **attributes)
    inputs = [
        helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(a.dtype), a.shape)
        for name, a in given
        if a is not None
    ]
    kind = 7 if op == "NonMaxSuppression" else 1
    graph = helper.make_graph([node], "one", inputs, [helper.make_tensor_value_info("y", kind, None)])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=9)
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return session.run(None, {name: a for name, a in given if a is not None})[0]


@pytest.mark.parametrize("mode", ["nearest", "linear", "cubic"])
@pytest.mark.parametrize("grid", ["half_pixel", "align_corners", "asymmetric", "pytorch_half_pixel"])
@pytest.mark.parametrize("sizes", [(2, 3, 4, 5), (2, 3, 13, 20)])
def test_resample_agrees_with_onnxruntime(apply, mode, grid, sizes):
    wanted = np.array(sizes, np.int64)
    for rounding in ("round_prefer_floor", "floor", "ceil") if mode == "nearest" else ("floor",):
        theirs = onnx_run(
            "Resize",
            IMAGE,
            None,
            None,
            wanted,
            mode=mode,
            coordinate_transformation_mode=grid,
            nearest_mode=rounding,
        )
        ours = apply("resample", IMAGE, None, None, wanted, mode=mode, grid=grid, nearest=rounding)
        np.testing.assert_allclose(ours, theirs, atol=2e-5)


@pytest.mark.parametrize("mode", ["linear", "cubic"])
def test_resample_without_aliasing_agrees_with_torch(apply, mode):
    kind = {"linear": "bilinear", "cubic": "bicubic"}[mode]
    expected = functional.interpolate(
        torch.from_numpy(IMAGE).double(), (3, 5), mode=kind, antialias=True
    ).numpy()
    ours = apply(
        "resample",
        IMAGE.astype(np.float64),
        sizes := None,
        None,
        np.array([3, 5]),
        axes=(2, 3),
        mode=mode,
        antialias=True,
        exclude_outside=True,
        cubic=-0.5,
    )
    assert sizes is None
    np.testing.assert_allclose(ours, expected, atol=1e-9)


def test_resample_crops(apply):
    roi = np.array([0.2, 0.1, 0.8, 1.2], np.float32)
    full = np.array([0, 0, 0.2, 0.1, 1, 1, 0.8, 1.2], np.float32)
    theirs = onnx_run(
        "Resize",
        IMAGE,
        full,
        None,
        np.array([2, 3, 4, 6], np.int64),
        mode="linear",
        extrapolation_value=9.0,
        coordinate_transformation_mode="tf_crop_and_resize",
    )
    ours = apply(
        "resample",
        IMAGE,
        roi,
        None,
        np.array([4, 6]),
        axes=(2, 3),
        mode="linear",
        grid="tf_crop_and_resize",
        extrapolation=9.0,
    )
    np.testing.assert_allclose(ours, theirs, atol=1e-5)
    with pytest.raises(GraphError, match="crop"):
        apply("resample", IMAGE, None, None, np.array([4, 6]), axes=(2, 3), grid="tf_crop_and_resize")


def test_resample_keeps_a_ratio_and_whole_numbers(apply):
    sizes = np.array([14, 9])
    assert apply("resample", IMAGE, None, None, sizes, axes=(2, 3), policy="not_larger").shape == (2, 3, 7, 9)
    assert apply("resample", IMAGE, None, None, sizes, axes=(2, 3), policy="not_smaller").shape == (
        2,
        3,
        14,
        18,
    )
    x = np.array([[0, 10]], np.uint8)
    y = apply("resample", x, None, np.array([1, 2.0], np.float32), mode="linear")
    np.testing.assert_array_equal(y, np.array([[0, 2, 8, 10]], np.uint8))
    with pytest.raises(GraphError, match="unknown setting"):
        apply("resample", IMAGE, None, None, sizes, axes=(2, 3), mode="area")
    with pytest.raises(GraphError, match="neither"):
        apply("resample", IMAGE)


@pytest.mark.parametrize("mode", ["nearest", "linear", "cubic"])
@pytest.mark.parametrize("padding", ["zeros", "border", "reflection"])
@pytest.mark.parametrize("align", [False, True])
def test_sample_at_agrees_with_torch(apply, mode, padding, align):
    x, points = IMAGE.astype(np.float64), RNG.uniform(-1.6, 1.6, (2, 4, 5, 2))
    kind = {"linear": "bilinear", "cubic": "bicubic"}.get(mode, mode)
    expected = functional.grid_sample(
        torch.from_numpy(x), torch.from_numpy(points), mode=kind, padding_mode=padding, align_corners=align
    ).numpy()
    ours = apply("sample_at", x, points, mode=mode, padding=padding, align_corners=align)
    np.testing.assert_allclose(ours, expected, atol=1e-9)


def test_sample_at_agrees_with_torch_in_volumes(apply):
    x, points = RNG.normal(size=(1, 2, 3, 4, 5)), RNG.uniform(-1.3, 1.3, (1, 2, 2, 3, 3))
    expected = functional.grid_sample(
        torch.from_numpy(x), torch.from_numpy(points), align_corners=False
    ).numpy()
    np.testing.assert_allclose(apply("sample_at", x, points), expected, atol=1e-9)
    with pytest.raises(GraphError, match="shapes do not fit"):
        apply("sample_at", x, points[..., :2])


@pytest.mark.parametrize("align", [False, True])
@pytest.mark.parametrize("size", [(2, 1, 4, 5), (2, 1, 3, 1, 4)])
def test_affine_points_agree_with_torch(apply, align, size):
    matrix = RNG.normal(size=(2, len(size) - 2, len(size) - 1))
    expected = functional.affine_grid(torch.from_numpy(matrix), size, align_corners=align).numpy()
    ours = apply("affine_points", matrix, np.array(size), align_corners=align)
    np.testing.assert_allclose(ours, expected, atol=1e-12)


REGIONS = np.array([[0, 0, 6, 5], [1.5, 2, 8, 6.5], [3, 1, 3.2, 1.1]], np.float32)


@pytest.mark.parametrize("mode", ["avg", "max"])
@pytest.mark.parametrize("half", [True, False])
@pytest.mark.parametrize("samples", [0, 2])
def test_roi_align_agrees_with_onnxruntime(apply, mode, half, samples):
    images = np.array([0, 1, 1], np.int64)
    theirs = onnx_run(
        "RoiAlign",
        IMAGE,
        REGIONS,
        images,
        mode=mode,
        output_height=3,
        output_width=2,
        sampling_ratio=samples,
        spatial_scale=0.9,
        coordinate_transformation_mode="half_pixel" if half else "output_half_pixel",
    )
    ours = apply(
        "roi_align",
        IMAGE,
        REGIONS,
        images,
        size=(3, 2),
        scale=0.9,
        samples=samples,
        half_pixel=half,
        mode="average" if mode == "avg" else mode,
    )
    np.testing.assert_allclose(ours, theirs, atol=1e-5)


def test_roi_max_pool_agrees_with_onnxruntime(apply):
    regions = np.concatenate([np.array([[0], [1], [1]], np.float32), REGIONS], axis=1)
    theirs = onnx_run("MaxRoiPool", IMAGE, regions, pooled_shape=(3, 2), spatial_scale=0.8)
    np.testing.assert_allclose(apply("roi_max_pool", IMAGE, regions, size=(3, 2), scale=0.8), theirs)
    with pytest.raises(GraphError, match="image"):
        apply("roi_max_pool", IMAGE, regions + np.array([9, 0, 0, 0, 0]), size=(3, 2))


def test_deform_conv_is_a_convolution_where_nothing_is_deformed(apply):
    x, weight = IMAGE.astype(np.float64), RNG.normal(size=(4, 3, 3, 2))
    offset = np.zeros((2, 12, 3, 5))
    attrs = {"strides": (2, 2), "padding": ((0, 0), (1, 0))}
    expected = functional.conv2d(
        functional.pad(torch.from_numpy(x), (1, 0, 0, 0)), torch.from_numpy(weight), stride=2
    )
    np.testing.assert_allclose(apply("deform_conv", x, weight, offset, **attrs), expected.numpy(), atol=1e-12)
    with pytest.raises(GraphError, match="offsets"):
        apply("deform_conv", x, weight, offset[:, :3], **attrs)


def test_deform_conv_agrees_with_a_loop(apply):
    x, weight, bias = RNG.normal(size=(1, 4, 5, 6)), RNG.normal(size=(2, 2, 2, 2)), RNG.normal(size=2)
    offset, mask = RNG.normal(size=(1, 2 * 8, 4, 5)), RNG.uniform(size=(1, 2 * 4, 4, 5))
    ours = apply("deform_conv", x, weight, offset, bias, mask, groups=2, offset_groups=2)

    def pixel(c, i, j):
        low = int(np.floor(i)), int(np.floor(j))
        total = 0.0
        for a in (0, 1):
            for b in (0, 1):
                r, s = low[0] + a, low[1] + b
                if 0 <= r < 5 and 0 <= s < 6:
                    total += x[0, c, r, s] * (1 - abs(i - r)) * (1 - abs(j - s))
        return total

    for o, p, q in np.ndindex(2, 4, 5):
        total = bias[o]
        for c, (i, j) in ((c, place) for c in range(2) for place in np.ndindex(2, 2)):
            channel, k = o * 2 + c, i * 2 + j
            group = channel // 2
            d = offset[0, group * 8 + 2 * k : group * 8 + 2 * k + 2, p, q]
            total += (
                weight[o, c, i, j] * mask[0, group * 4 + k, p, q] * pixel(channel, p + i + d[0], q + j + d[1])
            )
        np.testing.assert_allclose(ours[0, o, p, q], total, atol=1e-10)


@pytest.mark.parametrize("centred", [0, 1])
@pytest.mark.parametrize("least", [None, 0.4])
def test_select_boxes_agrees_with_onnxruntime(apply, centred, least):
    boxes, scores = (
        RNG.uniform(0, 10, (2, 30, 4)).astype(np.float32),
        RNG.uniform(size=(2, 3, 30)).astype(np.float32),
    )
    settings = [np.array([6], np.int64), np.array([0.2], np.float32)]
    settings += [] if least is None else [np.array([least], np.float32)]
    theirs = onnx_run("NonMaxSuppression", boxes, scores, *settings, center_point_box=centred)
    np.testing.assert_array_equal(
        apply("select_boxes", boxes, scores, *settings, centred=bool(centred)), theirs
    )
    assert apply("select_boxes", boxes, scores).shape == (0, 3)
    with pytest.raises(GraphError, match="shapes"):
        apply("select_boxes", boxes, scores[:, :, :5])
