"""einsum against torch, and what it refuses."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from modelparity.engine.arithmetic import arithmetic
from modelparity.engine.operator import find
from modelparity.engine.perturbed import Perturbed
from modelparity.errors import GraphError

F64 = arithmetic("float64")
einsum = find("einsum").kernel
SIZES = {"n": 2, "c": 3, "h": 4, "w": 5, "u": 6}


@pytest.mark.parametrize(
    "equation",
    ["nchw,nwhu->nchu", "chw, whu -> chu", "nc->cn", "nc,nc->", "nc,cw,wu->un", "nch->n", "n,c->nc"],
)
def test_agrees_with_torch(equation):
    rng = np.random.default_rng(0)
    left = equation.replace(" ", "").split("->")[0].split(",")
    xs = [rng.standard_normal([SIZES[letter] for letter in own]) for own in left]
    want = torch.einsum(equation, *map(torch.from_numpy, xs)).numpy()
    y = einsum(F64, *xs, equation=equation)
    assert y.shape == want.shape
    np.testing.assert_allclose(y, want, rtol=1e-12, atol=1e-12)


def test_a_size_of_one_broadcasts():
    rng = np.random.default_rng(0)
    x, y = rng.standard_normal((1, 3, 1, 5)), rng.standard_normal((2, 5, 4, 6))
    want = np.einsum("nchw,nwhu->nchu", np.broadcast_to(x, (2, 3, 4, 5)), y)
    np.testing.assert_allclose(einsum(F64, x, y, equation="nchw,nwhu->nchu"), want, rtol=1e-12)
    np.testing.assert_allclose(einsum(F64, y, x, equation="nwhu,nchw->nchu"), want, rtol=1e-12)


def test_rounding():
    x = np.array([2048.0, 1, 1], np.float32)
    assert einsum(arithmetic("float16"), x, np.ones(3, np.float32), equation="i,i->") == 2050
    x = np.random.default_rng(0).standard_normal((1, 30)).astype(np.float32)
    y = einsum(Perturbed(lanes=1), x, x, equation="ij,kj->ik")
    assert 0 < abs(y[0, 0] - np.square(x.astype(float)).sum()) < 1e-4


@pytest.mark.parametrize(
    ("equation", "text"),
    [
        ("ij,jk", "the equation is not valid"),
        ("...j->j", "the equation is not valid"),
        ("i,jk->ik", "does not fit the ranks"),
        ("ij,jk,kl->il", "does not fit the ranks"),
        ("ij,ik->jk", r"sizes of 'i' differ\n.*found: +3\n.*2"),
        ("ij,jk->il", "the result's letters"),
        ("ij,jk->ii", "the result's letters"),
    ],
)
def test_refuses(equation, text):
    with pytest.raises(GraphError, match=text):
        einsum(F64, np.ones((2, 3)), np.ones((3, 4)), equation=equation)
