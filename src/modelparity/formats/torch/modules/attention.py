"""Attention and the Transformer encoder layer."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from ....engine.bound_node import Call, defaults
from ..building import Built, Function, Scope, fill, lowers, refusal
from .elementwise import activation


def attend(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    mask: Tensor | None = None,
    *,
    scale: float | None = None,
    causal: bool = False,
    grouped: bool = False,
    empty_row: str = "nan",
) -> Tensor:
    """softmax(q k^T scale + mask) v; a boolean mask is True where a target may attend."""
    if grouped:
        heads = query.shape[-3] if query.dim() > 2 else 1
        key, value = (_spread(a, heads) for a in (key, value))
    scores = query @ key.transpose(-1, -2) * (query.shape[-1] ** -0.5 if scale is None else scale)
    if mask is not None and mask.dtype == torch.bool:
        scores = scores.masked_fill(~mask, -torch.inf)
    elif mask is not None:
        scores = scores + mask
    if causal:
        shut = torch.ones(scores.shape[-2:], dtype=torch.bool, device=scores.device).triu(1)
        scores = scores.masked_fill(shut, -torch.inf)
    weights = torch.softmax(scores, -1)
    if empty_row == "zero":
        weights = weights.masked_fill(torch.isneginf(scores.amax(-1, keepdim=True)), 0.0)
    return weights @ value


def _spread(heads: Tensor, count: int) -> Tensor:
    have = heads.shape[-3] if heads.dim() > 2 else 1
    return heads if have in (1, count) else heads.repeat_interleave(count // have, dim=-3)


@lowers("attention")
def attention(scope: Scope, c: Call) -> Built:
    """Plain operators: F.scaled_dot_product_attention differs where a row is empty."""
    return Function("attention", attend, **c.attrs), c.node.inputs


class MultiHeadAttention(nn.Module):
    """Projections as nn.Linear, the three inner ones as one of three times the width."""

    def __init__(self, scope: Scope, c: Call) -> None:
        super().__init__()
        self.heads = int(c.attrs["heads"])
        self.settings: dict[str, Any] = {"causal": c.attrs["causal"], "empty_row": c.attrs["empty_row"]}
        self.inner, self.outer = linear(scope, c, "in"), linear(scope, c, "out")

    def forward(
        self,
        query: Tensor,
        key: Tensor,
        value: Tensor,
        padding: Tensor | None = None,
        pairs: Tensor | None = None,
    ) -> Tensor:
        """query ([batch,] target, embed), key and value ([batch,] source, embed) -> ([batch,] target, embed)."""
        embed = query.shape[-1]
        parts = []
        for index, x in enumerate((query, key, value)):
            rows = slice(index * embed, (index + 1) * embed)
            bias = None if self.inner.bias is None else self.inner.bias[rows]
            y = nn.functional.linear(x, self.inner.weight[rows], bias)
            parts.append(y.view(*y.shape[:-1], self.heads, -1).transpose(-2, -3))
        mask = None if padding is None else _additive(padding, query)[..., None, None, :]
        if pairs is not None:
            pairs = _additive(pairs, query)
            if pairs.dim() == 3 and query.dim() == 3:
                pairs = pairs.view(-1, self.heads, *pairs.shape[1:])
            mask = pairs if mask is None else mask + pairs
        y = attend(parts[0], parts[1], parts[2], mask, **self.settings)
        result: Tensor = self.outer(y.transpose(-2, -3).flatten(-2))
        return result


def _additive(mask: Tensor, like: Tensor) -> Tensor:
    if mask.dtype != torch.bool:
        return mask
    return like.new_zeros(mask.shape).masked_fill(mask, -torch.inf)


def linear(scope: Scope, c: Call, which: str) -> nn.Linear:
    """nn.Linear from a node's ``<which>_weight`` (in, out) and ``<which>_bias``."""
    weight, bias = scope.weight(c, f"{which}_weight"), scope.constant(c, f"{which}_bias")
    module = nn.Linear(weight.shape[0], weight.shape[1], bias=bias is not None)
    fill(module.weight, weight.T)
    fill(module.bias, bias)
    return module


class Masked(nn.Module):
    """Calls ``core`` with the inputs that the node has, each under its name."""

    def __init__(self, core: nn.Module, names: tuple[str, ...]) -> None:
        super().__init__()
        self.core, self.names = core, names

    def forward(self, *tensors: Tensor) -> Any:
        """Tensors in the order of ``names``."""
        return self.core(**dict(zip(self.names, tensors, strict=True)))


_MASKS = {"key_padding_mask": "padding", "attention_mask": "pairs"}


def _called(core: nn.Module, c: Call, names: tuple[str, ...]) -> Built:
    given = {name: name for name in names} | {key: _MASKS[key] for key in _MASKS if key in c.tensors}
    return Masked(core, tuple(given.values())), tuple(c.tensors[key] for key in given)


@lowers("multi_head_attention")
def multi_head_attention(scope: Scope, c: Call) -> Built:
    """As nn.MultiheadAttention, apart from rows in which nothing is open."""
    return _called(MultiHeadAttention(scope, c), c, ("query", "key", "value"))


class EncoderLayer(nn.Module):
    """Attention and a feed-forward net, each beside a residual path."""

    def __init__(self, scope: Scope, c: Call) -> None:
        super().__init__()
        self.attention = MultiHeadAttention(scope, c)
        self.first, self.second = linear(scope, c, "ff1"), linear(scope, c, "ff2")
        self.activation = activation(c.attrs["activation"], defaults(c.attrs["activation"]))
        self.norm1, self.norm2 = self._norm(scope, c, "norm1"), self._norm(scope, c, "norm2")
        self.pre = c.attrs["norm"] == "pre"

    def _norm(self, scope: Scope, c: Call, which: str) -> nn.LayerNorm:
        gamma, beta = scope.constant(c, f"{which}_gamma"), scope.constant(c, f"{which}_beta")
        module = nn.LayerNorm(self.first.in_features, eps=float(c.attrs["epsilon"]))
        if gamma is not None:
            fill(module.weight, gamma)
        fill(module.bias, beta)
        return module

    def forward(self, x: Tensor, padding: Tensor | None = None, pairs: Tensor | None = None) -> Tensor:
        """x ([batch,] time, embed) -> the same shape."""

        def feed(a: Tensor) -> Tensor:
            y: Tensor = self.second(self.activation(self.first(a)))
            return y

        if self.pre:
            normed = self.norm1(x)
            a = x + self.attention(normed, normed, normed, padding, pairs)
            y: Tensor = a + feed(self.norm2(a))
            return y
        a = self.norm1(x + self.attention(x, x, x, padding, pairs))
        z: Tensor = self.norm2(a + feed(a))
        return z


@lowers("transformer_encoder_layer")
def transformer_encoder_layer(scope: Scope, c: Call) -> Built:
    """As nn.TransformerEncoderLayer in eval mode, with any activation."""
    try:
        core = EncoderLayer(scope, c)
    except KeyError as error:
        raise refusal(c, f"no form of its activation {error} is known") from None
    return _called(core, c, ("x",))
