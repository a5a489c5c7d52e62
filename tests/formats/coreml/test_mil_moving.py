"""MIL operations that reshape, slice and turn around, in full precision, against numpy and torch."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from torch.nn import functional

import modelparity as mp
from modelparity.errors import GraphError

from .image import IOS15, IOS17, IOS18, RNG, T, X, check

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from coremltools.converters.mil import Builder as mb
    from coremltools.converters.mil.mil import get_new_symbol


def test_shapes(run_program):
    def build(x):
        return (
            mb.expand_dims(x=mb.slice_by_size(x=x, begin=[0] * 4, size=[1, 4, 6, 8]), axes=[-1]),
            mb.squeeze(x=mb.slice_by_size(x=x, begin=[0, 1, 0, 0], size=[1, -1, 1, 8])),
            mb.squeeze(x=mb.slice_by_size(x=x, begin=[-1, 1, -2, 0], size=[1, 2, 1, 8]), axes=[2]),
            mb.transpose(x=x, perm=[-1, 0, 2, 1]),
            mb.reshape(x=x, shape=[0, -1, 2, 8]),
            mb.reverse(x=x, axes=[1, -1]),
            mb.reverse(x=x),
            mb.reverse_sequence(x=x, lengths=[3, 0], seq_axis=2, batch_axis=0),
            mb.sliding_windows(x=x, axis=-2, size=3, stride=2),
            mb.depth_to_space(x=x, block_size=2),
            mb.space_to_depth(x=x, block_size=2),
            mb.pixel_shuffle(x=x, upscale_factor=2),
            mb.space_to_batch(x=x, block_shape=[2, 3], paddings=[[0, 0], [1, 0]]),
            mb.batch_to_space(x=x, block_shape=[2, 1], crops=[[1, 0], [0, 2]]),
            mb.crop(x=x, crop_height=[1, 2], crop_width=[0, 3]),
        )

    reversed_ = X.copy()
    reversed_[0, :, :3] = X[0, :, 2::-1]
    padded = np.pad(X, ((0, 0), (0, 0), (0, 0), (1, 0)))
    rows = [padded[:, :, i::2, j::3] for i in (0, 1) for j in (0, 1, 2)]
    wide = np.empty((1, 4, 12, 8), np.float32)
    wide[0, :, 0::2], wide[0, :, 1::2] = X
    deep = X.reshape(2, 4, 3, 2, 4, 2).transpose(0, 3, 5, 1, 2, 4).reshape(2, 16, 3, 4)
    spread = X.reshape(2, 2, 2, 1, 6, 8).transpose(0, 3, 4, 1, 5, 2).reshape(2, 1, 12, 16)
    found, _ = run_program(IOS15, build, x=X)
    check(
        found,
        [
            X[:1, ..., None],
            X[0, 1:, 0],
            X[1:, 1:3, 4],
            X.transpose(3, 0, 2, 1),
            X.reshape(2, 12, 2, 8),
            X[:, ::-1, :, ::-1],
            X[::-1, ::-1, ::-1, ::-1],
            reversed_,
            np.moveaxis(T.unfold(2, 3, 2).numpy(), -1, 3),
            spread,
            deep,
            functional.pixel_shuffle(T, 2),
            np.concatenate(rows),
            wide[:, :, 1:, :-2],
            X[:, :, 1:-2, :-3],
        ],
    )


def test_slices(run_program):
    def build(x):
        return (
            mb.slice_by_index(x=x, begin=[0, 1, -3, 7], end=[1, 4, -1, 0], stride=[1, 2, 1, -2]),
            mb.slice_by_index(
                x=x,
                begin=[1, 0, 0, 5],
                end=[0, 3, 2, 0],
                begin_mask=[False, True, True, False],
                end_mask=[True, False, False, True],
                stride=[1, 1, 1, 1],
            ),
            mb.slice_by_index(
                x=x, begin=[-1, 2, 0, 0], end=[0, 0, 6, 8], squeeze_mask=[True, True, False, False]
            ),
            mb.slice_by_index(x=x, begin=[0] * 4, end=[0] * 4, begin_mask=[True] * 4, end_mask=[True] * 4),
            mb.slice_by_index(
                x=x,
                begin=[0] * 4,
                end=[0] * 4,
                begin_mask=[True] * 4,
                end_mask=[True] * 4,
                stride=[1, -1, 2, -3],
            ),
        )

    found, _ = run_program(IOS15, build, x=X)
    check(found, [X[0:1, 1:4:2, -3:-1, 7:0:-2], X[1:, :3, :2, 5:], X[-1, 2], X, X[:, ::-1, ::2, ::-3]])


def test_slices_whose_ends_are_computed(run_program):
    def build(x, begin, end):
        part = mb.slice_by_index(
            x=x,
            begin=begin,
            end=end,
            squeeze_mask=[False, True, False, False],
            end_mask=[False, False, True, False],
        )
        return part, mb.slice_by_size(x=x, begin=begin, size=end)

    begin, end = np.array([1, 2, 3, 0], np.int32), np.array([1, -1, 2, 5], np.int32)
    found, _ = run_program(IOS17, build, x=X, begin=begin, end=end)
    check(found, [X[1:1, 2, 3:, 0:5], X[1:2, 2:, 3:5, :5]])


def test_slices_replaced(run_program):
    def build(x, u, begin):
        return (
            mb.slice_update(x=x, update=u, begin=[0, 1, 0, 0], end=[2, 3, 6, 8], stride=[1, 1, 2, 2]),
            mb.slice_update(x=x, update=u, begin=begin, end=[9, 9, 9, 9], stride=[1, 1, 2, 2]),
        )

    u = RNG.standard_normal((2, 2, 3, 4)).astype(np.float32)
    first, second = X.copy(), X.copy()
    first[:, 1:3, ::2, ::2] = second[:, 2:, 1::2, 1::2] = u
    found, _ = run_program(IOS18, build, x=X, u=u, begin=np.array([0, 2, 1, 1], np.int32))
    check(found, [first, second])


def test_a_squeezed_element_that_is_not_there(run_program):
    def build(x, at):
        return mb.slice_by_index(x=x, begin=at, end=[0] * 4, squeeze_mask=[True] * 4)

    found, graph = run_program(IOS17, build, x=X, at=np.array([1, -1, 0, 7], np.int32))
    check(found, [X[1, -1, 0, 7]])
    with pytest.raises(GraphError, match="index 8 is out of range"):
        mp.run(graph, {"x": X, "at": np.array([0, 0, 0, 8], np.int32)})


def test_reshapes_since_ios_16_and_17(run_program):
    def build(x, sizes):
        return (
            mb.reshape(x=x, shape=[1, 0, -1, 0, 0]),
            mb.reshape(x=x, shape=sizes),
            mb.pixel_unshuffle(x=x, downscale_factor=np.uint32(2)),
            mb.reshape_like(x=x, ref_tensors=(x, x), begins=(2, 0), ends=(3, 2), end_masks=(True, False)),
        )

    found, graph = run_program(IOS17, build, x=X, sizes=np.array([8, -1], np.int32))
    check(found, [X[None], X.reshape(8, -1), functional.pixel_unshuffle(T, 2), X.reshape(6, 8, 2, 4)])
    assert [node.op for node in graph.nodes].count("reshape_to") == 2


def test_free_sizes(run_program):
    def build(x):
        y = mb.upsample_nearest_neighbor(x=mb.transpose(x=x, perm=[1, 2, 0, 3]), scale_factor_height=2)
        return mb.crop(x=y, crop_height=[1, 0], crop_width=[0, 0])

    x = X[:, :, :1]
    found, graph = run_program(IOS15, build, free=(get_new_symbol(), 4, 1, 8), x=x)
    check(found, [np.repeat(x.transpose(1, 2, 0, 3), 2, 2)[:, :, 1:]])
    assert mp.run(graph, x[:1])[graph.outputs[0]].shape == (4, 1, 1, 8)
