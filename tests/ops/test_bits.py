"""Operators on bits, remainders, special numbers and small formats, against torch, numpy and ml_dtypes."""

from __future__ import annotations

import itertools

import ml_dtypes
import numpy as np
import pytest
import torch

from modelparity.errors import GraphError

WHOLE = np.array([-128, -7, -1, 0, 1, 5, 127], np.int8)
REAL = np.array([-np.inf, -7.25, -0.5, -0.0, 0.3, 5, np.inf, np.nan])


@pytest.mark.parametrize("op", ["bitwise_and", "bitwise_or", "bitwise_xor"])
def test_bitwise_operators_agree_with_torch(apply, op):
    x, y = WHOLE[:, None], WHOLE[None]
    expected = getattr(torch, op)(torch.from_numpy(x), torch.from_numpy(y)).numpy()
    np.testing.assert_array_equal(apply(op, x, y), expected)


def test_every_bitwise_operator_is_tested():
    tested = {"bitwise_and", "bitwise_or", "bitwise_xor", "bitwise_not"}
    from modelparity.engine.operator import names

    assert {name for name in names() if name.startswith("bitwise_")} == tested


def test_bitwise_not_agrees_with_torch(apply):
    np.testing.assert_array_equal(
        apply("bitwise_not", WHOLE), torch.bitwise_not(torch.from_numpy(WHOLE)).numpy()
    )
    np.testing.assert_array_equal(apply("bitwise_not", np.array([True, False])), [False, True])


@pytest.mark.parametrize("left", [True, False])
def test_bit_shift_agrees_with_torch(apply, left):
    x, y = np.array([-9, 1, 5, 100], np.int32)[:, None], np.array([0, 1, 3], np.int32)
    shift = torch.bitwise_left_shift if left else torch.bitwise_right_shift
    expected = shift(torch.from_numpy(x), torch.from_numpy(y)).numpy()
    np.testing.assert_array_equal(apply("bit_shift", x, y, left=left), expected)


@pytest.mark.parametrize(
    ("source", "to"), [("float32", "int32"), ("float64", "uint64"), ("float16", "int16"), ("int8", "uint8")]
)
def test_bit_cast_agrees_with_numpy(apply, source, to):
    x = np.array([-3, 0, 1, 77]).astype(source)
    expected = x.view(to)
    np.testing.assert_array_equal(apply("bit_cast", x, source=source, to=to), expected)
    np.testing.assert_array_equal(apply("bit_cast", expected, source=to, to=source), x)


def test_bit_cast_of_bfloat16_and_booleans(apply):
    x = np.array([-3.5, 0, 1, 77], ml_dtypes.bfloat16)
    bits = apply("bit_cast", x.astype(np.float32), source="bfloat16", to="uint16")
    np.testing.assert_array_equal(bits, x.view(np.uint16))
    np.testing.assert_array_equal(
        apply("bit_cast", bits, source="uint16", to="bfloat16"), x.astype(np.float32)
    )
    np.testing.assert_array_equal(
        apply("bit_cast", np.array([0, 1], np.uint8), source="uint8", to="bool"), [False, True]
    )
    with pytest.raises(GraphError, match="wider"):
        apply("bit_cast", x.astype(np.float32), source="float32", to="int16")


@pytest.mark.parametrize("kind", [np.int32, np.float64])
def test_trunc_div_and_fmod_agree_with_torch(apply, kind):
    x, y = np.array([-7, -1, 0, 5, 9]).astype(kind)[:, None], np.array([-3, 2, 7]).astype(kind)
    a, b = torch.from_numpy(x), torch.from_numpy(y)
    np.testing.assert_array_equal(apply("trunc_div", x, y), torch.div(a, b, rounding_mode="trunc").numpy())
    np.testing.assert_array_equal(apply("fmod", x, y), torch.fmod(a, b).numpy())


def test_is_nan_and_is_inf_agree_with_numpy(apply):
    np.testing.assert_array_equal(apply("is_nan", REAL), np.isnan(REAL))
    np.testing.assert_array_equal(apply("is_inf", REAL), np.isinf(REAL))
    np.testing.assert_array_equal(apply("is_inf", REAL, positive=False), np.isneginf(REAL))
    np.testing.assert_array_equal(apply("is_inf", REAL, negative=False), np.isposinf(REAL))


def test_wrap_bits_agrees_with_numpys_casts(apply):
    x = np.arange(-600, 600, 7)
    np.testing.assert_array_equal(apply("wrap_bits", x, bits=8, signed=True, to="int8"), x.astype(np.int8))
    np.testing.assert_array_equal(apply("wrap_bits", x, bits=8, signed=False, to="uint8"), x.astype(np.uint8))
    np.testing.assert_array_equal(
        apply("wrap_bits", np.array([7, 8, 9, -9]), bits=4, signed=True, to="int8"), [7, -8, -7, 7]
    )


FORMATS = {
    "float8e4m3fn": ml_dtypes.float8_e4m3fn,
    "float8e4m3fnuz": ml_dtypes.float8_e4m3fnuz,
    "float8e5m2": ml_dtypes.float8_e5m2,
    "float8e5m2fnuz": ml_dtypes.float8_e5m2fnuz,
    "float4e2m1": ml_dtypes.float4_e2m1fn,
}


@pytest.mark.parametrize("name", FORMATS)
def test_round_float_agrees_with_ml_dtypes(apply, name):
    rng = np.random.default_rng(0)
    x = np.concatenate([rng.normal(size=500) * 10.0 ** rng.integers(-6, 6, 500), [0, -0.0, np.nan]]).astype(
        np.float32
    )
    expected = x.astype(FORMATS[name]).astype(np.float32)  # without saturation
    np.testing.assert_array_equal(apply("round_float", x, to=name, saturate=False), expected)
    largest = float(ml_dtypes.finfo(FORMATS[name]).max)
    saturated = apply("round_float", x, to=name)
    np.testing.assert_array_equal(saturated[np.abs(x) > largest], np.sign(x[np.abs(x) > largest]) * largest)
    np.testing.assert_array_equal(saturated[np.abs(x) < largest], expected[np.abs(x) < largest])


@pytest.mark.parametrize("name", FORMATS)
def test_bits_of_small_floats_are_read_as_ml_dtypes_reads_them(name):
    from modelparity.ops._minifloat import FORMATS as OURS

    codes = np.arange(16 if name == "float4e2m1" else 256, dtype=np.uint8)
    np.testing.assert_array_equal(OURS[name].read(codes), codes.view(FORMATS[name]).astype(np.float32))


def test_powers_of_two(apply):
    x = np.array([0.0, 1, 1.4, 1.5, 3, np.inf, np.nan], np.float32)
    nearest = apply("round_float", x, to="float8e8m0", rounding="nearest")
    np.testing.assert_array_equal(nearest, [2.0**-127, 1, 1, 2, 4, 2.0**127, np.nan])
    up = apply("round_float", x, to="float8e8m0", rounding="up", saturate=False)
    np.testing.assert_array_equal(up[1:], [1, 2, 2, 4, np.nan, np.nan])
    np.testing.assert_array_equal(
        apply("round_float", x[:5], to="float8e8m0", rounding="down")[1:], [1, 1, 1, 2]
    )
    from modelparity.ops._minifloat import read_powers

    codes = np.arange(256, dtype=np.uint8)
    np.testing.assert_array_equal(read_powers(codes), codes.view(ml_dtypes.float8_e8m0fnu).astype(np.float32))
    for bad in ({"to": "float7"}, {"to": "float8e8m0", "rounding": "odd"}):
        with pytest.raises(GraphError, match="unknown"):
            apply("round_float", x, **bad)


def test_shrink_agrees_with_torch(apply):
    x = np.linspace(-2, 2, 21)
    soft = torch.nn.functional.softshrink(torch.from_numpy(x), 0.7).numpy()
    np.testing.assert_allclose(apply("shrink", x, lambd=0.7, bias=0.7), soft, atol=1e-15)
    hard = torch.nn.functional.hardshrink(torch.from_numpy(x), 0.7).numpy()
    np.testing.assert_array_equal(apply("shrink", x, lambd=0.7), hard)


def test_scale_shift(apply):
    x = np.array([1.0, -2.0])
    np.testing.assert_array_equal(apply("scale_shift", x, alpha=3, beta=0.5), 3 * x + 0.5)


def test_hardmax_marks_the_first_largest(apply):
    x = np.array([[1, 3, 3], [2, 0, 1]], float)
    np.testing.assert_array_equal(apply("hardmax", x), [[0, 1, 0], [1, 0, 0]])
    np.testing.assert_array_equal(apply("hardmax", x, axis=0), [[0, 1, 1], [1, 0, 0]])
    assert apply("hardmax", np.zeros((0, 3))).shape == (0, 3)


def test_det_agrees_with_the_sum_over_permutations(apply):
    x = np.random.default_rng(1).normal(size=(2, 3, 3))
    expected = np.zeros(2)
    for order in itertools.permutations(range(3)):
        sign = np.linalg.det(np.eye(3)[list(order)])
        expected += sign * x[:, 0, order[0]] * x[:, 1, order[1]] * x[:, 2, order[2]]
    np.testing.assert_allclose(apply("det", x), expected, rtol=1e-12)
    with pytest.raises(GraphError, match="square"):
        apply("det", np.zeros((2, 3)))


@pytest.mark.parametrize("reverse", [False, True])
def test_cumprod_agrees_with_torch(apply, reverse):
    x = np.random.default_rng(2).normal(size=(4, 5))
    expected = torch.cumprod(torch.from_numpy(x[::-1].copy() if reverse else x), 0).numpy()
    expected = expected[::-1] if reverse else expected
    np.testing.assert_allclose(apply("cumprod", x, axis=0, reverse=reverse), expected, rtol=1e-12)
    exclusive = apply("cumprod", x, axis=0, reverse=reverse, exclusive=True)
    ones = np.ones((1, 5))
    shifted = np.concatenate([expected[1:], ones]) if reverse else np.concatenate([ones, expected[:-1]])
    np.testing.assert_allclose(exclusive, shifted, rtol=1e-12)
