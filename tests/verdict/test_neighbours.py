"""What is computed of neighbours is what scipy computes, which takes longer to import than a verdict takes."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.ndimage import uniform_filter1d
from scipy.stats import chi2

from modelparity.verdict import neighbours


@pytest.mark.parametrize("runs", [1, 2, 4, 7, 8, 12, 16, 32, 33, 64])
def test_what_few_runs_can_hide_follows_the_chi_square_distribution(runs):
    expected = np.sqrt(runs / chi2.ppf(neighbours.ONCE, runs))
    assert neighbours.hidden(runs) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("shape", [(1,), (5,), (9,), (10,), (3, 4), (2, 300)])
def test_means_of_neighbours_are_scipys_to_the_last_bit(shape):
    rows = np.exp(9 * np.random.default_rng(len(shape)).standard_normal(shape))
    expected = uniform_filter1d(rows, 2 * neighbours.NEAR + 1, axis=-1, mode="nearest")
    np.testing.assert_array_equal(neighbours._smooth(rows), np.maximum(expected, 0.0))


def test_values_next_to_nothing_leave_no_element_without_a_bound():
    """Departures of 1e-7 where the value is 1e-310: their share is infinite, and so much of zero no number."""
    seen = np.full((4, 2, 100), 1e-7)
    truth = np.zeros((2, 100))
    truth[:, 1:] = np.exp(-np.arange(99.0)) * 1e-3
    truth[:, -3:] = 1e-310
    with np.errstate(all="raise", under="ignore"):
        found = neighbours.pooled(seen * np.maximum(truth, 1e-12), truth)
    assert np.isfinite(found).all()
