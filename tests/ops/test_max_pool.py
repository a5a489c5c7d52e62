"""max_pool against torch, and what it refuses."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings, strategies as st

from modelparity.engine.arithmetic import arithmetic
from modelparity.engine.operator import Step
from modelparity.engine.perturbed import Perturbed
from modelparity.errors import GraphError
from modelparity.ops.max_pool import max_pool

F64 = arithmetic("float64")


@st.composite
def cases(draw):
    n = draw(st.integers(1, 3))
    size = [draw(st.integers(1, 4)) for _ in range(n)]
    strides = [draw(st.integers(1, 4)) for _ in range(n)]
    dilations = [draw(st.integers(1, 2)) for _ in range(n)]
    pads = [draw(st.integers(0, k // 2)) for k in size]  # torch allows no more
    shape = [
        max(1, (k - 1) * d + 1 - 2 * p) + draw(st.integers(0, 6))
        for k, d, p in zip(size, dilations, pads, strict=True)
    ]
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    x = rng.standard_normal((draw(st.integers(1, 2)), *shape, draw(st.integers(1, 3))))
    return x, size, strides, dilations, pads, draw(st.booleans())


@settings(max_examples=60, deadline=None)
@given(cases())
def test_agrees_with_torch(case):
    x, size, strides, dilations, pads, ceil = case
    f = getattr(torch.nn.functional, f"max_pool{len(size)}d")
    t = torch.from_numpy(np.moveaxis(x, -1, 1).copy())
    want = np.moveaxis(f(t, size, strides, pads, dilations, ceil).numpy(), 1, -1)
    attrs = {"strides": strides, "dilations": dilations, "padding": [(p, p) for p in pads], "ceil": ceil}
    np.testing.assert_array_equal(max_pool(F64, x[None], size=size, **attrs)[0], want)
    np.testing.assert_array_equal(max_pool(F64, x[:1], size=size, **attrs)[0], want[0])  # no batch axis


def test_by_hand(apply):
    x = np.array([1.0, 5, 2, 4, 3])[:, None]
    assert apply("max_pool", x, size=(2,)).ravel().tolist() == [5, 4]
    assert apply("max_pool", x, size=(2,), ceil=True).ravel().tolist() == [5, 4, 3]
    assert apply("max_pool", -x, size=(2,), strides=(1,), padding=[(1, 0)]).ravel().tolist() == [
        -1,
        -1,
        -2,
        -2,
        -3,
    ]
    # the third window of stride 3 would start in the padding behind the input, so it does not count
    assert apply("max_pool", x, size=(2,), strides=(3,), padding=[(1, 1)], ceil=True).ravel().tolist() == [
        1,
        4,
    ]


def test_is_exact_and_keeps_nan_and_integers(apply):
    x = np.array([1, np.nan, 3, 4], np.float32)[None, :, None]
    y = max_pool(Perturbed(lanes=1), x, size=(2,))
    np.testing.assert_array_equal(y.ravel(), [np.nan, 4])
    assert max_pool(F64, np.array([[[3], [-7]]]), size=(1,), padding=[(0, 0)]).dtype.kind == "i"


def test_lanes(lanewise):
    x = np.random.default_rng(0).standard_normal((3, 9, 8, 2))
    lanewise("max_pool", x, size=(3, 2), padding=[(1, 1), (0, 1)], ceil=True)


@pytest.mark.parametrize(
    ("attrs", "text"),
    [
        ({"size": (2, 2)}, r"rank does not fit 2 spatial axes"),
        ({"size": (7,)}, r"window is longer than the padded input"),
        (
            {"size": (2,), "padding": [(2, 0)]},
            r"padding is as long as the window.*\n.*\(\(2, 0\),\)\n.*less than \(2,\)",
        ),
        ({"size": (2,), "strides": (0,)}, r"strides does not fit"),
        ({"size": (0,)}, r"size does not fit"),
    ],
)
def test_refuses(apply, attrs, text):
    with pytest.raises(GraphError, match=text):
        apply("max_pool", np.ones((6, 1)), **attrs)


def test_streaming(streams):
    assert streams("max_pool", 3, size=(1, 2)) == Step(0)
    assert streams("max_pool", 3, size=(3, 2)) == Step(0, extent=3, hop=3)
    assert streams("max_pool", 3, size=(3, 2), strides=(1, 1), dilations=(2, 1)) == Step(0, extent=5)
    assert "rounds up" in streams("max_pool", 3, size=(3, 2), ceil=True)
    assert streams("max_pool", 3, size=(1, 2), ceil=True) == Step(0)
