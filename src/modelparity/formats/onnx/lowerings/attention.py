"""Attention and the Transformer encoder layer, in plain operators."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np

from ....engine.bound_node import Call, defaults
from ..activations import ACTIVATIONS, activate
from ..builder import Builder, refusal
from ..lowering import lowers


@lowers("attention")
def attention(b: Builder, c: Call) -> None:
    """softmax(q k^T scale + mask) v."""
    q, k, v = (c.tensors[key] for key in ("query", "key", "value"))
    names = [b.get(q), b.get(k), b.get(v)]
    if c.attrs["grouped"]:
        heads = b.shapes[q][-3] if b.rank(q) > 2 else 1
        names[1:] = [_spread(b, c, tensor, heads) for tensor in (k, v)]
    scale = c.attrs["scale"]
    scale = int(b.shapes[q][-1]) ** -0.5 if scale is None else float(scale)
    mask = c.tensors.get("mask")
    kind = b.kinds[mask] if mask else "f"
    y = _attend(b, names, (b.rank(q), b.rank(k)), scale, b.get(mask) if mask else None, kind, c.attrs)
    b.result(c.node.outputs[0], "MatMul", [y, names[2]])


def _spread(b: Builder, c: Call, tensor: str, heads: int | str) -> str:
    """Key or value heads, each repeated for its group of query heads."""
    have = b.shapes[tensor][-3] if b.rank(tensor) > 2 else 1
    if have in (1, heads):
        return b.get(tensor)
    if not isinstance(have, int) or not isinstance(heads, int):
        raise refusal(c, "the number of heads is not fixed")
    index = b.ints(*np.repeat(np.arange(have), heads // have).tolist())
    return b.emit("Gather", [b.get(tensor), index], axis=b.rank(tensor) - 3)


def _attend(
    b: Builder,
    names: list[str],
    ranks: tuple[int, int],
    scale: float,
    mask: str | None,
    kind: str,
    attrs: Mapping[str, Any],
) -> str:
    """The attention weights (..., target, source)."""
    perm = [*range(ranks[1] - 2), ranks[1] - 1, ranks[1] - 2]
    scores = b.emit("MatMul", [names[0], b.emit("Transpose", [names[1]], perm=perm)])
    scores = b.emit("Mul", [scores, b.scalar(scale)])
    if mask is not None and kind == "b":
        scores = b.emit("Where", [mask, scores, b.scalar(-np.inf)])
    elif mask is not None:
        scores = b.emit("Add", [scores, mask])
    if attrs["causal"]:
        sizes = b.emit("Shape", [scores], start=-2)
        ones = b.emit("Expand", [b.scalar(1.0), sizes])
        open_ = b.emit("Cast", [b.emit("Trilu", [ones], upper=0)], to=9)  # 9: boolean
        scores = b.emit("Where", [open_, scores, b.scalar(-np.inf)])
    weights = b.emit("Softmax", [scores], axis=-1)
    if attrs["empty_row"] == "zero":
        empty = b.emit("IsInf", [b.emit("ReduceMax", [scores], axes=[-1], keepdims=1)], detect_positive=0)
        weights = b.emit("Where", [empty, b.scalar(0.0), weights])
    return weights


@lowers("multi_head_attention")
def multi_head_attention(b: Builder, c: Call) -> None:
    """Three projections, heads apart, attention, heads together, one projection."""
    tensors = [c.tensors[key] for key in ("query", "key", "value")]
    names = [b.get(tensor) for tensor in tensors]
    joined = _heads(b, c, names, b.rank(tensors[0]), int(b.shapes[tensors[0]][-1]))
    y = b.emit("MatMul", [joined, b.get(c.tensors["out_weight"])]) if "out_bias" in c.tensors else ""
    if y:
        b.result(c.node.outputs[0], "Add", [y, b.get(c.tensors["out_bias"])])
    else:
        b.result(c.node.outputs[0], "MatMul", [joined, b.get(c.tensors["out_weight"])])


def _heads(b: Builder, c: Call, names: list[str], rank: int, embed: int) -> str:
    """Everything before the last projection: (..., target, embed)."""
    weight, bias = b.constant(c, "in_weight"), b.constant(c, "in_bias")
    assert weight is not None
    heads, lead = int(c.attrs["heads"]), [0] * (rank - 1)
    swap = [*range(rank - 2), rank - 1, rank - 2, rank]
    parts = []
    for index, (name, role) in enumerate(zip(names, ("query", "key", "value"), strict=True)):
        part = slice(index * embed, (index + 1) * embed)
        y = b.emit("MatMul", [name, b.initial(f"{c.tensors['in_weight']}/{role}", weight[:, part])])
        if bias is not None:
            y = b.emit("Add", [y, b.initial(f"{c.tensors['in_bias']}/{role}", bias[part])])
        y = b.emit("Reshape", [y, b.ints(*lead, heads, embed // heads)])
        parts.append(b.emit("Transpose", [y], perm=swap))
    mask = _mask(b, c, rank, heads)
    weights = _attend(b, parts, (rank + 1, rank + 1), (embed // heads) ** -0.5, mask, "f", c.attrs)
    y = b.emit("Transpose", [b.emit("MatMul", [weights, parts[2]])], perm=swap)
    return b.emit("Reshape", [y, b.ints(*lead, embed)])


def _mask(b: Builder, c: Call, rank: int, heads: int) -> str | None:
    """Both masks as one to add. Boolean True shuts a place."""
    masks = []
    if padding := c.tensors.get("key_padding_mask"):
        axes = b.ints(0, 1) if rank == 2 else b.ints(1, 2)
        masks.append(b.emit("Unsqueeze", [_additive(b, padding), axes]))
    if pairs := c.tensors.get("attention_mask"):
        name = _additive(b, pairs)
        if b.rank(pairs) == 3 and rank == 3:  # (batch * heads, target, source)
            shape = b.emit("Concat", [b.ints(-1, heads), b.emit("Shape", [name], start=1)], axis=0)
            name = b.emit("Reshape", [name, shape])
        masks.append(name)
    if len(masks) == 2:
        return b.emit("Add", masks)
    return masks[0] if masks else None


def _additive(b: Builder, mask: str) -> str:
    if b.kinds[mask] != "b":
        return b.get(mask)
    return b.emit("Where", [b.get(mask), b.scalar(-np.inf), b.scalar(0.0)])


@lowers("transformer_encoder_layer")
def transformer_encoder_layer(b: Builder, c: Call) -> None:
    """Attention and a feed-forward net, each beside a residual path, normalised after or before."""
    x, rank = c.tensors["x"], b.rank(c.tensors["x"])
    embed, activation = int(b.shapes[x][-1]), c.attrs["activation"]
    if activation not in ACTIVATIONS:
        raise refusal(c, f"no form of its activation {activation} is known")

    def affine(name: str, which: str) -> str:
        y = b.emit("MatMul", [name, b.get(c.tensors[f"{which}_weight"])])
        bias = c.tensors.get(f"{which}_bias")
        return b.emit("Add", [y, b.get(bias)]) if bias else y

    def norm(name: str, which: str, last: Any = b.emit) -> str:
        gamma, beta = (c.tensors.get(f"{which}_{key}") for key in ("gamma", "beta"))
        scale = b.get(gamma) if gamma else b.initial(f"{c.node.name}/{which}", np.ones(embed, np.float32))
        inputs = [name, scale, *([b.get(beta)] if beta else [])]
        return str(last("LayerNormalization", inputs, axis=-1, epsilon=float(c.attrs["epsilon"])))

    def attend(name: str) -> str:
        return affine(_heads(b, c, [name] * 3, rank, embed), "out")

    def feed(name: str) -> str:
        return affine(activate(b, activation, affine(name, "ff1"), defaults(activation), b.emit), "ff2")

    result = partial(b.result, c.node.outputs[0])
    name = b.get(x)
    if c.attrs["norm"] == "post":
        a = norm(b.emit("Add", [name, attend(name)]), "norm1")
        norm(b.emit("Add", [a, feed(a)]), "norm2", result)
    else:
        a = b.emit("Add", [name, attend(norm(name, "norm1"))])
        result("Add", [a, feed(norm(a, "norm2"))])
