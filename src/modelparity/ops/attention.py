"""Attention: scaled dot products of queries with keys, as weights over values."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.facts import Facts, Shape
from ..engine.operator import Step, aligned, framewise, operator
from ..errors import GraphError
from ..graph import Array


def over_frames(
    times: Sequence[int | None], shapes: Sequence[Shape | None], attrs: Mapping[str, Any]
) -> Step | str:
    """Streaming of what attends along the second axis from the right: only if time is a leading axis."""
    step = framewise(times, shapes, attrs)
    rank = max(len(shape) for shape in shapes if shape is not None)
    if isinstance(step, str) or times[0] is None or step.time - rank >= -2:
        return "a frame attends to other frames, of which all must be there"
    return step


def cost(shapes: Mapping[str, Shape], attrs: Mapping[str, Any], results: Sequence[Shape]) -> int:
    """Multiplications of scores and of weighted values, a query's place and a key's place each."""
    pairs = math.prod(results[0][:-1]) * shapes["key"][-2]
    return pairs * (shapes["query"][-1] + shapes["value"][-1])


@operator(over_frames, facts=Facts(cost=cost))
def attention(
    ar: Arithmetic,
    query: Array,
    key: Array,
    value: Array,
    mask: Array | None = None,
    *,
    scale: float | None = None,
    causal: bool = False,
    grouped: bool = False,
    empty_row: str = "nan",
) -> Array:
    """y = softmax(query key^T * scale + mask) value, the softmax over the key axis

    query (..., [head,] target, in), key (..., [head,] source, in), value (..., [head,] source, out),
    mask (..., target, source), broadcasting from the right -> y (..., [head,] target, out).
    ``scale`` is 1 / sqrt(in) unless given. A boolean mask is True where a target *may* attend; any other
    mask is added to the scores (-inf shuts a place). ``causal`` shuts source > target, counted from the
    first frame of each. ``grouped`` lets several query heads in a row share one key and value head.
    ``empty_row`` says what a target gets that may attend to nothing: "nan" as the formula gives (0 / 0),
    or "zero". Raises `GraphError` for widths, lengths or head counts that do not fit.
    Source: Vaswani et al., "Attention is all you need", 2017, eq. 1; grouped heads: Ainslie et al., "GQA",
    2023; checked against torch.nn.functional.scaled_dot_product_attention.
    """
    if empty_row not in ("nan", "zero"):
        raise GraphError(f"unknown empty_row {empty_row!r}", expected="nan or zero")
    if min(query.ndim, key.ndim, value.ndim) < 3:
        raise GraphError("query, key and value need a position and a feature axis each")
    if query.shape[-1] != key.shape[-1]:
        raise GraphError("query and key differ in width", found=key.shape[-1], expected=query.shape[-1])
    if key.shape[-2] != value.shape[-2]:
        raise GraphError("key and value differ in length", found=value.shape[-2], expected=key.shape[-2])
    if grouped:
        key, value = (_spread(a, query.shape[-3] if query.ndim > 3 else 1) for a in (key, value))
    rnd = ar.rounded
    factor = ar.cast(np.array(query.shape[-1] ** -0.5 if scale is None else scale))
    q, k, v = aligned(query, key, value)
    scores = rnd(np.matmul(ar.operand(q, terms=q.shape[-1]), np.swapaxes(k, -1, -2)))
    scores = rnd(scores * factor)
    if mask is not None:
        scores = _masked(ar, scores, mask)
    if causal:
        open_ = np.tri(scores.shape[-2], scores.shape[-1], dtype=bool)
        scores = np.where(open_, scores, ar.dtype.type(-np.inf))
    weights = _softmax(ar, scores, empty_row)
    return rnd(np.matmul(ar.operand(weights, terms=weights.shape[-1]), v))


def _masked(ar: Arithmetic, scores: Array, mask: Array) -> Array:
    scores, mask = aligned(scores, mask)
    try:
        if mask.dtype == np.bool_:
            return np.where(mask, scores, ar.dtype.type(-np.inf))
        return ar.rounded(scores + mask.astype(ar.dtype, copy=False))
    except ValueError:
        raise GraphError(
            "the mask does not broadcast to (..., target, source)",
            found=mask.shape[1:],
            expected=scores.shape[1:],
        ) from None


def _softmax(ar: Arithmetic, scores: Array, empty_row: str) -> Array:
    # Every step rounds, as in ops/softmax.py; apart from it because of rows in which nothing is open,
    # where -inf - -inf gives the NaN of 0 / 0.
    peak = scores.max(axis=-1, keepdims=True)
    powers = ar.rounded(np.exp(ar.rounded(scores - peak)))
    total = ar.summed(powers.sum(axis=-1, keepdims=True), powers.shape[-1])
    weights = ar.rounded(powers / total)
    return np.where(np.isneginf(peak), weights.dtype.type(0), weights) if empty_row == "zero" else weights


def _spread(heads: Array, count: int) -> Array:
    """Key or value heads (..., head, source, feature), each repeated for its group of query heads."""
    have = heads.shape[-3] if heads.ndim > 3 else 1
    if count % have:
        raise GraphError(
            "query heads are no multiple of key heads", found=have, expected=f"a divisor of {count}"
        )
    return heads if have in (1, count) else np.repeat(heads, count // have, axis=-3)
