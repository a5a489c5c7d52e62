"""Fixtures for operators: a call without lanes, and the check that lanes do not see each other."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from modelparity.engine.arithmetic import Arithmetic, arithmetic
from modelparity.engine.operator import find
from modelparity.engine.program import _lane_by_lane


def kernel_of(op: str) -> Callable[..., Any]:
    """The operator's kernel, on arrays with lanes whichever way it is written."""
    found = find(op)
    if not found.plain:
        return found.kernel

    def kernel(ar: Arithmetic, *arrays: Any, **attrs: Any) -> Any:
        results = _lane_by_lane(found.kernel, ar, *arrays, **attrs)
        return results if len(results) > 1 else results[0]

    return kernel


@pytest.fixture(scope="session")
def apply_lanes() -> Callable[..., Any]:
    """``apply_lanes(op, *arrays, ar="float64", **attrs)``: arrays and results with their lane axis."""

    def apply_lanes(op: str, *arrays: Any, ar: str | Arithmetic = "float64", **attrs: Any) -> Any:
        made = arithmetic(ar)
        cast = [None if a is None else made.cast(np.asarray(a)) for a in arrays]
        with np.errstate(all="ignore"):  # as in the engine
            return kernel_of(op)(made, *cast, **attrs)

    return apply_lanes


@pytest.fixture(scope="session")
def apply(apply_lanes: Callable[..., Any]) -> Callable[..., Any]:
    """``apply(op, *arrays, ar="float64", **attrs)``: arrays and results as in the formula, without lanes."""

    def apply(op: str, *arrays: Any, ar: str | Arithmetic = "float64", **attrs: Any) -> Any:
        result = apply_lanes(
            op, *(None if a is None else np.asarray(a)[None] for a in arrays), ar=ar, **attrs
        )
        many = result if isinstance(result, tuple) else (result,)
        assert all(a.shape[0] == 1 for a in many)
        return tuple(a[0] for a in many) if isinstance(result, tuple) else result[0]

    return apply


@pytest.fixture(scope="session")
def lanewise() -> Callable[..., None]:
    """``lanewise(op, *arrays, **attrs)``: arrays have lanes (or one, shared); each lane must stand alone."""

    def lanewise(op: str, *arrays: Any, **attrs: Any) -> None:
        ar, kernel = arithmetic("float64"), kernel_of(op)
        lanes = max(a.shape[0] for a in arrays if a is not None)
        before = [None if a is None else a.copy() for a in arrays]
        together = kernel(ar, *arrays, **attrs)
        for a, b in zip(arrays, before, strict=True):
            if a is not None:
                np.testing.assert_array_equal(a, b, err_msg=f"{op} changed its input")
        assert together.shape[0] == lanes
        for i in range(lanes):
            own = [a if a is None or a.shape[0] == 1 else a[i : i + 1] for a in arrays]
            alone = kernel(ar, *own, **attrs)
            assert alone.shape[0] == 1
            np.testing.assert_allclose(together[i], alone[0], rtol=1e-12, atol=1e-13)

    return lanewise


@pytest.fixture(scope="session")
def streams() -> Callable[..., Any]:
    """``streams(op, *shapes, times=None, **attrs)``: the operator's streaming rule, time of input 0 by default.

    A number stands for a shape of that rank.
    """

    def streams(
        op: str, *shapes: int | tuple[int, ...], times: tuple[int | None, ...] | None = None, **attrs: Any
    ) -> Any:
        times = (0, *(None,) * (len(shapes) - 1)) if times is None else times
        return find(op).streaming(times, [(2,) * s if isinstance(s, int) else s for s in shapes], attrs)

    return streams
