"""Multi-head attention: projections, attention in parallel heads, and one projection of their results."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.facts import Facts, Shape
from ..engine.operator import affine, operator
from ..errors import GraphError
from ..graph import Array
from .attention import attention, over_frames


def cost(shapes: Mapping[str, Shape], attrs: Mapping[str, Any], results: Sequence[Shape]) -> int:
    """Multiplications of the projections of every place, and of attention between places, summed over heads."""
    target, embed = results[0][-2:]
    source, batch = shapes["key"][-2], math.prod(results[0][:-2])
    return batch * embed * (2 * (target + source) * embed + 2 * target * source)


@operator(over_frames, facts=Facts(cost=cost, cuts={"in_weight": {-1: 3}, "in_bias": {-1: 3}}))
def multi_head_attention(
    ar: Arithmetic,
    query: Array,
    key: Array,
    value: Array,
    in_weight: Array,
    in_bias: Array | None,
    out_weight: Array,
    out_bias: Array | None = None,
    key_padding_mask: Array | None = None,
    attention_mask: Array | None = None,
    *,
    heads: int,
    causal: bool = False,
    empty_row: str = "nan",
) -> Array:
    """y = concat over heads of attention(query Wq + bq, key Wk + bk, value Wv + bv), times Wo, plus bo

    query ([batch,] target, embed), key and value ([batch,] source, embed): batch comes first.
    in_weight (embed, 3 embed) and in_bias (3 embed) hold query, key, value side by side; out_weight
    (embed, embed), out_bias (embed); each head takes embed / heads neighbouring features
    -> y ([batch,] target, embed).
    Masks mean what they mean in torch.nn.MultiheadAttention, the opposite of `attention`: boolean True
    *shuts* a place, other types are added. key_padding_mask ([batch,] source); attention_mask
    (target, source), (heads, target, source) without batch or (batch * heads, target, source) with it.
    ``causal`` and ``empty_row`` as in `attention`. Raises `GraphError` for shapes that do not fit.
    Source: Vaswani et al., "Attention is all you need", 2017, section 3.2.2; checked against
    torch.nn.MultiheadAttention.
    """
    embed = query.shape[-1]
    if embed % heads:
        raise GraphError(f"embedding width is no multiple of {heads} heads", found=embed)
    if in_weight.shape[-2:] != (embed, 3 * embed):
        raise GraphError(
            "shape of in_weight does not fit", found=in_weight.shape[1:], expected=(embed, 3 * embed)
        )
    parts = []
    for index, x in enumerate((query, key, value)):
        part = slice(index * embed, (index + 1) * embed)
        y = affine(ar, x, in_weight[..., part], None if in_bias is None else in_bias[..., part])
        parts.append(np.swapaxes(y.reshape(*y.shape[:-1], heads, embed // heads), -2, -3))
    mask = _mask(ar, query, key, key_padding_mask, attention_mask, heads)
    q, k, v = parts
    y = np.swapaxes(attention(ar, q, k, v, mask, causal=causal, empty_row=empty_row), -2, -3)
    return affine(ar, y.reshape(*y.shape[:-2], embed), out_weight, out_bias)


def _mask(
    ar: Arithmetic, query: Array, key: Array, padding: Array | None, pairs: Array | None, heads: int
) -> Array | None:
    """Both masks as one to add: (lane or 1, [batch,] heads or 1, target or 1, source)."""
    masks = []
    if padding is not None:
        expected = (*key.shape[1:-2], key.shape[-2])
        if padding.shape[1:] != expected:
            raise GraphError(
                "shape of key_padding_mask does not fit", found=padding.shape[1:], expected=expected
            )
        masks.append(_additive(ar, padding)[..., None, None, :])
    if pairs is not None:
        each = (query.shape[-2], key.shape[-2])
        batch = query.shape[1:-2]
        many = (*batch, heads, *each)
        if pairs.shape[1:] not in (each, (int(np.prod(batch, dtype=int)) * heads, *each)):
            raise GraphError("shape of attention_mask does not fit", found=pairs.shape[1:], expected=each)
        pairs = _additive(ar, pairs)
        lane = pairs.shape[0]
        masks.append(
            pairs.reshape(lane, *(1,) * len(batch), 1, *each)
            if pairs.ndim == 3
            else pairs.reshape(lane, *many)
        )
    return masks[0] if len(masks) == 1 else ar.rounded(masks[0] + masks[1]) if masks else None


def _additive(ar: Arithmetic, mask: Array) -> Array:
    if mask.dtype == np.bool_:
        return np.where(mask, ar.dtype.type(-np.inf), ar.dtype.type(0))
    return mask.astype(ar.dtype, copy=False)
