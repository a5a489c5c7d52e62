"""Couple pairs: how likely each of several classes is, from how likely it is beside each other one."""

from __future__ import annotations

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.facts import Facts, rank_of
from ..engine.operator import operator, untouched
from ..errors import GraphError
from ..graph import Array

#: Rounds at most, and where they end: no class is off by so much, over the number of classes.
ROUNDS, ENOUGH = 100, 0.005


@operator(untouched(lambda attrs, rank: (-1,)), facts=Facts(rank=rank_of("r")))
def couple_pairs(ar: Arithmetic, r: Array, *, classes: int) -> Array:
    """p minimises the sum over i < j of (r[j, i] p[i] - r[i, j] p[j])^2, the sum of p being 1; r[j, i] = 1 - r[i, j]

    r (batch, pair): of classes i < j, in the order (0, 1), (0, 2), ..., (1, 2), ..., how likely i is where it is one
    of the two -> p (batch, class). Found round by round, class by class, as libsvm does: from equal shares, until no
    class is off by more than 0.005 over their number, so that the result is that of these rounds and no more exact.
    Raises `GraphError` for another number of pairs.
    Source: Wu, Lin, Weng, "Probability estimates for multi-class classification by pairwise coupling", 2004,
    algorithm 2, with the end that libsvm and onnxruntime have; checked against onnxruntime.
    """
    first, second = np.triu_indices(classes, 1)
    if r.ndim != 3 or r.shape[-1] != len(first):
        raise GraphError("not one number a pair", found=r.shape[1:], expected=f"(batch, {len(first)})")
    beside = np.zeros((*r.shape[:-1], classes, classes), ar.dtype)
    beside[..., first, second], beside[..., second, first] = r, ar.rounded(1 - r)
    turned = np.swapaxes(beside, -1, -2)
    q = ar.rounded(-turned * beside)
    own = np.arange(classes)
    q[..., own, own] = ar.summed(np.square(turned).sum(axis=-1), classes)
    p = np.full((*r.shape[:-1], classes), 1 / classes, ar.dtype)
    going = np.ones(r.shape[:-1], bool)
    for _ in range(ROUNDS):
        slope = ar.rounded(np.einsum("...ij,...j->...i", q, p))
        level = (p * slope).sum(axis=-1, keepdims=True)
        going &= np.abs(slope - level).max(axis=-1) >= ENOUGH / classes
        if not going.any():
            break
        p = np.where(going[..., None], _round(ar, q, p, slope, level), p)
    return p


def _round(ar: Arithmetic, q: Array, p: Array, slope: Array, level: Array) -> Array:
    """One round: each class in turn gets what is best for it, and all are made to sum to one again."""
    for i in range(q.shape[-1]):
        row = q[..., i, :]
        step = (level - slope[..., i : i + 1]) / row[..., i : i + 1]
        level = (level + step * (step * row[..., i : i + 1] + 2 * slope[..., i : i + 1])) / np.square(
            1 + step
        )
        slope = (slope + step * row) / (1 + step)
        p = p.copy()
        p[..., i] += step[..., 0]
        p = ar.rounded(p / (1 + step))
    return p
