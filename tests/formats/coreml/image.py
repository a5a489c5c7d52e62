"""An image that MIL programs of the tests take apart, and how what they give is compared with numpy and torch."""

from __future__ import annotations

import numpy as np
import pytest
import torch

ct = pytest.importorskip("coremltools")

RNG = np.random.default_rng(0)
X = RNG.standard_normal((2, 4, 6, 8)).astype(np.float32)
T = torch.from_numpy(X.astype(np.float64))
IOS15, IOS16, IOS17, IOS18 = (getattr(ct.target, f"iOS{n}") for n in (15, 16, 17, 18))


def check(found, expected):
    assert len(found) == len(expected)
    for number, (one, want) in enumerate(zip(found, expected, strict=True)):
        assert one.shape == tuple(want.shape), number
        np.testing.assert_allclose(one, want, rtol=1e-6, atol=1e-6, err_msg=str(number))
