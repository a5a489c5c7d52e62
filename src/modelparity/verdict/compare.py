"""Compare one output tensor with truth and floor: shape, type, non-finite values, then the worst element."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from ..graph import Array
from .bands import LIMIT
from .judgement import Output, Problem


def compare(name: str, got: Array, truth: Array, floor: Array, *, dtypes: tuple[str, ...]) -> Output:
    """Judge ``got`` against ``truth`` (float64) in units of ``floor`` (same shape), without explaining it.

    The band is exact, rounding or wrong, for the type that ``got`` has; all numbers beside it, as the share of
    elements beyond rounding, are for the type that is declared. ``dtypes`` are the element types that the candidate
    may have, the declared one first.
    Values that are not finite are compared on their own, so that a NaN never hides another difference;
    infinity is right where the truth is beyond what the candidate's type holds. Whole numbers and booleans
    are compared exactly.
    """
    got = np.asarray(got)
    problems = []
    if str(got.dtype) not in dtypes:
        problems.append(Problem("type", f"type is {got.dtype}, but should be {' or '.join(dtypes)}"))
    if got.shape != truth.shape:
        problems.append(Problem("shape", f"shape is {got.shape}, but should be {truth.shape}"))
    numbers = got.dtype.kind in "fiub"  # not text, nor complex
    if got.shape == truth.shape and numbers:
        problems += _non_finite(got, truth, floor)
    band, floors = ("wrong", math.inf) if problems else ("exact", 0.0)
    output = Output(name, band, floors, got.shape, truth.shape, str(got.dtype), problems=tuple(problems))
    if got.shape != truth.shape or not numbers or truth.size == 0:
        return output
    stored = _stored(truth, got.dtype)
    most = float(_distances(_difference(got, truth, stored), floor).max())
    # In a narrower type than declared, what that type rounded is a difference, however well it holds the truth.
    difference = _difference(got, truth, _stored(truth, np.dtype(dtypes[0])))
    distances = _distances(difference, floor)
    worst = np.unravel_index(int(np.argmax(distances)), distances.shape)
    if not problems:
        same = bool(np.all((got == stored) | (np.isnan(got) & np.isnan(truth))))
        band = "exact" if same else "rounding" if most <= LIMIT else "wrong"
        output = replace(output, band=band, floors=float(distances[worst]))
    return replace(
        output,
        index=tuple(int(i) for i in worst),
        got=float(got[worst]),
        want=float(truth[worst]),
        difference=float(difference[worst]),
        floor=float(floor[worst]),
        share_above=float(np.mean(distances > LIMIT)),
    )


def _distances(difference: Array, floor: Array) -> Array:
    """Differences in floors; none is none, whatever the floor."""
    with np.errstate(divide="ignore", invalid="ignore"):
        result: Array = np.where(difference == 0, 0.0, difference / floor)
    return result


def _stored(truth: Array, dtype: Any) -> Array:
    """The truth as the candidate's type holds it best."""
    if truth.dtype.kind != "f" or dtype.kind != "f":
        return truth
    with np.errstate(over="ignore"):
        return truth.astype(dtype)


def _difference(got: Array, truth: Array, stored: Array) -> Array:
    """How far each element is from the truth; 0 if no number of its type is nearer, or either is not finite."""
    with np.errstate(invalid="ignore", over="ignore"):
        away = np.abs(got.astype(np.float64) - truth.astype(np.float64))
    if truth.dtype.kind != "f":
        away = np.maximum(away, 1.0)  # large whole numbers may be one in float64
    result: Array = np.where(np.isfinite(got) & np.isfinite(truth) & (got != stored), away, 0.0)
    return result


def _non_finite(got: Array, truth: Array, floor: Array) -> list[Problem]:
    """Problems of NaN and infinities that stand where they should not, or are missing."""
    if got.dtype.kind != "f" or truth.dtype.kind != "f":
        return []
    # A sound float32 run overflows where the float64 run does not.
    beyond = np.isfinite(truth) & (np.abs(truth) + floor > float(np.finfo(got.dtype).max))
    problems = []
    kinds: tuple[tuple[str, str, Callable[[Array], Array]], ...] = (
        ("nan", "NaN", np.isnan),
        ("infinity", "+infinity", np.isposinf),
        ("infinity", "-infinity", np.isneginf),
    )
    for kind, value, test in kinds:
        allowed = test(truth) | (beyond & test(np.copysign(np.inf, truth)))
        for odd, text in (
            (test(got) & ~allowed, f"is {value}, but should not be"),
            (test(truth) & ~test(got), f"should be {value}, but is not"),
        ):
            if count := int(odd.sum()):
                first = tuple(int(i) for i in np.argwhere(odd)[0])
                said = f"{count} of {got.size} elements: the value {text}, at {list(first)} first"
                problems.append(Problem(kind, said))
    return problems
