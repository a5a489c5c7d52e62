"""A cache that grows begins with nothing, and a mask over all that came before comes with every block."""

from __future__ import annotations

import numpy as np
import pytest

from modelparity import run, stream
from modelparity.errors import InputError

from ..growing_cache import WIDTH, attention

X = np.random.default_rng(1).standard_normal((9, WIDTH))


def step_by_step(net, parts, masks):
    """What a host does: the past is what the step before gave, and nothing at first."""
    past, made = np.zeros((0, WIDTH)), []
    for part, mask in zip(parts, masks, strict=True):
        keys = np.concatenate((past, part @ net.constants["k"]))
        scores = np.where(mask.astype(bool), part @ net.constants["q"] @ keys.T, -1e9)
        weights = np.exp(scores - scores.max(-1, keepdims=True))
        made.append(weights / weights.sum(-1, keepdims=True) @ keys)
        past = keys
    return np.concatenate(made)


PARTS = [X[:3], X[3:4], X[4:]]
PADDED = [np.r_[0, 0, np.ones(n - 2, np.int64)] for n in (3, 4, 9)]


@pytest.mark.parametrize("before", [False, True])
def test_masks_over_the_past_come_with_every_block(before):
    net = attention(before=before)
    s = stream(net, axis="seq")
    assert s.states == {"past": "present"}
    masks = [
        mask[: len(mask) - len(part)] if before else mask for mask, part in zip(PADDED, PARTS, strict=True)
    ]
    if before:  # nothing of the first block is masked: it is no past yet
        masks = [np.ones(n, np.int64) for n in (0, 3, 4)]
    whole = [np.r_[mask, np.ones(len(part), np.int64)] for mask, part in zip(masks, PARTS, strict=True)]
    want = step_by_step(net, PARTS, whole if before else PADDED)
    for _ in range(2):
        got = [s.push({"x": x, "mask": m})["y"] for x, m in zip(PARTS, masks, strict=True)]
        np.testing.assert_allclose(np.concatenate(got), want, atol=1e-12)
        with pytest.raises(InputError, match="'mask' is given with every block"):
            s.push(X[:1])
        s.reset()


def test_a_cache_that_grows_without_a_mask_begins_with_nothing():
    net = attention(mask=False)
    s = stream(net, axis="seq")
    want = step_by_step(net, PARTS, [np.ones(n) for n in (3, 4, 9)])
    np.testing.assert_allclose(np.concatenate([s.push(x)["y"] for x in PARTS]), want, atol=1e-12)


def test_a_past_that_is_given_is_where_it_begins():
    net = attention(mask=False)
    s = stream(net, axis="seq")
    past = X[:2] @ net.constants["k"]
    want = run(net, {"x": X[2:], "past": past})["y"]
    np.testing.assert_allclose(s.push({"x": X[2:], "past": past})["y"], want, atol=1e-12)
