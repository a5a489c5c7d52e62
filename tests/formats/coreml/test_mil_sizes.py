"""MIL operations whose sizes or results depend on the run, where float16 is rounded, and what is refused."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
import torch
from scipy import special

import modelparity as mp
from modelparity.errors import ArtefactError

ct = pytest.importorskip("coremltools")
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from coremltools.converters.mil import Builder as mb
    from coremltools.converters.mil.mil import get_new_symbol
    from coremltools.proto import Model_pb2

F = torch.nn.functional
RNG = np.random.default_rng(0)
IMAGE = (2, 6, 7, 5)
KERNEL = RNG.standard_normal((4, 6, 3, 2)).astype(np.float32)


def same(t, kernel, strides):
    """Padding by TensorFlow's rule, before and after each of the last two axes."""
    totals = [
        max(0, (-(-n // s) - 1) * s + k - n) for n, k, s in zip(t.shape[2:], kernel, strides, strict=True)
    ]
    return F.pad(t, [width for n in reversed(totals) for width in (n // 2, n - n // 2)])


def test_float16_is_rounded_where_it_is_declared(tmp_path, save_program):
    path = save_program(
        tmp_path, lambda x: mb.mul(x=mb.mul(x=x, y=1.1), y=1.1), ((50,),), precision="float16"
    )
    graph = mp.load(path)
    x = np.linspace(-3, 3, 50, dtype=np.float32)
    y = mp.run(graph, x, arithmetic="native")[graph.outputs[0]]
    factor = np.float16(1.1)
    np.testing.assert_array_equal(y, ((x.astype(np.float16) * factor) * factor).astype(np.float32))


def test_padding_that_depends_on_the_length(tmp_path, save_program):
    def build(x):
        y = mb.conv(x=x, weight=KERNEL, pad_type="same", strides=[2, 1])
        return mb.avg_pool(x=y, kernel_sizes=[2, 2], pad_type="same")

    free = [ct.TensorType("x", (1, 6, ct.RangeDim(3, 50), 5))]
    graph = mp.load(save_program(tmp_path, build, ((1, 6, get_new_symbol(), 5),), inputs=free))
    for length in (3, 8):
        x = RNG.standard_normal((1, 6, length, 5)).astype(np.float32)
        t = torch.from_numpy(x.astype(np.float64))
        y = F.conv2d(same(t, (3, 2), (2, 1)), torch.from_numpy(KERNEL.astype(np.float64)), stride=(2, 1))
        want = F.avg_pool2d(same(y, (2, 2), (1, 1)), 2, 1)
        np.testing.assert_allclose(mp.run(graph, x)[graph.outputs[0]], want, rtol=1e-9, atol=1e-9)


def test_widths_of_padding_that_are_computed(tmp_path, save_program):
    def build(x):
        widths = mb.sub(x=mb.shape(x=mb.relu(x=x)), y=1)
        return mb.pad(x=x, pad=mb.concat(values=(widths, widths), axis=0), mode="replicate")

    graph = mp.load(save_program(tmp_path, build, ((2, 3),)))
    x = np.arange(6.0, dtype=np.float32).reshape(2, 3)
    np.testing.assert_array_equal(
        mp.run(graph, x)[graph.outputs[0]], np.pad(x, ((1, 2), (1, 2)), mode="edge")
    )


def test_boxes_since_ios_17_have_their_number_last(tmp_path, save_program):
    def build(x, y):
        return mb.non_maximum_suppression(boxes=x, scores=y, iou_threshold=0.3, max_boxes=3)

    boxes = np.array([[[0, 0, 2, 2], [0.1, 0, 2, 2], [5, 5, 1, 1], [9, 9, 1, 1]]], np.float32).swapaxes(1, 2)
    scores = np.array([[[0.6, 0.9, 0.5, -0.1]]], np.float32)
    graph = mp.load(save_program(tmp_path, build, (boxes.shape, scores.shape), opset=ct.target.iOS17))
    kept, values, places = mp.run(graph, {"x": boxes, "y": scores}).values()
    assert places.tolist() == [[1, 2, 3]]
    np.testing.assert_array_equal(kept, boxes[..., [1, 2, 3]])
    np.testing.assert_array_equal(values, scores[..., [1, 2, 3]])


def changed(path, op, param, change):
    """Change, in the file, the constant that a parameter of the first operation of that type names."""
    inside = next(path.rglob("*.mlmodel"))
    model = Model_pb2.Model.FromString(inside.read_bytes())
    (function,) = model.mlProgram.functions.values()
    (block,) = function.block_specializations.values()
    spec = next(one for one in block.operations if one.type == op)
    name = spec.inputs[param].arguments[0].name
    (constant,) = (one for one in block.operations if one.outputs[0].name == name)
    change(constant.attributes["val"])
    inside.write_bytes(model.SerializeToString())


def string(text):
    def change(value):
        value.immediateValue.tensor.strings.values[0] = text

    return change


def whole(*numbers):
    def change(value):
        del value.immediateValue.tensor.ints.values[:]
        value.immediateValue.tensor.ints.values.extend(numbers)
        if value.type.tensorType.dimensions:
            value.type.tensorType.dimensions[0].constant.size = len(numbers)

    return change


REFUSED = [
    (lambda x: mb.conv(x=x, weight=KERNEL), "pad_type", string("full"), r"unknown pad_type\n.*found: +full"),
    (
        lambda x: mb.conv(x=x, weight=KERNEL, pad_type="custom", pad=[1, 1, 1, 1]),
        "pad",
        whole(1, 1),
        r"'pad' does not fit the spatial axes\n.*\n.*4 numbers",
    ),
    (lambda x: mb.conv(x=x, weight=KERNEL, strides=[2, 1]), "strides", whole(2), r"'strides' does not fit"),
    (
        lambda x: mb.gelu(x=x, mode="EXACT"),
        "mode",
        string("ROUGH"),
        r"unknown mode\n.*ROUGH\n.*SIGMOID_APPROX",
    ),
    (lambda x: mb.pad(x=x, pad=[1, 1]), "mode", string("wrap"), r"unknown mode\n.*wrap\n.*constant, reflect"),
    (lambda x: mb.pad(x=x, pad=[1, 1]), "pad", whole(-1, 1), r"'pad' does not fit\n.*\n.*none negative"),
    (lambda x: mb.layer_norm(x=x, axes=[3]), "axes", whole(4), r"axes do not fit\n.*4.*\n.*from -4 to 3"),
    (
        lambda x: mb.split(x=x, num_splits=3, axis=1),
        "num_splits",
        whole(2),
        r"num_splits is not the number of outputs",
    ),
    (
        lambda x: mb.split(x=x, split_sizes=[1, 5], axis=1),
        "split_sizes",
        whole(6),
        r"split_sizes are not one an output",
    ),
]


@pytest.mark.parametrize(("build", "param", "change", "text"), REFUSED)
def test_refuses(build, param, change, text, tmp_path, save_program):
    path = save_program(tmp_path, build, (IMAGE,))
    spec = mp.load(path)
    assert spec.nodes
    op = next(
        name
        for name in ("conv", "gelu", "pad", "layer_norm", "split")
        if any(f"({name} " in n.origin for n in spec.nodes)
    )
    changed(path, op, param, change)
    with pytest.raises(ArtefactError, match=text) as caught:
        mp.load(path)
    assert f"({op} " in str(caught.value)


def test_non_maximum_suppression(tmp_path, save_program):
    def build(x, y):
        return mb.non_maximum_suppression(
            boxes=x, scores=y, iou_threshold=0.3, score_threshold=0.2, max_boxes=3
        )

    boxes = np.array([[[0, 0, 2, 2], [0.1, 0, 2, 2], [5, 5, 1, 1], [9, 9, 1, 1]]], np.float32)
    scores = np.array([[[0.6], [0.9], [0.5], [0.1]]], np.float32)
    graph = mp.load(save_program(tmp_path, build, (boxes.shape, scores.shape)))
    kept, values, places, count = mp.run(graph, dict(zip("xy", (boxes, scores), strict=True))).values()
    assert places.tolist() == [[1, 2, -1]]
    assert count.tolist() == [2]
    np.testing.assert_array_equal(kept[0, :2], boxes[0, [1, 2]])
    np.testing.assert_array_equal(values[0, :, 0], [*scores[0, [1, 2], 0].tolist(), 0])


def test_the_gaussian_share_is_exact(tmp_path, save_program):
    graph = mp.load(save_program(tmp_path, lambda x: mb.gelu(x=x), ((9,),)))
    x = np.linspace(-6, 3, 9)
    y = mp.run(graph, x.astype(np.float32))[graph.outputs[0]]
    np.testing.assert_allclose(y, x * special.ndtr(x), rtol=1e-9)
