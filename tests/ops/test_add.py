"""add, sub, mul, div, floor_div, mod, maximum, minimum, power and prelu: two arrays, broadcast from the right."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis.extra import numpy as shapes

from modelparity.engine.arithmetic import arithmetic
from modelparity.engine.operator import Step
from modelparity.engine.perturbed import Perturbed

TWINS = {
    "add": torch.add,
    "sub": torch.sub,
    "mul": torch.mul,
    "div": torch.div,
    "floor_div": torch.floor_divide,
    "mod": torch.remainder,
    "maximum": torch.maximum,
    "minimum": torch.minimum,
    "power": torch.pow,
}
EXACT = {"maximum", "minimum", "floor_div"}


def operands(shapes_: tuple[tuple[int, ...], tuple[int, ...]], seed: int = 0) -> list[np.ndarray]:
    rng = np.random.default_rng(seed)
    return [rng.uniform(0.25, 4, shape) for shape in shapes_]


@pytest.mark.parametrize("op", TWINS)
@settings(max_examples=25, deadline=None)
@given(pair=shapes.mutually_broadcastable_shapes(num_shapes=2, max_dims=3, max_side=3))
def test_agrees_with_torch(op, pair, apply):
    x, y = operands(pair.input_shapes)
    z = apply(op, x, y)
    assert z.shape == pair.result_shape
    np.testing.assert_allclose(z, TWINS[op](torch.from_numpy(x), torch.from_numpy(y)), rtol=1e-13)


@pytest.mark.parametrize("name", ["float16", "bfloat16"])
@pytest.mark.parametrize("op", ["add", "sub", "mul", "div"])
def test_half_is_the_exact_result_rounded_once(op, name, apply):
    ar = arithmetic(name)
    x, y = (ar.cast(a).astype(np.float64) for a in operands(((5000,), (5000,))))
    np.testing.assert_array_equal(apply(op, x, y, ar=name), ar.cast(apply(op, x, y)))


@pytest.mark.parametrize("op", TWINS)
def test_perturbed(op, apply_lanes):
    x, y = (a.astype(np.float32) for a in operands(((3, 50), (1, 50))))
    plain = apply_lanes(op, x, y, ar="float32")
    off = np.abs(apply_lanes(op, x, y, ar=Perturbed(lanes=3)) - plain) / np.maximum(np.abs(plain), 1e-3)
    assert (off.max() == 0) == (op in EXACT)
    assert off.max() < 3e-7


@pytest.mark.parametrize("op", TWINS)
def test_lanes(op, lanewise):
    lanewise(op, *operands(((3, 4, 5), (3, 5))))
    lanewise(op, *operands(((3, 4, 5), (1, 5))))
    lanewise(op, *operands(((1, 5), (3, 4, 5))))


def test_prelu(apply, lanewise):
    rng = np.random.default_rng(0)
    x, slope = rng.standard_normal((2, 6, 3)), rng.uniform(0, 1, 3)
    channels_first = torch.from_numpy(np.moveaxis(x, -1, 1).copy())
    want = np.moveaxis(torch.nn.functional.prelu(channels_first, torch.from_numpy(slope)).numpy(), 1, -1)
    np.testing.assert_allclose(apply("prelu", x, slope), want, rtol=1e-15)
    np.testing.assert_array_equal(apply("prelu", x, np.array([0.25])), np.where(x >= 0, x, x * 0.25))
    lanewise("prelu", x, rng.uniform(0, 1, (1, 3)))
    lanewise("prelu", x, rng.uniform(0, 1, (2, 3)))


def test_prelu_is_exact_where_it_is_the_identity(apply_lanes):
    x = np.array([[1.1, -1.1]], np.float32)
    assert apply_lanes("prelu", x, np.array([[0.3]], np.float32), ar=Perturbed(lanes=1))[0, 0] == x[0, 0]


def test_edges_of_the_domain_are_quiet(apply, recwarn):
    assert apply("div", np.array([1.0, -1.0]), np.array(0.0)).tolist() == [np.inf, -np.inf]
    assert np.isnan(apply("div", np.array(0.0), np.array(0.0)))
    assert np.isnan(apply("power", np.array(-8.0), np.array(1 / 3)))
    assert apply("maximum", np.array([np.nan]), np.array([1.0])).tolist() != [1.0]
    assert not recwarn.list


def test_integers_stay_integers(apply):
    y = apply("add", np.array([1, 2]), np.array([3, 4]), ar="float16")
    assert y.dtype.kind == "i"
    assert y.tolist() == [4, 6]


def test_streaming(streams):
    assert streams("add", 2, 1) == Step(0)
    assert streams("add", 2, 3, times=(0, 1)) == Step(1)
    assert streams("mul", 3, 2, times=(0, None)) == Step(0)
    assert "different axes" in streams("add", 2, 2, times=(0, 1))
