"""Layers over height and width, against torch and by hand."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from modelparity.errors import ArtefactError

F = torch.nn.functional
RNG = np.random.default_rng(0)
SIDES = ("padding_top", "padding_bottom", "padding_left", "padding_right")
X = RNG.standard_normal((2, 4, 9, 7))


def tensor(a):
    return torch.from_numpy(np.array(a, np.float64))


def single(a):
    """As the file stores it."""
    return np.asarray(a, np.float32).astype(np.float64)


def convolution(network, shape=X.shape, *, outs=6, groups=1, deconv=False, bias=True, size=(3, 2), **more):
    """A network of one convolution with its weight (out, in / groups, k...) or (in, out / groups, k...), and bias."""
    b, ins = network({"x": shape}), shape[-3]
    weight = single(
        RNG.standard_normal((ins, outs // groups, *size) if deconv else (outs, ins // groups, *size))
    )
    term = single(RNG.standard_normal(outs)) if bias else None
    b.add_convolution(
        "conv",
        ins if deconv else ins // groups,
        outs,
        *size,
        more.pop("sh", 1),
        more.pop("sw", 1),
        more.pop("border", "valid"),
        groups,
        weight.transpose(2, 3, 0, 1) if deconv else weight.transpose(2, 3, 1, 0),
        term,
        bias,
        is_deconv=deconv,
        input_name="x",
        output_name="y",
        **more,
    )
    return b, tensor(weight), None if term is None else tensor(term)


@pytest.mark.parametrize("groups", [1, 2, 4])
@pytest.mark.parametrize("dilation", [1, 2])
def test_convolution_agrees_with_torch(network, run, groups, dilation):
    outs = 8 if groups == 4 else 6
    b, weight, bias = convolution(
        network,
        outs=outs,
        groups=groups,
        sh=2,
        sw=1,
        dilation_factors=[dilation, 1],
        padding_top=1,
        padding_bottom=2,
        padding_left=3,
    )
    padded = F.pad(tensor(X), (3, 0, 1, 2))
    expected = F.conv2d(padded, weight, bias, (2, 1), 0, (dilation, 1), groups)
    np.testing.assert_allclose(run(b, x=X), expected.numpy(), atol=1e-12)


@pytest.mark.parametrize(("mode", "first"), [("BOTTOM_RIGHT_HEAVY", False), ("TOP_LEFT_HEAVY", True)])
def test_same_padding_puts_the_odd_row_where_the_mode_says(network, run, mode, first):
    b, weight, bias = convolution(
        network, border="same", sh=2, sw=2, size=(4, 2), same_padding_asymmetry_mode=mode
    )
    high, wide = max(0, 4 * 2 + 4 - 9), max(0, 3 * 2 + 2 - 7)  # 5 x 4 windows with a step of 2
    before = [(n + 1) // 2 if first else n // 2 for n in (high, wide)]
    pads = (before[1], wide - before[1], before[0], high - before[0])
    expected = F.conv2d(F.pad(tensor(X), pads), weight, bias, 2)
    np.testing.assert_allclose(run(b, x=X), expected.numpy(), atol=1e-12)


@pytest.mark.parametrize(("groups", "dilation"), [(1, 1), (2, 1), (2, 3)])
def test_deconvolution_agrees_with_torch(network, run, groups, dilation):
    b, weight, bias = convolution(
        network,
        deconv=True,
        groups=groups,
        sh=2,
        sw=3,
        padding_top=1,
        padding_bottom=2,
        padding_right=1,
        dilation_factors=[dilation, 1],
    )
    full = F.conv_transpose2d(tensor(X), weight, bias, (2, 3), groups=groups, dilation=(dilation, 1)).numpy()
    np.testing.assert_allclose(run(b, x=X), full[..., 1:-2, :-1], atol=1e-12)


def test_deconvolution_to_sizes(network, run):
    same = convolution(network, deconv=True, border="same", sh=2, sw=2)
    assert run(same[0], x=X).shape == (2, 6, 18, 14)
    b, weight, bias = convolution(network, deconv=True, sh=2, sw=2, output_shape=(17, 14))
    full = F.conv_transpose2d(tensor(X), weight, bias, 2).numpy()  # 19 x 14
    np.testing.assert_allclose(run(b, x=X), full[..., 1:18, :], atol=1e-12)


@pytest.mark.parametrize("lead", [(), (3,), (3, 2)])
def test_every_axis_before_the_channel_is_batch(network, run, lead):
    x = RNG.standard_normal((*lead, 2, 4, 6, 5))
    b, weight, bias = convolution(network, x.shape)
    expected = F.conv2d(tensor(x.reshape(-1, 4, 6, 5)), weight, bias).numpy()
    np.testing.assert_allclose(run(b, x=x), expected.reshape(*lead, 2, *expected.shape[1:]), atol=1e-12)


def test_convolution_3d_and_its_transpose_agree_with_torch(network, run):
    x = RNG.standard_normal((2, 4, 5, 6, 7))
    weight, bias = single(RNG.standard_normal((6, 2, 2, 3, 2))), single(RNG.standard_normal(6))
    b = network({"x": x.shape})
    b.add_convolution3d(
        "c",
        4,
        6,
        2,
        3,
        2,
        weight,
        bias,
        True,
        groups=2,
        stride_height=2,
        dilation_width=2,
        padding_mode="custom",
        padding_front=1,
        padding_bottom=2,
        input_name="x",
        output_name="y",
    )
    padded = F.pad(tensor(x), (0, 0, 0, 2, 1, 0))
    expected = F.conv3d(padded, tensor(weight), tensor(bias), (1, 2, 1), 0, (1, 1, 2), 2)
    np.testing.assert_allclose(run(b, x=x), expected.numpy(), atol=1e-12)
    back = single(RNG.standard_normal((4, 3, 2, 3, 2)))  # (in, out, ...)
    b = network({"x": x.shape})
    b.add_convolution3d(
        "c",
        4,
        3,
        2,
        3,
        2,
        back.transpose(1, 0, 2, 3, 4),
        None,
        False,
        stride_depth=2,
        is_deconv=True,
        padding_mode="valid",
        input_name="x",
        output_name="y",
    )
    expected = F.conv_transpose3d(tensor(x), tensor(back), stride=(2, 1, 1))
    np.testing.assert_allclose(run(b, x=x), expected.numpy(), atol=1e-12)


def pooling(network, kind, shape=X.shape, **more):
    b = network({"x": shape})
    size, stride = more.pop("size", (3, 2)), more.pop("stride", (2, 2))
    b.add_pooling("pool", *size, *stride, kind, more.pop("padding", "VALID"), "x", "y", **more)
    return b


@pytest.mark.parametrize("excluded", [True, False])
def test_average_pooling_counts_padding_or_not(network, run, excluded):
    b = pooling(
        network, "AVERAGE", exclude_pad_area=excluded, padding_top=1, padding_bottom=1, padding_left=1
    )
    x = F.pad(tensor(X), (1, 0, 1, 1))
    sums = F.avg_pool2d(x, (3, 2), 2, divisor_override=1)
    inside = F.pad(torch.ones(X.shape, dtype=torch.float64), (1, 0, 1, 1))
    count = F.avg_pool2d(inside, (3, 2), 2, divisor_override=1) if excluded else 6
    np.testing.assert_allclose(run(b, x=X), (sums / count).numpy(), atol=1e-12)


@pytest.mark.parametrize("pad", [0, 1])
def test_include_last_pixel_rounds_up_as_torch_does(network, run, pad):
    b = pooling(network, "MAX", size=(3, 3), padding="INCLUDE_LAST_PIXEL", **dict.fromkeys(SIDES, pad))
    expected = F.max_pool2d(tensor(X), 3, 2, pad, ceil_mode=True)
    np.testing.assert_array_equal(run(b, x=X), expected.numpy())


def test_pooling_by_squares_over_all_and_with_same_padding(network, run):
    expected = F.lp_pool2d(tensor(X), 2, (3, 2), 2)
    np.testing.assert_allclose(run(pooling(network, "L2"), x=X), expected.numpy(), atol=1e-12)
    whole = pooling(network, "AVERAGE", is_global=True)
    np.testing.assert_allclose(run(whole, x=X), X.mean((2, 3), keepdims=True), atol=1e-12)
    assert run(pooling(network, "MAX", padding="SAME"), x=X).shape == (2, 4, 5, 4)


def test_resize_and_crop(network, run):
    b = network({"x": X.shape})
    b.add_resize_bilinear("r", "x", "y", 4, 5, "STRICT_ALIGN_ENDPOINTS_MODE")
    expected = F.interpolate(tensor(X), (4, 5), mode="bilinear", align_corners=True)
    np.testing.assert_allclose(run(b, x=X), expected.numpy(), atol=1e-12)
    b = network({"x": X.shape})
    b.add_upsample("u", 2, 3, "x", "y", mode="NN")
    np.testing.assert_array_equal(run(b, x=X), X.repeat(2, 2).repeat(3, 3))
    b = network({"x": X.shape})
    b.add_crop("c", 1, 2, 3, 0, [0, 0], ["x"], "y")
    np.testing.assert_array_equal(run(b, x=X), X[:, :, 3:, 1:-2])
    b = network({"x": X.shape, "like": (2, 4, 3, 4)})
    b.add_crop("c", 0, 0, 0, 0, [2, 1], ["x", "like"], "y")
    np.testing.assert_array_equal(run(b, x=X, like=np.zeros((2, 4, 3, 4))), X[:, :, 2:5, 1:5])
    b = network({"x": X.shape})
    b.add_padding("p", left=2, bottom=3, padding_type="reflection", input_name="x", output_name="y")
    np.testing.assert_array_equal(run(b, x=X), np.pad(X, [(0, 0), (0, 0), (0, 3), (2, 0)], mode="reflect"))


@pytest.mark.parametrize("named", [True, False])
def test_crop_and_resize_boxes(network, run, named):
    x = RNG.standard_normal((1, 2, 3, 8, 8))
    boxes = np.array([[1, 2, 5, 6], [0, 0, 7, 3]], float)
    rows = np.column_stack([[1, 0], boxes]) if named else boxes
    b = network({"x": x.shape, "boxes": (2, 1, rows.shape[1], 1, 1)})
    b.add_crop_resize(
        "c", ["x", "boxes"], "y", 5, 5, "ALIGN_ENDPOINTS_MODE", box_indices_mode="CORNERS_HEIGHT_FIRST"
    )
    y = run(b, x=x, boxes=rows[:, None, :, None, None])
    first = F.interpolate(tensor(x[0, :, :, 1:6, 2:7]), (5, 5), mode="bilinear", align_corners=True).numpy()
    assert y.shape == ((2, 1, 3, 5, 5) if named else (2, 2, 3, 5, 5))
    np.testing.assert_allclose(y[0], first[1:] if named else first, atol=1e-12)


def test_pixels_and_channels(network, run):
    x = np.arange(1.0, 17).reshape(1, 8, 1, 2)
    expected = {
        "DEPTH_TO_SPACE": [[[1, 5, 2, 6], [9, 13, 10, 14]], [[3, 7, 4, 8], [11, 15, 12, 16]]],
        "PIXEL_SHUFFLE": [[[1, 3, 2, 4], [5, 7, 6, 8]], [[9, 11, 10, 12], [13, 15, 14, 16]]],
    }
    for mode, rows in expected.items():
        b = network({"x": x.shape})
        b.add_reorganize_data("r", "x", "y", mode, 2)
        np.testing.assert_array_equal(run(b, x=x)[0], rows)
    b = network({"x": (1, 2, 2, 4)})
    b.add_reorganize_data("r", "x", "y", "SPACE_TO_DEPTH", 2)
    np.testing.assert_array_equal(run(b, x=np.array([expected["DEPTH_TO_SPACE"]])), x)


def test_what_a_convolution_cannot_be(network, graph_of):
    b, _, _ = convolution(network)
    params = b.spec.neuralNetwork.layers[0].convolution
    params.ClearField("valid")
    with pytest.raises(ArtefactError, match=r"layer 0 \(convolution 'conv'\): no padding type is given"):
        graph_of(b)
    params.valid.SetInParent()
    params.outputChannels = 5
    with pytest.raises(
        ArtefactError, match=r"bias: number of values does not fit\n.*found: +6\n.*expected: 5"
    ):
        graph_of(b)
    params.outputChannels = 1 << 40
    with pytest.raises(ArtefactError, match="absurd size of bias"):
        graph_of(b)
    params.outputChannels, params.kernelSize[0] = 6, 0
    with pytest.raises(ArtefactError, match="kernelSize is not valid"):
        graph_of(b)
