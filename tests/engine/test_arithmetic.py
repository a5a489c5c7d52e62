from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from modelparity.engine.arithmetic import ULP, Arithmetic, arithmetic
from modelparity.engine.operator import find
from modelparity.engine.perturbed import Perturbed
from modelparity.errors import ModelparityError

SPECIAL = [
    0.0,
    -0.0,
    1.0,
    np.inf,
    -np.inf,
    np.nan,
    65504.0,
    65519.99,
    65520.0,
    1e5,
    2.0**-14,
    2.0**-24,
    2.0**-25,
    1.5 * 2.0**-25,
    2.0**-26,
    2.0**-126,
    2.0**-133,
    2.0**-134,
    2.0**-149,
    3.3895313892515355e38,
    3.4e38,
    1e39,
]


def edges(bits):
    """Numbers around the halfway points of a significand of so many bits, in float64."""
    rng = np.random.default_rng(bits)
    kept = rng.integers(2 ** (bits - 1), 2**bits, 200).astype(float)
    exponents = 2.0 ** rng.integers(-12, 12, 200)
    tiny = np.concatenate([[0], *([[e, -e]] for e in (2.0**-40, 2.0**-30, 2.0**-24, 2.0**-20))], axis=None)
    return ((kept + 0.5)[:, None] * (1 + tiny) * exponents[:, None]).ravel()


def bfloat16():
    return pytest.importorskip("ml_dtypes").bfloat16


def same(a, b):
    """Equal bit for bit, except that any NaN equals any other."""
    np.testing.assert_array_equal(a, b)
    np.testing.assert_array_equal(np.signbit(a[~np.isnan(a)]), np.signbit(b[~np.isnan(b)]))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_float16_cast_is_numpys(dtype):
    with np.errstate(over="ignore"):
        x = np.concatenate([SPECIAL, edges(11), -edges(11)]).astype(dtype)
        want = x.astype(np.float16).astype(np.float32)
    same(arithmetic("float16").cast(x), want)


def test_float16_rounds_as_torch():
    torch = pytest.importorskip("torch")
    x = np.concatenate([SPECIAL[:18], edges(11)]).astype(np.float32)
    same(arithmetic("float16").cast(x), torch.tensor(x).half().float().numpy())


@pytest.mark.filterwarnings("ignore:overflow")
def test_bfloat16_cast_of_float32_is_that_of_ml_dtypes_and_torch():
    torch = pytest.importorskip("torch")
    x = np.concatenate([SPECIAL, edges(8), -edges(8)]).astype(np.float32)
    got = arithmetic("bfloat16").cast(x)
    same(got, x.astype(bfloat16()).astype(np.float32))
    same(got, torch.tensor(x).bfloat16().float().numpy())


@pytest.mark.filterwarnings("ignore:overflow")
def test_bfloat16_cast_of_float64_rounds_once():
    """The nearest bfloat16 of the float64 itself, not of a float32 between them."""
    x = np.concatenate([SPECIAL, edges(8), -edges(8)])
    got = arithmetic("bfloat16").cast(x)
    finite = x[np.isfinite(got)]
    # The candidates: both bfloat16 neighbours of the result; none is nearer, and on a tie the result is even.
    value = got[np.isfinite(got)]
    bits = value.view(np.uint32)
    for step in (0x10000, -0x10000):
        other = (bits + np.uint32(step % 2**32)).view(np.float32).astype(np.float64)
        near, far = np.abs(value - finite), np.abs(other - finite)
        usable = np.isfinite(other) & (np.signbit(other) == np.signbit(value))
        assert (near <= far)[usable].all()
        tied = usable & (near == far)
        assert not (bits[tied] & 0x10000).any()
    halfway = 1 + 2.0**-8  # exactly between 1 and 1 + 2^-7
    assert arithmetic("bfloat16").cast(
        np.array([halfway, halfway + 2.0**-40, halfway - 2.0**-40])
    ).tolist() == [
        1.0,
        1 + 2.0**-7,
        1.0,
    ]


@given(st.floats(width=32, allow_nan=False))
@settings(max_examples=200, deadline=None)
@pytest.mark.filterwarnings("ignore:overflow")
def test_bfloat16_is_that_of_ml_dtypes_everywhere(x):
    x = np.array([x], np.float32)
    same(arithmetic("bfloat16").cast(x), x.astype(bfloat16()).astype(np.float32))


@pytest.mark.parametrize("name", ["float16", "bfloat16"])
def test_results_are_rounded_in_place_and_stay_so(name):
    ar = arithmetic(name)
    x = np.random.default_rng(1).standard_normal(1000).astype(np.float32)
    want = ar.cast(x)
    got = ar.rounded(x)
    assert got is x
    same(got, want)
    same(ar.rounded(got.copy()), want)
    strided = np.repeat(want, 2)[::2] * np.float32(1.001)
    same(ar.rounded(strided), ar.cast(want * np.float32(1.001)))


@pytest.mark.parametrize("name", ["float16", "bfloat16"])
@pytest.mark.parametrize("operation", [np.add, np.subtract, np.multiply, np.divide])
def test_one_operation_rounds_as_if_computed_exactly(name, operation):
    """Two roundings, to float32 and on, equal one: checked in float64, which holds these results exactly
    or far finer than either."""
    ar = arithmetic(name)
    a, b = ar.cast(np.random.default_rng(2).standard_normal((2, 5000)))
    exact = operation(a.astype(np.float64), b.astype(np.float64))
    same(ar.rounded(operation(a, b)), ar.cast(exact))


@pytest.mark.parametrize("name", list(ULP))
def test_names_carriers_and_what_is_left_alone(name):
    ar = arithmetic(name)
    assert ar.name == name
    assert ar.dtype == (np.float64 if name == "float64" else np.float32)
    assert arithmetic(ar) is ar
    for x in (np.array([3, 2**40]), np.array([True, False])):
        assert ar.cast(x) is x
        assert ar.rounded(x).dtype == x.dtype
    assert ar.cast(np.ones(2)).dtype == ar.dtype


def test_unknown_name_lists_the_known():
    with pytest.raises(ModelparityError, match="unknown arithmetic 'float8'") as caught:
        arithmetic("float8")
    assert "bfloat16" in str(caught.value)


@pytest.mark.parametrize("name", ["float64", "float32"])
def test_perturbed_results_are_one_unit_off(name):
    ar = Perturbed(name, seed=3, lanes=4)
    x = np.random.default_rng(4).standard_normal((4, 500)).astype(ar.dtype)
    relative = ar.rounded(x.copy()).astype(np.longdouble) / x - 1
    # One unit relatively, itself rounded to the carrier: half a unit more or less.
    assert (np.abs(relative) > 0.49 * ar.ulp).all()
    assert (np.abs(relative) < 1.51 * ar.ulp).all()
    assert (relative > 0).any()
    assert (relative < 0).any()
    powers = np.ldexp(ar.dtype.type(1), np.arange(-20, 20)).astype(ar.dtype)[None].repeat(4, 0)
    up_or_down = ar.rounded(powers.copy()) / powers - 1
    assert set(np.abs(up_or_down).ravel().tolist()) == {float(ar.ulp)}


def test_perturbed_bounded_results_are_off_absolutely():
    ar = Perturbed("float32", seed=1, lanes=2)
    x = np.zeros((2, 100), np.float32)
    assert set(np.abs(ar.rounded(x, bounded=True)).ravel().tolist()) == {float(ar.ulp)}


def test_perturbed_leaves_inner_results_integers_and_operands_themselves_alone():
    ar = Perturbed("float32", seed=1, lanes=2)
    x = np.ones((2, 100), np.float32)
    np.testing.assert_array_equal(ar.rounded(x, inner=True), np.ones((2, 100)))
    np.testing.assert_array_equal(ar.rounded(np.arange(5)), np.arange(5))
    moved = ar.operand(x)
    np.testing.assert_array_equal(x, np.ones((2, 100)))
    assert (moved != 1).all()


@pytest.mark.parametrize("size", [100, 1 << 18])
def test_perturbed_lanes_places_and_calls_are_independent(size):
    ar = Perturbed("float32", seed=5, lanes=4)
    first, second = (np.sign(ar.rounded(np.ones((4, size), np.float32)) - 1) for _ in range(2))
    bound = 5 / np.sqrt(size)  # five standard deviations of a mean of independent signs
    for signs in (first, second):
        correlation = np.corrcoef(signs)
        assert np.abs(correlation - np.eye(4)).max() < bound
        assert np.abs(signs.mean(axis=1)).max() < bound
    assert abs((first * second).mean()) < bound


def test_perturbed_seeds_are_reproducible_and_differ():
    def noise(seed):
        ar = Perturbed("float32", seed=seed, lanes=3)
        return [ar.rounded(np.ones((3, n), np.float32)) for n in (10, 1000, 10)]

    for one, other in zip(noise(7), noise(7), strict=True):
        np.testing.assert_array_equal(one, other)
    assert any((one != other).any() for one, other in zip(noise(7), noise(8), strict=True))


def test_perturbed_by_more_units():
    ar = Perturbed("float32", seed=1, lanes=1, ulps=4.0)
    moved = ar.rounded(np.ones((1, 50), np.float32)) - 1
    assert set(np.abs(moved).ravel().tolist()) == {4 * float(ar.ulp)}


def test_exact_arithmetics_hand_results_back():
    for name in ("float64", "float32"):
        x = np.ones(3)
        ar = Arithmetic(name)
        assert ar.rounded(x) is x
        assert ar.operand(x) is x


@pytest.mark.parametrize("sign", [-1, 1])
def test_what_is_added_and_what_is_multiplied_by_do_not_undo_each_other(sign):
    """Both of one size: in step, they left every negative result as it was, in all lanes."""
    ar = Perturbed("float32", seed=9, lanes=32)
    value = np.full((40, 14), sign * 0.3, np.float32)
    runs = np.stack([ar.rounded(ar.cancelled(value.copy(), np.abs(value))) for _ in range(32)])
    assert not (runs == runs[0]).all(axis=0).any()


def test_long_sums_of_whole_numbers_are_exact_in_perturbed_runs():
    rng = np.random.default_rng(0)
    x, y = (rng.integers(-128, 128, shape).astype(np.int32) for shape in ((4, 3, 500), (1, 500, 2)))
    ar = Perturbed("float32", seed=1, lanes=4)
    np.testing.assert_array_equal(find("matmul").kernel(ar, x, y), x @ y)
