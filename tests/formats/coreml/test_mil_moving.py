"""MIL operations that move, pick, resize and draw, in full precision, against numpy and torch."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
import torch
from torch.nn import functional

import modelparity as mp
from modelparity.errors import GraphError

ct = pytest.importorskip("coremltools")
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from coremltools.converters.mil import Builder as mb
    from coremltools.converters.mil.mil import get_new_symbol, types

RNG = np.random.default_rng(0)
X = RNG.standard_normal((2, 4, 6, 8)).astype(np.float32)
T = torch.from_numpy(X.astype(np.float64))
IOS15, IOS16, IOS17, IOS18 = (getattr(ct.target, f"iOS{n}") for n in (15, 16, 17, 18))


@pytest.fixture
def run_program(tmp_path):
    """``run_program(opset, build, x=..., i=...)``: what a program of that build gives, in order, and its graph."""

    def run_program(opset, build, free=None, classes=None, **arrays):
        kinds = {"f": types.fp32, "i": types.int32}
        shapes = {name: a.shape if free is None else free for name, a in arrays.items()}
        specs = [mb.TensorSpec(shapes[name], kinds[a.dtype.kind]) for name, a in arrays.items()]
        program = mb.program(input_specs=specs, opset_version=opset)(build)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model = ct.convert(
                program,
                source="milinternal",
                convert_to="mlprogram",
                skip_model_load=True,
                minimum_deployment_target=opset,
                compute_precision=ct.precision.FLOAT32,
                classifier_config=classes,
                inputs=None
                if free is None
                else [ct.TensorType("x", (ct.RangeDim(1, 9), *arrays["x"].shape[1:]))],
            )
        model.save(str(tmp_path / "model.mlpackage"))
        graph = mp.load(tmp_path / "model.mlpackage")
        result = mp.run(graph, arrays)
        return [result[name] for name in graph.outputs], graph

    return run_program


def check(found, expected):
    assert len(found) == len(expected)
    for number, (one, want) in enumerate(zip(found, expected, strict=True)):
        assert one.shape == tuple(want.shape), number
        np.testing.assert_allclose(one, want, rtol=1e-6, atol=1e-6, err_msg=str(number))


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


PLACES = np.array([[1, 0], [-1, 1]], np.int32)
ROW = np.array([1, -1], np.int32)


def test_picking(run_program):
    def build(x, i):
        along = mb.reshape(x=i, shape=[2, 2, 1, 1])
        return (
            mb.gather(x=x, indices=i, axis=-1),
            mb.gather(x=x, indices=np.int32(-1), axis=1),
            mb.gather(x=x, indices=i, axis=1, batch_dims=1),
            mb.gather_nd(x=x, indices=i),
            mb.gather_nd(x=x, indices=i, batch_dims=1),
            mb.gather_along_axis(
                x=mb.slice_by_size(x=x, begin=[0] * 4, size=[2, 4, 1, 1]), indices=along, axis=1
            ),
        )

    batched = np.stack([X[b][PLACES[b]] for b in (0, 1)])
    picked = np.stack([X[b][tuple(PLACES[b])] for b in (0, 1)])
    along = np.take_along_axis(X[:, :, :1, :1], PLACES[:, :, None, None], 1)
    found, _ = run_program(IOS16, build, x=X, i=PLACES)
    check(found, [X[..., PLACES], X[:, -1], batched, np.stack([X[1, 0], X[-1, 1]]), picked, along])


@pytest.mark.parametrize("mode", ["update", "add", "sub", "mul", "div", "max", "min"])
def test_writing(run_program, mode):
    def build(x, i, u):
        rows = mb.gather(x=x, indices=ROW % 2, axis=0)
        return (
            mb.scatter(data=x, indices=i, updates=rows, axis=0, mode=mode),
            mb.scatter_nd(data=x, indices=mb.expand_dims(x=i, axes=[1]), updates=rows, mode=mode),
            mb.scatter_along_axis(
                data=u, indices=i, updates=mb.slice_by_size(x=u, begin=[1], size=[2]), mode=mode
            ),
        )

    rules = {
        "update": lambda a, b: b,
        "add": np.add,
        "sub": np.subtract,
        "mul": np.multiply,
        "div": np.divide,
        "max": np.maximum,
        "min": np.minimum,
    }
    u = np.array([3.0, 5.0, -2.0], np.float32)
    rows, line = X.copy(), u.copy()
    for k, at in enumerate((1, -1)):  # both rows of x go to its second
        rows[at] = rules[mode](rows[at], X[1])
        line[at] = rules[mode](line[at], u[1 + k])
    found, _ = run_program(IOS15, build, x=X, i=ROW, u=u)
    check(found, [rows, rows, line])


def test_indices_outside_since_ios_17(run_program):
    def dropped(x, i):
        return mb.scatter(data=x, indices=i, updates=mb.gather(x=x, indices=[0, 1], axis=0), mode="add")

    found, graph = run_program(IOS17, dropped, x=X, i=ROW)
    check(found, [X + np.stack([X[0] * 0, X[0]])])
    assert mp.run(graph, {"x": X, "i": np.array([0, 7], np.int32)})[graph.outputs[0]].shape == X.shape

    def refused(x, i):
        return mb.gather(x=x, indices=i, axis=0, validate_indices=True)

    with pytest.raises(GraphError, match="index 2 at"):
        run_program(IOS17, refused, x=X, i=ROW * 2)


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


def test_free_sizes(run_program):
    def build(x):
        y = mb.upsample_nearest_neighbor(x=mb.transpose(x=x, perm=[1, 2, 0, 3]), scale_factor_height=2)
        return mb.crop(x=y, crop_height=[1, 0], crop_width=[0, 0])

    x = X[:, :, :1]
    found, graph = run_program(IOS15, build, free=(get_new_symbol(), 4, 1, 8), x=x)
    check(found, [np.repeat(x.transpose(1, 2, 0, 3), 2, 2)[:, :, 1:]])
    assert mp.run(graph, x[:1])[graph.outputs[0]].shape == (4, 1, 1, 8)


def test_drawing(run_program):
    def build(shape, p):
        return (
            mb.random_uniform(shape=shape, low=2.0, high=4.0),
            mb.random_uniform(shape=shape, low=2.0, high=4.0),
            mb.random_normal(shape=shape, mean=1.0, stddev=0.5, seed=3),
            mb.random_bernoulli(shape=shape, prob=0.25, seed=4),
            mb.random_categorical(x=p, size=4000, mode="probs"),
        )

    p = np.array([0.2, 0.8], np.float32)
    found, graph = run_program(IOS15, build, shape=np.array([40, 100], np.int32), p=p)
    assert [one.shape for one in found] == [(40, 100)] * 4 + [(4000,)]
    np.testing.assert_allclose([one.mean() for one in found], [3, 3, 1, 0.25, 0.8], atol=0.05)
    assert (found[0] != found[1]).any(), "two operations without a seed draw differently"
    again = mp.run(graph, {"shape": np.array([40, 100], np.int32), "p": p})
    np.testing.assert_array_equal(again[graph.outputs[0]], found[0], "but every run alike")


@pytest.mark.parametrize("labels", [["dog", "cat", "owl"], [7, 3, 11]])
def test_classifier(run_program, labels):
    x = np.array([[0.2, 0.5, 0.3]], np.float32)
    found, _ = run_program(IOS15, lambda x: mb.identity(x=x), classes=ct.ClassifierConfig(labels), x=x)
    assert found[0] == labels[1]
    np.testing.assert_allclose(found[1], x[0])


def test_a_squeezed_element_that_is_not_there(run_program):
    def build(x, at):
        return mb.slice_by_index(x=x, begin=at, end=[0] * 4, squeeze_mask=[True] * 4)

    found, graph = run_program(IOS17, build, x=X, at=np.array([1, -1, 0, 7], np.int32))
    check(found, [X[1, -1, 0, 7]])
    with pytest.raises(GraphError, match="index 8 is out of range"):
        mp.run(graph, {"x": X, "at": np.array([0, 0, 0, 8], np.int32)})
