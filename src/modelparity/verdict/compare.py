"""Hold one output tensor against truth and floor: shape, type, non-finite values, then the worst element."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from ..graph import Array
from .model import Output

#: A difference within this many floors is rounding: within the floor itself. `floor.COVER` has the margin.
LIMIT = 1.0


def compare(name: str, got: Array, truth: Array, floor: Array, *, dtypes: tuple[str, ...]) -> Output:
    """Judge ``got`` against ``truth`` (float64) in units of ``floor`` (same shape), without explaining it.

    The band is exact, rounding or wrong. ``dtypes`` are the element types that the candidate may have.
    Values that are not finite are compared on their own, so that a NaN never hides another difference.
    """
    got = np.asarray(got)
    problems = []
    if str(got.dtype) not in dtypes:
        problems.append(f"type is {got.dtype}, but should be {' or '.join(dtypes)}")
    if got.shape != truth.shape:
        problems.append(f"shape is {got.shape}, but should be {truth.shape}")
        return _result(name, got, truth, problems, math.inf)
    problems += _non_finite(got, truth)
    if truth.size == 0:
        return _result(name, got, truth, problems, math.inf if problems else 0.0)
    both = np.isfinite(got) & np.isfinite(truth)
    with np.errstate(invalid="ignore", over="ignore"):
        difference = np.where(both, np.abs(got.astype(np.float64) - truth.astype(np.float64)), 0.0)
    if truth.dtype.kind == "f":
        with np.errstate(over="ignore"):
            stored = truth.astype(got.dtype) if got.dtype.kind == "f" else truth
        difference[both & (got == stored)] = 0.0  # as near as its type can hold
    with np.errstate(divide="ignore", invalid="ignore"):
        floors = np.where(difference == 0, 0.0, difference / floor)
    worst = np.unravel_index(int(np.argmax(floors)), floors.shape)
    return _result(
        name,
        got,
        truth,
        problems,
        math.inf if problems else float(floors[worst]),
        index=tuple(int(i) for i in worst),
        got_value=float(got[worst]),
        want=float(truth[worst]),
        difference=float(difference[worst]),
        floor=float(floor[worst]),
        share_above=float(np.mean(floors > LIMIT)),
    )


def _result(
    name: str,
    got: Array,
    truth: Array,
    problems: list[str],
    floors: float,
    *,
    index: tuple[int, ...] = (),
    got_value: float | None = None,
    want: float | None = None,
    difference: float = 0.0,
    floor: float = 0.0,
    share_above: float = 0.0,
) -> Output:
    band = "exact" if floors == 0 else "rounding" if floors <= LIMIT else "wrong"
    return Output(
        name=name,
        band=band,
        floors=floors,
        shape=got.shape,
        expected_shape=truth.shape,
        dtype=str(got.dtype),
        index=index,
        got=got_value,
        want=want,
        difference=difference,
        floor=floor,
        share_above=share_above,
        problems=tuple(problems),
    )


def _non_finite(got: Array, truth: Array) -> list[str]:
    """Sentences about NaN and infinities that stand where they should not, or are missing."""
    if got.dtype.kind != "f" or truth.dtype.kind != "f":
        return []
    problems = []
    kinds: dict[str, Callable[[Array], Array]] = {
        "NaN": np.isnan,
        "+infinity": np.isposinf,
        "-infinity": np.isneginf,
    }
    for kind, test in kinds.items():
        for odd, text in (
            (test(got) & ~test(truth), f"is {kind}, but should not be"),
            (test(truth) & ~test(got), f"should be {kind}, but is not"),
        ):
            if count := int(odd.sum()):
                first = tuple(int(i) for i in np.argwhere(odd)[0])
                problems.append(f"{count} of {got.size} elements: the value {text}, at {list(first)} first")
    return problems
