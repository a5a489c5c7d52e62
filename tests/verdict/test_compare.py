"""One output against truth and floor: bands, and what a comparison of numbers alone would miss."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest

from modelparity.verdict.compare import compare
from modelparity.verdict.judgement import Output

F32 = np.float32
NAN, INF = np.nan, np.inf


def judged(got: Any, truth: Any, floor: float = 1e-6, dtypes: tuple[str, ...] = ("float32",)) -> Output:
    truth = np.asarray(truth)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return compare("y", got, truth, np.full(truth.shape, floor), dtypes=dtypes)


@pytest.mark.parametrize(
    ("got", "truth", "band"),
    [
        (F32([1, 2]), [1.0, 2.0], "exact"),
        (F32([0.1]), [0.1], "exact"),  # the nearest that float32 holds
        (F32([1 + 5e-7]), [1.0], "rounding"),
        (F32([1 + 2e-6]), [1.0], "wrong"),
        (F32(3), 3.0, "exact"),  # no axes
        (F32(3.1), 3.0, "wrong"),
        (np.zeros((0, 3), F32), np.zeros((0, 3)), "exact"),
        (F32([-0.0]), [0.0], "exact"),
        (F32([0]), [1e-40], "rounding"),  # subnormals flushed to zero
        (F32([1, NAN]), [1.0, NAN], "exact"),
        (F32([INF, -INF]), [INF, -INF], "exact"),
        (F32([1, NAN]), [1.1, NAN], "wrong"),  # a NaN hides no other difference
    ],
)
def test_bands(got: Any, truth: Any, band: str) -> None:
    assert judged(got, truth).band == band


@pytest.mark.parametrize(
    ("got", "truth", "said"),
    [
        (F32([1, NAN]), [1.0, 1.0], "is NaN, but should not be, at [1]"),
        (F32([1, 1]), [1.0, NAN], "should be NaN, but is not, at [1]"),
        (F32([INF]), [-INF], "is +infinity, but should not be"),
        (F32([INF]), [1.0], "is +infinity, but should not be"),
        (F32([1, 2]), [[1.0, 2.0]], "shape is (2,), but should be (1, 2)"),
        (F32([1, 2]), [1.0, 2.0, 3.0], "shape is (2,), but should be (3,)"),  # no common prefix
        (np.array([1.0]), [1.0], "type is float64, but should be float32"),
        (np.float16([1.0]), [1.0], "type is float16, but should be float32"),
        (np.array([1]), [1.0], "type is int64, but should be float32"),
        (np.array([1j]), [1.0], "type is complex128, but should be float32"),
        (np.array([None]), [1.0], "type is object, but should be float32"),
        (np.array(["1"]), [1.0], "type is <U1, but should be float32"),
    ],
)
def test_disagreements_that_are_no_numbers_are_wrong_and_said(got: Any, truth: Any, said: str) -> None:
    output = judged(got, truth)
    assert (output.band, output.floors) == ("wrong", INF)
    assert any(said in problem.text for problem in output.problems), output.problems


@pytest.mark.parametrize("kind", ["int64", "bool"])
def test_whole_numbers_and_booleans_are_compared_exactly(kind: str) -> None:
    truth = np.array([0, 1, 1]).astype(kind)
    assert judged(truth.copy(), truth, 0.0, (kind,)).band == "exact"
    assert judged(truth[::-1].copy(), truth, 0.0, (kind,)).band == "wrong"


def test_whole_numbers_that_are_one_in_float64_are_told_apart() -> None:
    assert judged(np.array([2**53 + 1]), np.array([2**53]), 0.0, ("int64",)).band == "wrong"


@pytest.mark.parametrize("sign", [1, -1])
def test_infinity_is_right_beyond_what_the_type_holds(sign: int) -> None:
    beyond = judged(F32([sign * INF]), [sign * 1e39], 1e32)
    assert (beyond.band, beyond.problems) == ("exact", ())
    # at the edge, rounding decides
    assert judged(F32([sign * INF]), [sign * 3.4028234e38], 1e33).band == "rounding"
    assert judged(F32([sign * INF]), [sign * 3.3e38], 1e33).band == "wrong"
    assert judged(F32([-sign * INF]), [sign * 1e39], 1e32).band == "wrong"
    # the largest number in place of infinity is another matter
    assert judged(F32([sign * 3.4028235e38]), [sign * 1e39], 1e32).band == "wrong"


def test_the_worst_element_is_the_one_with_most_floors_not_the_largest_difference() -> None:
    truth, floor = np.array([[1.0, 1.0]]), np.array([[1e-2, 1e-6]])
    output = compare("y", F32([[1.005, 1.0001]]), truth, floor, dtypes=("float32",))
    assert output.index == (0, 1)
    assert output.floors == pytest.approx(100, rel=1e-2)
    assert output.share_above == 0.5
    assert (output.want, output.floor) == (1.0, 1e-6)


def test_a_floor_of_zero_leaves_equality() -> None:
    assert judged(F32([1]), [1.0], 0.0).band == "exact"
    assert judged(F32([1 + 2e-7]), [1.0], 0.0).band == "wrong"
