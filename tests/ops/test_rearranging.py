"""Operators that only move elements, against numpy, torch, onnxruntime and loops."""

from __future__ import annotations

import numpy as np
import onnxruntime
import pytest
import torch
from onnx import TensorProto, helper

from modelparity.errors import GraphError

IMAGE = np.random.default_rng(0).normal(size=(2, 12, 6, 8)).astype(np.float32)


def onnx_run(op, x, **attributes):
    node = helper.make_node(op, ["x"], ["y"], **attributes)
    graph = helper.make_graph(
        [node],
        "one",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, list(x.shape))],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    return onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"]).run(
        None, {"x": x}
    )[0]


@pytest.mark.parametrize("block", [1, 2])
def test_depth_and_space_agree_with_onnxruntime(apply, block):
    deep = apply("space_to_depth", IMAGE, block=block)
    np.testing.assert_array_equal(deep, onnx_run("SpaceToDepth", IMAGE, blocksize=block))
    wide = apply("depth_to_space", IMAGE, block=block)
    np.testing.assert_array_equal(wide, onnx_run("DepthToSpace", IMAGE, blocksize=block, mode="DCR"))
    np.testing.assert_array_equal(apply("depth_to_space", deep, block=block), IMAGE)


@pytest.mark.parametrize("factor", [1, 2])
def test_pixel_shuffles_agree_with_torch(apply, factor):
    x = torch.from_numpy(IMAGE)
    np.testing.assert_array_equal(
        apply("pixel_shuffle", IMAGE, factor=factor), torch.pixel_shuffle(x, factor).numpy()
    )
    expected = torch.pixel_unshuffle(x, factor).numpy()
    np.testing.assert_array_equal(apply("pixel_unshuffle", IMAGE, factor=factor), expected)


def test_batches_and_space_agree_with_a_loop(apply):
    padding, (r, q) = ((1, 2), (0, 1)), (3, 3)
    y = apply("space_to_batch", IMAGE, block=(r, q), padding=padding)
    padded = np.pad(IMAGE, ((0, 0), (0, 0), *padding))
    assert y.shape == (18, 12, 3, 3)
    for i, j, b in np.ndindex(r, q, 2):
        np.testing.assert_array_equal(y[(i * q + j) * 2 + b], padded[b, :, i::r, j::q])
    np.testing.assert_array_equal(apply("batch_to_space", y, block=(r, q), crops=padding), IMAGE)


def test_blocks_that_do_not_fit_are_refused(apply):
    for op, attrs in {
        "space_to_depth": {"block": 5},
        "depth_to_space": {"block": 5},
        "pixel_shuffle": {"factor": 5},
        "pixel_unshuffle": {"factor": 5},
        "space_to_batch": {"block": 5},
        "batch_to_space": {"block": 5},
    }.items():
        with pytest.raises(GraphError, match="does not divide evenly"):
            apply(op, IMAGE, **attrs)
    for op, attrs in (
        ("space_to_depth", {"block": 0}),
        ("pixel_shuffle", {"factor": 0}),
        ("depth_to_space", {"block": -2}),
    ):
        with pytest.raises(GraphError, match="does not divide evenly"):
            apply(op, IMAGE, **attrs)
    with pytest.raises(GraphError, match="crops do not fit"):
        apply("batch_to_space", IMAGE, block=1, crops=((4, 3), (0, 0)))
    with pytest.raises(GraphError, match="no image"):
        apply("pixel_shuffle", IMAGE[0, 0], factor=1)


@pytest.mark.parametrize("axes", [None, 0, (-1,), (0, 2), ()])
def test_reverse_agrees_with_numpy(apply, axes):
    np.testing.assert_array_equal(apply("reverse", IMAGE, axes=axes), np.flip(IMAGE, axes))


def test_reverse_streams_along_other_axes_only(streams):
    assert streams("reverse", 3, axes=(2,)).time == 0
    assert "time axis" in streams("reverse", 3, axes=(0,))


@pytest.mark.parametrize(("batch", "time"), [(0, 2), (2, 0), (3, 1), (-1, -2)])
def test_reverse_sequence_agrees_with_a_loop(apply, batch, time):
    lengths = np.random.default_rng(1).integers(0, IMAGE.shape[time] + 1, IMAGE.shape[batch])
    expected = np.moveaxis(IMAGE.copy(), (batch, time), (0, 1))
    for row, n in zip(expected, lengths, strict=True):
        row[:n] = row[:n][::-1].copy()
    y = apply("reverse_sequence", IMAGE, lengths, batch_axis=batch, time_axis=time)
    np.testing.assert_array_equal(y, np.moveaxis(expected, (0, 1), (batch, time)))
    with pytest.raises(GraphError, match="lengths do not fit"):
        apply("reverse_sequence", IMAGE, lengths + 99, batch_axis=batch, time_axis=time)


def test_reverse_sequence_needs_two_axes(apply):
    with pytest.raises(GraphError, match="one axis"):
        apply("reverse_sequence", IMAGE, np.array([0, 0]), batch_axis=0, time_axis=-4)


def test_tile_and_stack_agree_with_numpy(apply):
    x = IMAGE[0, :2, :3]
    np.testing.assert_array_equal(apply("tile", x, repeats=(1, 2, 3)), np.tile(x, (1, 2, 3)))
    np.testing.assert_array_equal(apply("tile", x, np.array([2, 1, 1])), np.tile(x, (2, 1, 1)))
    for axis in (0, 1, -1):
        np.testing.assert_array_equal(apply("stack", x, -x, x, axis=axis), np.stack([x, -x, x], axis))
    with pytest.raises(GraphError, match="differ in shape"):
        apply("stack", x, x[:1], axis=0)
    with pytest.raises(GraphError, match="counts do not fit"):
        apply("tile", x, repeats=(2,))
    with pytest.raises(GraphError, match="given twice"):
        apply("tile", x)


def test_split_agrees_with_numpy(apply):
    for part, expected in zip(apply("split", IMAGE, axis=1, count=3), np.split(IMAGE, 3, 1), strict=True):
        np.testing.assert_array_equal(part, expected)
    parts = apply("split", IMAGE, axis=-1, sizes=(1, 0, 7))
    for part, expected in zip(parts, np.split(IMAGE, [1, 1], -1), strict=True):
        np.testing.assert_array_equal(part, expected)
    with pytest.raises(GraphError, match="do not add up"):
        apply("split", IMAGE, axis=0, sizes=(1, 2))
    with pytest.raises(GraphError, match="does not divide evenly"):
        apply("split", IMAGE, axis=0, count=3)


@pytest.mark.parametrize("axis", range(-4, 5))
def test_flatten_makes_a_matrix(apply, axis):
    y = apply("flatten", IMAGE, axis=axis)
    before = int(np.prod(IMAGE.shape[:axis]))
    np.testing.assert_array_equal(y, IMAGE.reshape(before, -1))


@pytest.mark.parametrize(("axis", "size", "stride"), [(0, 2, 1), (1, 5, 3), (-1, 8, 2), (2, 1, 2)])
def test_sliding_windows_agree_with_torch(apply, axis, size, stride):
    y = apply("sliding_windows", IMAGE, axis=axis, size=size, stride=stride)
    expected = torch.from_numpy(IMAGE).unfold(axis, size, stride).numpy()
    np.testing.assert_array_equal(y, np.moveaxis(expected, -1, axis % 4 + 1))


def test_windows_that_do_not_fit_are_refused(apply):
    with pytest.raises(GraphError, match="do not fit"):
        apply("sliding_windows", IMAGE, axis=0, size=3)


@pytest.mark.parametrize(("lower", "upper"), [(-1, -1), (0, -1), (-1, 0), (1, 2), (0, 0)])
def test_band_part_agrees_with_numpy(apply, lower, upper):
    expected = np.triu(IMAGE, -lower) if lower >= 0 else IMAGE
    expected = np.tril(expected, upper) if upper >= 0 else expected
    np.testing.assert_array_equal(apply("band_part", IMAGE, lower=lower, upper=upper), expected)
    with pytest.raises(GraphError, match="no matrix"):
        apply("band_part", IMAGE[0, 0, 0])
