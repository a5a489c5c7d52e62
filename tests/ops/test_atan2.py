"""atan2 against torch, in every quadrant and on the axes."""

from __future__ import annotations

import itertools

import numpy as np
import torch


def test_agrees_with_torch_and_broadcasts(apply, lanewise):
    rng = np.random.default_rng(3)
    x, y = rng.standard_normal((4, 1, 5)), rng.standard_normal((3, 5))
    want = torch.atan2(torch.from_numpy(x), torch.from_numpy(y)).numpy()
    np.testing.assert_allclose(apply("atan2", x, y), want, rtol=1e-14)
    lanewise("atan2", rng.standard_normal((3, 4, 5)), rng.standard_normal((1, 5)))


def test_axes_and_infinities(apply):
    values = [0.0, -0.0, 1.0, -2.0, np.inf, -np.inf]
    x, y = (np.array(side) for side in zip(*itertools.product(values, values), strict=True))
    want = torch.atan2(torch.from_numpy(x), torch.from_numpy(y)).numpy()
    np.testing.assert_array_equal(apply("atan2", x, y), want)
    assert np.isnan(apply("atan2", np.array(np.nan), np.array(1.0)))
