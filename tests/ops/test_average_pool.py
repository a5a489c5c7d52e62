"""average_pool against torch, by hand, and what it refuses."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings, strategies as st

from modelparity.engine.arithmetic import arithmetic
from modelparity.engine.operator import Step
from modelparity.errors import GraphError
from modelparity.ops.average_pool import average_pool

F64 = arithmetic("float64")


@st.composite
def cases(draw):
    n = draw(st.integers(1, 3))
    size = [draw(st.integers(1, 4)) for _ in range(n)]
    strides = [draw(st.integers(1, 4)) for _ in range(n)]
    pads = [draw(st.integers(0, k // 2)) for k in size]  # torch allows no more
    least = size if n == 3 else [max(1, k - 2 * p) for k, p in zip(size, pads, strict=True)]
    shape = [m + draw(st.integers(0, 6)) for m in least]  # torch's 3-D refuses less, whatever the padding
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    x = rng.standard_normal((draw(st.integers(1, 2)), *shape, draw(st.integers(1, 3))))
    return x, size, strides, pads, draw(st.booleans()), draw(st.booleans())


@settings(max_examples=80, deadline=None)
@given(cases())
def test_agrees_with_torch(case):
    x, size, strides, pads, ceil, count = case
    f = getattr(torch.nn.functional, f"avg_pool{len(size)}d")
    t = torch.from_numpy(np.moveaxis(x, -1, 1).copy())
    want = np.moveaxis(f(t, size, strides, pads, ceil, count).numpy(), 1, -1)
    attrs = {"strides": strides, "padding": [(p, p) for p in pads], "ceil": ceil, "count_padding": count}
    y = average_pool(F64, x[None], size=size, **attrs)[0]
    np.testing.assert_allclose(y, want, rtol=1e-12, atol=1e-12)
    np.testing.assert_array_equal(average_pool(F64, x[:1], size=size, **attrs)[0], y[0])  # no batch axis


def test_by_hand(apply):
    x = np.array([1.0, 5, 2, 4, 6])[:, None]
    pad = {"size": (2,), "padding": [(1, 0)]}
    assert apply("average_pool", x, size=(2,)).ravel().tolist() == [3, 3]
    assert apply("average_pool", x, size=(2,), ceil=True).ravel().tolist() == [3, 3, 6]
    assert apply("average_pool", x, **pad).ravel().tolist() == [1, 3.5, 5]
    assert apply("average_pool", x, **pad, count_padding=True).ravel().tolist() == [0.5, 3.5, 5]
    # what rounding up adds beyond the padding never counts
    late = {"size": (3,), "strides": (3,), "padding": [(0, 0)], "ceil": True, "count_padding": True}
    assert apply("average_pool", x, **late).ravel().tolist() == [8 / 3, 5]


def test_half_rounds_once(apply):
    # 2048 + 1 + 1 one by one in float16 stays 2048; in the carrier it is 2050, and 2050 / 3 is rounded once
    x = np.array([2048.0, 1, 1])[:, None]
    assert apply("average_pool", x, size=(3,), ar="float16").ravel().tolist() == [np.float16(2050 / 3)]


def test_lanes(lanewise):
    x = np.random.default_rng(0).standard_normal((3, 9, 8, 2))
    lanewise("average_pool", x, size=(3, 2), padding=[(1, 1), (0, 1)], ceil=True)


@pytest.mark.parametrize(
    ("attrs", "text"),
    [
        ({"size": (2, 2)}, r"rank does not fit 2 spatial axes\n.*found: +2\n.*3 \(spatial"),
        ({"size": (7,)}, r"window is longer than the padded input along spatial axis 0\n.*6 along it"),
        ({"size": (2,), "padding": [(0, 2)]}, r"padding is as long as the window.*\n.*\(\(0, 2\),\)"),
        ({"size": (2,), "padding": [(0,)]}, r"padding does not fit the spatial axes"),
    ],
)
def test_refuses(apply, attrs, text):
    with pytest.raises(GraphError, match=text):
        apply("average_pool", np.ones((6, 1)), **attrs)


def test_streaming(streams):
    assert streams("average_pool", 3, size=(1, 2)) == Step(0)
    assert streams("average_pool", 3, size=(3, 2), strides=(2, 1)) == Step(0, extent=3, hop=2)
    assert "pads the time axis" in streams("average_pool", 2, size=(3,), padding=[(1, 1)])
    assert "rounds up" in streams("average_pool", 2, size=(3,), ceil=True)
