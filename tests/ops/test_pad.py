"""pad against torch and numpy, and what it refuses."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings, strategies as st

from modelparity.engine.operator import Step
from modelparity.engine.perturbed import Perturbed
from modelparity.errors import GraphError
from modelparity.ops.pad import pad


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(4, 6), st.integers(0, 3)), min_size=1, max_size=3),
    st.sampled_from(["constant", "reflect", "edge"]),
)
def test_agrees_with_numpy(apply, axes, mode):
    before, shape, after = zip(*axes, strict=True)
    x = np.random.default_rng(sum(shape)).standard_normal(shape)
    options = {"constant_values": 2.5} if mode == "constant" else {}
    want = np.pad(x, list(zip(before, after, strict=True)), mode=mode, **options)
    np.testing.assert_array_equal(apply("pad", x, before=before, after=after, mode=mode, value=2.5), want)


@pytest.mark.parametrize(
    ("mode", "name"), [("constant", "constant"), ("reflect", "reflect"), ("edge", "replicate")]
)
def test_agrees_with_torch(apply, mode, name):
    x = np.random.default_rng(0).standard_normal((2, 3, 5, 6))
    want = torch.nn.functional.pad(torch.from_numpy(x), (1, 2, 3, 0), mode=name)
    np.testing.assert_array_equal(apply("pad", x, before=(0, 0, 3, 1), after=(0, 0, 0, 2), mode=mode), want)


def test_value_is_stored_as_the_arithmetic_stores_it(apply):
    y = apply("pad", np.ones(1), before=[1], after=[0], value=0.1, ar="float16")
    assert y[0] == np.float16(0.1)


def test_is_exact():
    x = np.random.default_rng(0).standard_normal((2, 5)).astype(np.float32)
    y = pad(Perturbed(lanes=2), x, before=[1], after=[1], value=7.0)
    np.testing.assert_array_equal(y, np.pad(x, [(0, 0), (1, 1)], constant_values=7))


@pytest.mark.parametrize("mode", ["constant", "reflect", "edge"])
def test_lanes(lanewise, mode):
    lanewise(
        "pad", np.random.default_rng(0).standard_normal((3, 4, 5)), before=[1, 0], after=[2, 3], mode=mode
    )


@pytest.mark.parametrize(
    ("attrs", "text"),
    [
        ({"before": [-1, 0], "after": [0, 0]}, r"negative padding\n.*before \(-1, 0\)(.|\n)*crop with slice"),
        ({"before": [1], "after": [0, 0]}, r"does not name every axis\n.*1 before, 2 after\n.*2 of each"),
        (
            {"before": [0, 0], "after": [0, 0], "mode": "fold"},
            r"unknown padding mode 'fold'\n.*constant, reflect, edge, wrap",
        ),
        (
            {"before": [2, 0], "after": [0, 0], "mode": "reflect"},
            r"reflect padding needs a longer input\n.*\(2, 3\)\n.*\(3, 0\)",
        ),
    ],
)
def test_refuses(apply, attrs, text):
    with pytest.raises(GraphError, match=text):
        apply("pad", np.ones((2, 3)), **attrs)


def test_streaming(streams):
    assert streams("pad", 2, before=(0, 1), after=(0, 1)) == Step(0)
    before = Step(0, before=1, fill=0.0, attrs={"before": (0, 0)})
    assert streams("pad", 2, before=(1, 0), after=(0, 0)) == before
    assert "it pads the end of the time axis" in streams("pad", 2, before=(1, 0), after=(1, 0))
