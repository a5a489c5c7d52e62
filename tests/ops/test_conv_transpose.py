"""conv_transpose against torch and as the gradient of a convolution, and what it refuses."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings, strategies as st

from modelparity.engine.arithmetic import arithmetic
from modelparity.engine.operator import Step
from modelparity.engine.perturbed import Perturbed
from modelparity.errors import GraphError
from modelparity.ops.conv import conv
from modelparity.ops.conv_transpose import conv_transpose

F64 = arithmetic("float64")


@st.composite
def cases(draw):
    n = draw(st.integers(1, 3))
    groups = draw(st.sampled_from([1, 1, 2, 3]))
    inner, outer = groups * draw(st.integers(1, 3)), draw(st.integers(1, 4))
    size = [draw(st.integers(1, 4)) for _ in range(n)]
    strides = [draw(st.integers(1, 3)) for _ in range(n)]
    dilations = [draw(st.integers(1, 2)) for _ in range(n)]
    shape = [draw(st.integers(1, 4)) for _ in range(n)]
    room = [s * (m - 1) + d * (k - 1) for m, k, s, d in zip(shape, size, strides, dilations, strict=True)]
    pads = [draw(st.integers(0, min(2, r // 2))) for r in room]
    more = [draw(st.integers(0, max(s, d) - 1)) for s, d in zip(strides, dilations, strict=True)]
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    x = rng.standard_normal((draw(st.integers(1, 2)), *shape, inner))
    weight = rng.standard_normal((*size, inner, outer))
    bias = rng.standard_normal(outer * groups) if draw(st.booleans()) else None
    return x, weight, bias, strides, dilations, groups, pads, more


@settings(max_examples=60, deadline=None)
@given(cases())
def test_agrees_with_torch(case):
    x, weight, bias, strides, dilations, groups, pads, more = case
    n = weight.ndim - 2
    t = torch.from_numpy(np.moveaxis(x, -1, 1).copy())
    w = torch.from_numpy(np.moveaxis(weight, (-2, -1), (0, 1)).copy())
    f = getattr(torch.nn.functional, f"conv_transpose{n}d")
    b = None if bias is None else torch.from_numpy(bias)
    want = np.moveaxis(f(t, w, b, strides, pads, more, groups, dilations).numpy(), 1, -1)
    y = conv_transpose(
        F64,
        x[None],
        weight[None],
        None if bias is None else bias[None],
        strides=strides,
        groups=groups,
        dilations=dilations,
        padding=[(p, p) for p in pads],
        sizes=want.shape[1:-1] if any(more) else None,
    )[0]
    np.testing.assert_allclose(y, want, rtol=1e-12, atol=1e-12)
    alone = conv_transpose(F64, x[:1], weight[None], strides=strides, dilations=dilations, groups=groups)
    assert alone.ndim == x.ndim  # no batch axis


@pytest.mark.parametrize("padding", ["same", "same_lower"])
@pytest.mark.parametrize(
    ("size", "stride", "dilation"), [(3, 2, 1), (4, 2, 1), (4, 3, 2), (2, 1, 1), (2, 3, 1)]
)
def test_same_is_the_gradient_of_a_convolution_padded_alike(padding, size, stride, dilation):
    rng = np.random.default_rng(0)
    weight = rng.standard_normal((1, size, 2, 3))
    settings_ = {"strides": (stride,), "dilations": (dilation,), "padding": padding}
    for length in (stride * 5, stride * 5 - stride + 1):
        x = rng.standard_normal((1, length, 2))
        y = conv(F64, x, weight, **settings_)
        g = rng.standard_normal(y.shape)
        back = conv_transpose(F64, g, weight.swapaxes(-1, -2), sizes=(length,), **settings_)
        assert back.shape == x.shape
        assert np.vdot(y, g) == pytest.approx(np.vdot(x, back), rel=1e-12)  # <A x, g> = <x, A* g>
    whole = conv_transpose(F64, g, weight.swapaxes(-1, -2), **settings_)
    assert whole.shape[1] == stride * g.shape[1]


def test_by_hand(apply):
    x, weight = np.array([[1.0], [2.0]]), np.array([10.0, 1.0]).reshape(2, 1, 1)
    assert apply("conv_transpose", x, weight).ravel().tolist() == [10, 21, 2]
    assert apply("conv_transpose", x, weight, strides=[3]).ravel().tolist() == [10, 1, 0, 20, 2]
    assert apply("conv_transpose", x, weight, padding=[(1, 0)]).ravel().tolist() == [21, 2]
    assert apply("conv_transpose", x, weight, sizes=(4,)).ravel().tolist() == [10, 21, 2, 0]
    assert apply("conv_transpose", x, weight, np.array([0.5])).ravel().tolist() == [10.5, 21.5, 2.5]


@pytest.mark.parametrize(("groups", "channels"), [(1, 6), (2, 6), (6, 6)])
@pytest.mark.parametrize(("x_lanes", "weight_lanes"), [(3, 1), (3, 3), (1, 3)])
@pytest.mark.parametrize("batch", [(), (2,)])
def test_lanes(lanewise, groups, channels, x_lanes, weight_lanes, batch):
    rng = np.random.default_rng(3)
    x = rng.standard_normal((x_lanes, *batch, 4, 5, channels))
    weight = rng.standard_normal((weight_lanes, 3, 2, channels, 2))
    bias = rng.standard_normal((weight_lanes, 2 * groups))
    lanewise("conv_transpose", x, weight, bias, groups=groups, strides=(2, 1), padding=[(1, 0), (0, 1)])


def test_rounding():
    x, weight = np.array([2048.0, 1, 1], np.float32)[None, None], np.ones((1, 1, 3, 1), np.float32)
    assert conv_transpose(arithmetic("float16"), x, weight).ravel().tolist() == [2050]
    rng = np.random.default_rng(0)
    x = np.repeat(rng.standard_normal((1, 6, 4)).astype(np.float32), 4, axis=0)
    y = conv_transpose(Perturbed(lanes=4), x, rng.standard_normal((1, 3, 4, 2)).astype(np.float32))
    assert 0 < np.ptp(y, axis=0).max() < 1e-5


@pytest.mark.parametrize(
    ("x", "weight", "attrs", "text"),
    [
        ((5, 3), (3, 2), {}, "weight has no 1 to 3 spatial axes"),
        ((5, 3), (3, 2, 4), {}, r"input channels differ.*\n.*found: +3\n.*2"),
        ((5, 3), (3, 3, 4), {"groups": 2}, r"3 input channels do not split into groups\n.*found: +2"),
        ((5, 3), (3, 3, 4), {"strides": [0]}, "strides does not fit"),
        ((5, 3), (3, 3, 4), {"padding": "full"}, "unknown padding 'full'"),
        ((5, 3), (3, 3, 4), {"padding": [(-1, 0)]}, "padding does not fit"),
        ((5, 3), (3, 3, 4), {"padding": [(4, 4)]}, "nothing is left of the result"),
        ((5, 3), (3, 3, 4), {"sizes": (4, 4)}, "sizes do not fit"),
        ((5, 5, 5, 3), (3, 3, 2), {}, "rank does not fit 1 spatial axes"),
    ],
)
def test_refuses(apply, x, weight, attrs, text):
    with pytest.raises(GraphError, match=text):
        apply("conv_transpose", np.ones(x), np.ones(weight), **attrs)


def test_refuses_a_bias_of_another_size(apply):
    with pytest.raises(GraphError, match="bias does not fit"):
        apply("conv_transpose", np.ones((5, 3)), np.ones((3, 3, 2)), np.ones(3))


def test_streaming(streams):
    assert streams("conv_transpose", 4, 4, times=(0, None)) == Step(0)
    assert "overlap" in streams("conv_transpose", 4, 4, times=(1, None))
    assert "another input" in streams("conv_transpose", 4, 4, times=(1, 0))
