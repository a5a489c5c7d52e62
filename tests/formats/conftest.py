"""Graphs of one operator each, which every writer has to get right."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

import modelparity as mp

from .one_operator import Case
from .written import CASES

_IDS = [f"{index:03}-{case}"[:90] for index, case in enumerate(CASES)]


@pytest.fixture(params=CASES, ids=_IDS)
def case(request: pytest.FixtureRequest) -> Case:
    """One operator in one form."""
    return request.param  # type: ignore[no-any-return]


@pytest.fixture
def same() -> Callable[[mp.Graph, dict[str, np.ndarray], dict[str, np.ndarray]], None]:
    """Assert that results are those of the engine in float64, up to float32's rounding of a few operations."""

    def assert_same(graph: mp.Graph, feeds: dict[str, np.ndarray], got: dict[str, np.ndarray]) -> None:
        truth = mp.run(graph, feeds)
        assert set(got) == set(truth)
        for name, want in truth.items():
            assert got[name].shape == want.shape, name
            if graph.nodes[-1].op != "shape":  # which frameworks give as int64
                assert got[name].dtype == (np.float32 if want.dtype.kind == "f" else want.dtype), name
            # A sum that cancels errs by its terms, not by itself.
            terms = [a for a in (want, *feeds.values()) if a.dtype.kind == "f" and a.size]
            largest = max((np.abs(a).max() for a in terms), default=0.0)
            np.testing.assert_allclose(got[name], want, rtol=0, atol=32 * 2.0**-24 * largest, err_msg=name)

    return assert_same
