"""Transformer encoder layer: self-attention and a feed-forward net, each beside a residual path."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from ..engine.arithmetic import Arithmetic
from ..engine.facts import Facts, Shape
from ..engine.operator import affine, find, operator
from ..errors import GraphError
from ..graph import Array
from .attention import over_frames
from .layer_norm import layer_norm
from .multi_head_attention import cost, multi_head_attention


def _cost(shapes: Mapping[str, Shape], attrs: Mapping[str, Any], results: Sequence[Shape]) -> int:
    attended = cost({"key": shapes["x"]}, attrs, results)
    return attended + math.prod(results[0]) * (shapes["ff1_weight"][-1] + shapes["ff2_weight"][-2])


@operator(over_frames, facts=Facts(cost=_cost, cuts={"in_weight": {-1: 3}, "in_bias": {-1: 3}}))
def transformer_encoder_layer(
    ar: Arithmetic,
    x: Array,
    in_weight: Array,
    in_bias: Array | None,
    out_weight: Array,
    out_bias: Array | None,
    ff1_weight: Array,
    ff1_bias: Array | None,
    ff2_weight: Array,
    ff2_bias: Array | None,
    norm1_gamma: Array | None = None,
    norm1_beta: Array | None = None,
    norm2_gamma: Array | None = None,
    norm2_beta: Array | None = None,
    key_padding_mask: Array | None = None,
    attention_mask: Array | None = None,
    *,
    heads: int,
    norm: str = "post",
    activation: str = "relu",
    epsilon: float = 1e-5,
    causal: bool = False,
    empty_row: str = "nan",
) -> Array:
    """norm="post":  a = norm1(x + attend(x));  y = norm2(a + feed(a))
    norm="pre":   a = x + attend(norm1(x));  y = a + feed(norm2(a))
    feed(a) = activation(a W1 + b1) W2 + b2;  no dropout, as in inference

    x ([batch,] time, embed), in_weight (embed, 3 embed), in_bias (3 embed), out_weight (embed, embed),
    out_bias (embed), ff1_weight (embed, inner), ff1_bias (inner), ff2_weight (inner, embed),
    ff2_bias (embed), norm gammas and betas (embed) -> y ([batch,] time, embed).
    Masks, ``heads``, ``causal`` and ``empty_row`` as in `multi_head_attention`, so with PyTorch's meaning;
    ``activation`` names an operator, such as relu or gelu. A padded frame is computed like any other.
    Source: Vaswani et al., "Attention is all you need", 2017, section 3 (post); Xiong et al., "On layer
    normalization in the Transformer architecture", 2020 (pre); checked against
    torch.nn.TransformerEncoderLayer in eval mode.
    """
    if norm not in ("post", "pre"):
        raise GraphError(f"unknown norm {norm!r}", expected="post or pre")
    act = find(activation).kernel

    def attend(a: Array) -> Array:
        return multi_head_attention(
            ar,
            a,
            a,
            a,
            in_weight,
            in_bias,
            out_weight,
            out_bias,
            key_padding_mask,
            attention_mask,
            heads=heads,
            causal=causal,
            empty_row=empty_row,
        )

    def feed(a: Array) -> Array:
        return affine(ar, act(ar, affine(ar, a, ff1_weight, ff1_bias)), ff2_weight, ff2_bias)

    def norm1(a: Array) -> Array:
        return layer_norm(ar, a, norm1_gamma, norm1_beta, epsilon=epsilon)

    def norm2(a: Array) -> Array:
        return layer_norm(ar, a, norm2_gamma, norm2_beta, epsilon=epsilon)

    if norm == "post":
        a = norm1(ar.rounded(x + attend(x)))
        return norm2(ar.rounded(a + feed(a)))
    a = ar.rounded(x + attend(norm1(x)))
    return ar.rounded(a + feed(norm2(a)))
