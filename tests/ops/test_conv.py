"""conv against torch, scipy and onnxruntime, and what it refuses."""

from __future__ import annotations

import tracemalloc

import numpy as np
import onnxruntime
import pytest
import torch
from hypothesis import given, settings, strategies as st
from onnx import TensorProto, helper
from scipy.signal import convolve

from modelparity.engine.arithmetic import arithmetic
from modelparity.engine.operator import Step
from modelparity.engine.perturbed import Perturbed
from modelparity.errors import GraphError
from modelparity.ops import _correlation as module, conv as conv_module
from modelparity.ops.conv import conv

F64 = arithmetic("float64")


def torch_conv(x, weight, bias, *, strides, padding, dilations, groups):
    """The same in PyTorch: channels first, padded by hand because it knows only symmetric padding."""
    n = weight.ndim - 2
    t = torch.from_numpy(np.ascontiguousarray(np.moveaxis(x, -1, 1)))
    t = torch.nn.functional.pad(t, [w for pair in reversed(padding) for w in pair])
    w = torch.from_numpy(np.ascontiguousarray(np.moveaxis(weight, (-1, -2), (0, 1))))
    f = getattr(torch.nn.functional, f"conv{n}d")
    b = None if bias is None else torch.from_numpy(bias)
    return np.moveaxis(f(t, w, b, strides, 0, dilations, groups).numpy(), 1, -1)


@st.composite
def cases(draw):
    n = draw(st.integers(1, 3))
    groups = draw(st.sampled_from([1, 1, 2, 3]))
    inner, outer = draw(st.integers(1, 9)), groups * draw(st.integers(1, 4))
    size = [draw(st.integers(1, 4)) for _ in range(n)]
    strides = [draw(st.integers(1, 3)) for _ in range(n)]
    dilations = [draw(st.integers(1, 2)) for _ in range(n)]
    padding = [(draw(st.integers(0, 2)), draw(st.integers(0, 2))) for _ in range(n)]
    least = [max(1, (k - 1) * d + 1 - sum(p)) for k, d, p in zip(size, dilations, padding, strict=True)]
    shape = [m + draw(st.integers(0, 5)) for m in least]
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    x = rng.standard_normal((draw(st.integers(1, 2)), *shape, inner * groups))
    weight = rng.standard_normal((*size, inner, outer))
    bias = rng.standard_normal(outer) if draw(st.booleans()) else None
    return x, weight, bias, {"strides": strides, "padding": padding, "dilations": dilations, "groups": groups}


@settings(max_examples=60, deadline=None)
@given(cases(), st.sampled_from([1, 700, 8 << 20]))
def test_agrees_with_torch(case, block):
    x, weight, bias, attrs = case
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "BLOCK", block)  # small blocks, so that their seams are tested
        y = conv(F64, x[None], weight[None], None if bias is None else bias[None], **attrs)[0]
    np.testing.assert_allclose(y, torch_conv(x, weight, bias, **attrs), rtol=1e-12, atol=1e-12)


@settings(max_examples=25, deadline=None)
@given(cases())
def test_without_batch_axis_and_flipped(case):
    x, weight, bias, attrs = case
    n = weight.ndim - 2
    lanes = None if bias is None else bias[None]
    y = conv(F64, x[None], weight[None], lanes, **attrs)[0]
    mirrored = np.flip(weight, tuple(range(n)))
    np.testing.assert_allclose(
        conv(F64, x[:1], mirrored[None], lanes, flip=True, **attrs)[0], y[0], rtol=1e-12, atol=1e-12
    )


def test_flipped_is_convolution_as_scipy_defines_it(apply):
    rng = np.random.default_rng(1)
    x, weight = rng.standard_normal((20, 13, 3)), rng.standard_normal((5, 4, 3, 6))
    want = np.stack(
        [sum(convolve(x[..., c], weight[..., c, o], mode="valid") for c in range(3)) for o in range(6)],
        axis=-1,
    )
    np.testing.assert_allclose(apply("conv", x, weight, flip=True), want, rtol=1e-12, atol=1e-12)


def test_by_hand(apply):
    x = np.array([[1.0], [2.0], [4.0]])
    weight = np.array([10.0, 1.0]).reshape(2, 1, 1)
    assert apply("conv", x, weight).ravel().tolist() == [12, 24]
    assert apply("conv", x, weight, flip=True).ravel().tolist() == [21, 42]
    assert apply("conv", x, weight, np.array([0.5]), padding=[(1, 0)], strides=[2]).ravel().tolist() == [
        1.5,
        24.5,
    ]


@pytest.mark.parametrize(
    ("shape", "size", "out"),
    [((40, 30, 1), (3, 3), 8), ((30, 12, 32), (3, 3), 16), ((20, 14, 16), (9, 12), 24)],
)
def test_float32_agrees_with_onnxruntime(apply, shape, size, out):
    rng = np.random.default_rng(2)
    x = rng.standard_normal(shape).astype(np.float32)
    weight = rng.standard_normal((*size, shape[-1], out)).astype(np.float32)
    value = helper.make_tensor_value_info
    graph = helper.make_graph(
        [helper.make_node("Conv", ["x", "w"], ["y"])],
        "conv",
        [value("x", TensorProto.FLOAT, None), value("w", TensorProto.FLOAT, None)],
        [value("y", TensorProto.FLOAT, None)],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    first = {"x": np.moveaxis(x, -1, 0)[None].copy(), "w": np.moveaxis(weight, (-1, -2), (0, 1)).copy()}
    want = np.moveaxis(session.run(None, first)[0][0], 0, -1)
    y = apply("conv", x, weight, ar="float32")
    assert y.dtype == np.float32
    np.testing.assert_allclose(y, want, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize(("groups", "channels"), [(1, 6), (2, 6), (6, 6)])
@pytest.mark.parametrize(("x_lanes", "weight_lanes"), [(3, 1), (3, 3), (1, 3), (1, 1)])
@pytest.mark.parametrize("batch", [(), (2,)])
def test_lanes(lanewise, groups, channels, x_lanes, weight_lanes, batch):
    rng = np.random.default_rng(3)
    x = rng.standard_normal((x_lanes, *batch, 9, 7, channels))
    weight = rng.standard_normal((weight_lanes, 3, 2, channels // groups, 12))
    bias = rng.standard_normal((weight_lanes, 12))
    lanewise("conv", x, weight, bias, groups=groups, padding=[(1, 0), (0, 1)])


def test_scalar_and_integer_bias_keep_the_precision(apply):
    x, weight = np.ones((3, 2), np.float32), np.ones((1, 2, 4), np.float32)
    y = apply("conv", x, weight, np.array([3]), ar="float32")
    assert y.dtype == np.float32
    assert (y == 5).all()
    assert (apply("conv", x, weight, np.array(3.0)) == 5).all()


def test_half_rounds_the_sum_once():
    ar = arithmetic("float16")
    x = np.array([2048.0, 1.0, 1.0], np.float32).reshape(1, 3, 1)
    weight = np.ones((1, 3, 1, 1), np.float32)
    # one by one, each 1 would be lost; accumulated in the carrier, 2050 is a float16
    assert conv(ar, x, weight).ravel().tolist() == [2050.0]
    assert conv(ar, x, weight, np.array([[1.0]], np.float32)).ravel().tolist() == [
        2052.0
    ]  # 2051: tie to even


def test_perturbed_lanes_differ_by_rounding_alone():
    rng = np.random.default_rng(4)
    x = np.repeat(rng.standard_normal((1, 10, 8)).astype(np.float32), 4, axis=0)
    weight = rng.standard_normal((1, 3, 8, 5)).astype(np.float32)
    y = conv(Perturbed(lanes=4), x, weight)
    exact = conv(F64, x.astype(float), weight.astype(float))
    spread = np.abs(y - exact).max()
    assert 0 < spread < 1e-5
    assert np.ptp(y, axis=0).max() > 0


@pytest.mark.parametrize("shape", [(300, 300, 16), (1, 90_000, 16)])
def test_memory_is_bounded(shape):
    x, weight = np.ones((1, *shape), np.float32), np.ones((1, min(3, shape[0]), 3, 16, 8), np.float32)
    tracemalloc.start()
    y = conv(arithmetic("float32"), x, weight, strides=(1, 1))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (y == 48 * weight.shape[1]).all()
    assert peak < y.nbytes + 4 * module.BLOCK  # all columns at once would be 17 to 52 MB


def test_places_far_apart_take_few_products(monkeypatch):
    """The windows of a large dilation share nothing that lies near: rows went one at a time."""
    rng = np.random.default_rng(0)
    x, weight = rng.standard_normal((9000, 128)), rng.standard_normal((3, 128, 2))
    made = []
    matmul = np.matmul
    monkeypatch.setattr(module.np, "matmul", lambda *given, **more: made.append(1) or matmul(*given, **more))
    y = conv(F64, x[None], weight[None], dilations=(4096,))[0]
    expected = sum(x[k * 4096 : k * 4096 + len(y)] @ weight[k] for k in range(3))
    np.testing.assert_allclose(y, expected, rtol=1e-12, atol=1e-12)
    assert len(made) < 30


@pytest.mark.parametrize(("groups", "channels"), [(1, 128), (2, 6), (6, 6)])
def test_large_lanes_are_computed_one_after_another_and_hold_their_sums_once(groups, channels, monkeypatch):
    """Each with errors of its own, as large as those of lanes side by side, in less memory."""
    rng = np.random.default_rng(3)
    x = np.repeat(rng.standard_normal((1, 40, 60, channels)).astype(np.float32), 8, axis=0)
    weight = rng.standard_normal((1, 3, 3, channels // groups, 60)).astype(np.float32)
    exact = conv(F64, x[:1].astype(float), weight.astype(float), groups=groups)
    found = {}
    for many in (1 << 22, 1000):
        monkeypatch.setattr(conv_module, "MANY", many)
        tracemalloc.start()
        y = conv(Perturbed(lanes=8), x, weight, groups=groups)
        found[many] = np.std(y - exact, axis=(1, 2, 3)), tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert len(np.unique(y[:, 0, 0, 0])) > 1
    (together, usual), (apart, less) = found.values()
    np.testing.assert_allclose(apart, together, rtol=0.2)
    assert less < usual or groups > 1


@pytest.mark.parametrize(
    ("x", "weight", "attrs", "text"),
    [
        (
            (5, 3),
            (3, 4, 2),
            {},
            r"input channels differ.*\n.*found: +3\n.*expected: 4 \(weight rows 4 times 1",
        ),
        (
            (5, 3),
            (6, 3, 2),
            {},
            r"window is longer than the padded input along spatial axis 0\n.*5 along it\n.*at least 6",
        ),
        ((5, 5, 5, 3), (3, 3, 2), {}, r"rank does not fit 1 spatial axes\n.*found: +4\n.*2 \(spatial"),
        ((5, 3), (3, 2), {}, r"weight has no 1 to 3 spatial axes"),
        ((5, 4), (3, 2, 3), {"groups": 2}, r"3 output channels do not split into groups\n.*found: +2"),
        (
            (5, 3),
            (3, 3, 2),
            {"strides": [1, 1]},
            r"strides does not fit the spatial axes\n.*\(1, 1\)\n.*1 numbers",
        ),
        ((5, 3), (3, 3, 2), {"dilations": [0]}, r"dilations does not fit"),
        (
            (5, 3),
            (3, 3, 2),
            {"padding": [(-1, 0)]},
            r"padding does not fit the spatial axes.*\n.*\n.*none negative",
        ),
    ],
)
def test_refuses(apply, x, weight, attrs, text):
    with pytest.raises(GraphError, match=text):
        apply("conv", np.ones(x), np.ones(weight), **attrs)


def test_refuses_a_bias_of_another_size(apply):
    with pytest.raises(GraphError, match=r"bias does not fit the output channels\n.*\(3,\)\n.*\(2,\)"):
        apply("conv", np.ones((5, 3)), np.ones((3, 3, 2)), np.ones(3))


def test_streaming(streams):
    kernel = (3, 5, 1, 4)
    assert streams("conv", 3, kernel) == Step(0, extent=3, hop=1)
    assert streams("conv", 3, kernel, strides=(2, 1), dilations=(4, 1)) == Step(0, extent=9, hop=2)
    assert streams("conv", 3, kernel, padding=((0, 0), (2, 2))) == Step(0, extent=3, hop=1)
    assert streams("conv", 4, kernel, times=(1, None)) == Step(1, extent=3)
    assert streams("conv", 4, kernel, times=(0, None)) == Step(0)  # time as batch
    assert "pads the time axis" in streams("conv", 3, kernel, padding=((1, 1), (0, 0)))
    assert "channel" in streams("conv", 3, kernel, times=(2, None))


@pytest.mark.parametrize(
    ("shape", "size"), [((300, 40, 1), (16,)), ((300, 5, 9), (2,)), ((64, 5, 6, 3), (2, 3))]
)
def test_many_small_images_go_into_few_products(shape, size, monkeypatch):
    rng = np.random.default_rng(4)
    x, weight = rng.standard_normal(shape), rng.standard_normal((*size, shape[-1], 7))
    made = []
    matmul = np.matmul
    monkeypatch.setattr(module.np, "matmul", lambda *given, **more: made.append(1) or matmul(*given, **more))
    attrs = {"strides": (1,) * len(size), "dilations": (1,) * len(size), "groups": 1}
    y = conv(F64, x[None], weight[None], **attrs)[0]
    np.testing.assert_allclose(
        y, torch_conv(x, weight, None, padding=[(0, 0)] * len(size), **attrs), rtol=1e-12, atol=1e-12
    )
    assert len(made) < 20
