"""Every elementwise operator of one array: against torch, under every rounding, lane by lane."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings, strategies as st

from modelparity.engine.arithmetic import ULP, arithmetic
from modelparity.engine.operator import Step
from modelparity.engine.perturbed import Perturbed
from modelparity.errors import GraphError

F = torch.nn.functional


@dataclass(frozen=True)
class Case:
    """An operator with settings, its twin in torch, and what is known of it.

    ``steps`` is 0 for operators that only choose (nothing is ever rounded), 1 for those that round once, None
    for those that round inner steps too; ``gain`` bounds how much a relative error of one step grows.
    """

    op: str
    twin: Any
    attrs: dict[str, Any] = field(default_factory=dict)
    steps: int | None = 1
    low: float = -8.0
    high: float = 8.0

    def __str__(self) -> str:
        return "-".join((self.op, *(f"{k}={v}" for k, v in self.attrs.items())))


CASES = [
    Case("abs", torch.abs, steps=0),
    Case("acos", torch.acos, low=-1.0, high=1.0),
    Case("acosh", torch.acosh, low=1.0),
    Case("asin", torch.asin, low=-1.0, high=1.0),
    Case("asinh", torch.asinh),
    Case("atan", torch.atan),
    Case("atanh", torch.atanh, low=-0.96875, high=0.96875),
    Case("ceil", torch.ceil, steps=0),
    Case("celu", F.celu),
    Case("celu", lambda t: F.celu(t, 2.5), {"alpha": 2.5}),
    Case("clip", lambda t: t.clamp(-1, 2), {"min": -1, "max": 2}, steps=0),
    Case("clip", lambda t: t.clamp(max=2), {"max": 2}, steps=0),
    Case("clip", lambda t: t.clamp(2, 1), {"min": 2, "max": 1}, steps=0),
    Case("cos", torch.cos),
    Case("cosh", torch.cosh),
    Case("elu", F.elu),
    Case("elu", lambda t: F.elu(t, 0.5), {"alpha": 0.5}),
    Case("erf", torch.erf),
    Case("exp", torch.exp),
    Case("exp2", torch.exp2),
    Case("expm1", torch.expm1),
    Case("floor", torch.floor, steps=0),
    Case("gelu", F.gelu, steps=None),
    Case("gelu", lambda t: F.gelu(t, approximate="tanh"), {"approximate": "tanh"}, steps=None),
    Case("hard_sigmoid", lambda t: (0.2 * t + 0.5).clamp(0, 1)),
    Case("hard_sigmoid", F.hardsigmoid, {"alpha": 1 / 6}),
    Case("hard_swish", F.hardswish),
    Case("identity", lambda t: t, steps=0),
    Case("leaky_relu", F.leaky_relu),
    Case("leaky_relu", lambda t: F.leaky_relu(t, 0.3), {"slope": 0.3}),
    Case("log", torch.log, low=1e-3),
    Case("log10", torch.log10, low=1e-3),
    Case("log1p", torch.log1p, low=-0.96875),
    Case("mish", F.mish),
    Case("neg", torch.neg, steps=0),
    Case("reciprocal", torch.reciprocal, low=0.01),
    Case("relu", torch.relu, steps=0),
    Case("round", torch.round, steps=0),
    Case("rsqrt", torch.rsqrt, low=0.01),
    Case("selu", F.selu),
    Case("sigmoid", torch.sigmoid),
    Case("sign", torch.sign, steps=0),
    Case("silu", F.silu, steps=None),
    Case("sin", torch.sin),
    Case("sinh", torch.sinh),
    Case("softplus", lambda t: F.softplus(t, threshold=100)),
    Case("softplus", lambda t: F.softplus(t, beta=3, threshold=100), {"beta": 3}),
    Case("softsign", F.softsign),
    Case("sqrt", torch.sqrt, low=0.0),
    Case("square", torch.square),
    Case("tan", torch.tan),
    Case("trunc", torch.trunc, steps=0),
    Case("tanh", torch.tanh),
    Case(
        "thresholded_relu", lambda t: F.threshold(t, 1.5, 0), {"threshold": 1.5, "inclusive": False}, steps=0
    ),
    Case("thresholded_relu", lambda t: t * (t >= -2), {"threshold": -2}, steps=0),
]
CHOOSING = [case for case in CASES if case.steps == 0]
ROUNDING_ONCE = [case for case in CASES if case.steps == 1]


def numbers(case: Case, shape: tuple[int, ...] = (4000,)) -> np.ndarray:
    """Numbers of all sizes in the domain, 0 and the ends among them, that float16 and bfloat16 can hold."""
    rng = np.random.default_rng(len(case.op))
    x = rng.uniform(case.low, case.high, shape)
    tiny = rng.random(shape) < 0.3
    x[tiny] = np.abs(x[tiny]) * 2.0 ** rng.integers(-9, 0, tiny.sum())
    if case.low < 0:
        x[tiny] *= rng.choice([-1, 1], tiny.sum())
    x.flat[:2] = max(0.0, case.low), case.high
    return arithmetic("bfloat16").cast(np.clip(x, case.low, case.high)).astype(np.float16).astype(np.float64)


@pytest.mark.parametrize("case", CASES, ids=str)
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_agrees_with_torch(case, data, apply):
    shape = data.draw(st.lists(st.integers(0, 4), max_size=3))
    element = st.floats(case.low, case.high, allow_subnormal=False)
    x = np.array(data.draw(st.lists(element, min_size=math.prod(shape), max_size=math.prod(shape)))).reshape(
        shape
    )
    y = apply(case.op, x, **case.attrs)
    assert y.shape == x.shape
    np.testing.assert_allclose(y, case.twin(torch.from_numpy(x)), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_float32_agrees_with_torch_and_keeps_its_type(case, apply):
    x = numbers(case).astype(np.float32)
    y = apply(case.op, x, ar="float32", **case.attrs)
    assert y.dtype == np.float32
    np.testing.assert_allclose(y, case.twin(torch.from_numpy(x)), rtol=3e-6, atol=1e-6)


@pytest.mark.parametrize("name", ["float16", "bfloat16"])
@pytest.mark.parametrize("case", ROUNDING_ONCE, ids=str)
def test_half_results_are_the_exact_ones_rounded_once(case, name, apply):
    ar = arithmetic(name)
    x = numbers(case)
    attrs = {key: float(np.float32(value)) for key, value in case.attrs.items()}
    y = apply(case.op, x, ar=name, **attrs).astype(np.float64)
    exact = apply(case.op, x, **attrs)
    want = ar.cast(exact).astype(np.float64)
    # The carrier's own error may tip what lies in the middle between two neighbours, and nothing else.
    spacing = np.maximum(np.abs(exact) * ULP[name], 2.0**-24 if name == "float16" else 0.0)
    middle = np.abs(np.abs(exact - want) - np.abs(exact - y)) <= 2e-6 * np.abs(exact)
    wrong = (y != want) & ~(middle & (np.abs(y - want) <= 1.01 * spacing))
    assert not wrong.any(), (x[wrong][:3], y[wrong][:3], want[wrong][:3])
    assert (y != want).mean() < 0.01


@pytest.mark.parametrize("name", ["float16", "bfloat16"])
@pytest.mark.parametrize("case", CASES, ids=str)
def test_half_results_are_half_numbers(case, name, apply):
    y = apply(case.op, numbers(case), ar=name, **case.attrs)
    np.testing.assert_array_equal(arithmetic(name).cast(y), y)
    np.testing.assert_allclose(
        y, apply(case.op, numbers(case), **case.attrs), rtol=4 * ULP[name], atol=ULP[name]
    )


@pytest.mark.parametrize("case", CHOOSING, ids=str)
def test_what_only_chooses_is_exact_everywhere(case, apply_lanes):
    x = np.tile(numbers(case), (3, 1)).astype(np.float32)
    plain = apply_lanes(case.op, x, ar="float32", **case.attrs)
    for ar in (Perturbed(lanes=3), "float16", "bfloat16", "float64"):
        np.testing.assert_array_equal(apply_lanes(case.op, x, ar=ar, **case.attrs), plain)


@pytest.mark.parametrize("case", [case for case in CASES if case.steps != 0], ids=str)
def test_perturbed_lanes_differ_by_rounding(case, apply_lanes):
    x = np.tile(numbers(case), (4, 1)).astype(np.float32)
    y = apply_lanes(case.op, x, ar=Perturbed(lanes=4), **case.attrs).astype(np.float64)
    off = np.abs(y - apply_lanes(case.op, x.astype(np.float64), **case.attrs))
    assert off.max() > 0
    assert np.ptp(y, axis=0).max() > 0
    assert (off <= 8 * ULP["float32"] * np.maximum(np.abs(x) + 1, np.abs(y))).all()


@pytest.mark.parametrize("case", CASES, ids=str)
def test_lanes_and_the_input_left_alone(case, lanewise):
    lanewise(case.op, numbers(case, (3, 4, 5)), **case.attrs)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_nan_stays_nan(case, apply):
    y = apply(case.op, np.array([np.nan, 1.0]), **case.attrs)
    assert np.isnan(y).tolist() == [True, False]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_is_framewise(case, streams):
    assert streams(case.op, 3, times=(1,), **case.attrs) == Step(1)


def test_infinities(apply):
    ends = np.array([-np.inf, np.inf, -1000.0, 1000.0])
    for op, want in {
        "elu": [-1, np.inf, -1, 1000],
        "exp": [0, np.inf, 0, np.inf],
        "hard_sigmoid": [0, 1, 0, 1],
        "relu": [0, np.inf, 0, 1000],
        "sigmoid": [0, 1, 0, 1],
        "softplus": [0, np.inf, 0, 1000],
        "tanh": [-1, 1, -1, 1],
        "erf": [-1, 1, -1, 1],
    }.items():
        assert apply(op, ends).tolist() == want, op
    assert apply("log", np.array([0.0])).tolist() == [-np.inf]
    assert apply("reciprocal", np.array([0.0])).tolist() == [np.inf]
    assert np.isnan(apply("sqrt", np.array([-1.0])))
    assert np.isnan(apply("log", np.array([-1.0])))


def test_gelu_refuses_an_unknown_approximation(apply):
    with pytest.raises(GraphError, match=r"unknown approximation 'fast'\n.*none or tanh"):
        apply("gelu", np.ones(1), approximate="fast")


def test_clip_bounds_are_stored_as_weights_are(apply):
    assert apply("clip", np.array([5.0]), ar="float16", max=0.1)[0] == np.float16(0.1)
