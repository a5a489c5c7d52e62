"""filterbank against the product of matrices that it is where all is finite."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from modelparity.engine.operator import Step
from modelparity.errors import GraphError


def stretches(rng, bins, bands):
    """Bands from somewhere to somewhere, some of them empty."""
    filters = np.zeros((bins, bands))
    for band in range(bands):
        start, end = sorted(rng.integers(0, bins + 1, 2))
        filters[start:end, band] = rng.standard_normal(end - start)
    return filters


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 40), st.integers(0, 20), st.lists(st.integers(0, 3), max_size=2))
def test_agrees_with_a_product(apply, seed, bins, bands, lead):
    rng = np.random.default_rng(seed)
    x, filters = rng.standard_normal((*lead, bins)), stretches(rng, bins, bands)
    y = apply("filterbank", x, filters)
    np.testing.assert_allclose(y, x @ filters, rtol=1e-12, atol=1e-12)
    assert y.shape == (*lead, bands)


def test_rounding_is_that_of_few_terms(apply_lanes):
    """A band of two bins among thousands: a perturbed run moves it by little."""
    from modelparity.engine.perturbed import Perturbed

    x, filters = np.ones((4, 1, 4096), np.float32), np.zeros((1, 4096, 1), np.float32)
    filters[0, 7:9] = 0.5
    off = np.abs(apply_lanes("filterbank", x, filters, ar=Perturbed("float32", lanes=4)) - 1).max()
    assert 0 < off < 3 * 2.0**-23
    assert np.abs(apply_lanes("dense", x, filters, ar=Perturbed("float32", lanes=4)) - 1).max() > off


def test_lanes(lanewise):
    rng = np.random.default_rng(0)
    filters = np.stack([stretches(rng, 9, 5) for _ in range(3)])
    lanewise("filterbank", rng.standard_normal((3, 4, 9)), filters)
    lanewise("filterbank", rng.standard_normal((3, 4, 9)), filters[:1])


def test_refuses(apply):
    with pytest.raises(GraphError, match="filters do not fit"):
        apply("filterbank", np.ones((2, 8)), np.ones((7, 3)))


def test_streaming(streams):
    assert streams("filterbank", 2, 2) == Step(0)
    assert "along the time axis" in streams("filterbank", 2, 2, times=(1, None))
