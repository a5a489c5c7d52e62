"""onnxruntime's attention. That of ONNX itself is read by its definition."""

from __future__ import annotations

import numpy as np

from ..node import Op, reads
from ..scope import Kind

DOMAIN = "com.microsoft"


@reads("Attention", domain=DOMAIN)
def attention(op: Op) -> None:
    """Self attention with one product for query, key and value"""
    op.ignore("past_present_share_buffer")  # how memory is used
    if op.attr("do_rotary", 0) or op.attr("rotary_embedding_dim", 0):
        op.declined("rotary positions inside Attention")
    heads = op.attr("num_heads")
    x, known = op.input(0), op.known(2)
    weight = op.known(1)
    wide = None if weight is None else weight.shape[1]
    sizes = op.attr("qkv_hidden_sizes", None) or (None if wide is None else (wide // 3,) * 3)
    if sizes is None:
        raise op.error("the widths of query, key and value are not known")
    product = [x, op.input(1)] if known is None and not op.has(2) else [x, op.input(1), op.input(2)]
    parts = op.temps("split", [op.temp("dense", product)], 3, axis=-1, sizes=tuple(sizes))
    q, k, v = (_heads(op, part, heads) for part in parts)
    if op.has(4):
        past = op.temps("split", [op.input(4)], 2, axis=0, count=2)
        k, v = (
            op.temp("concat", [op.temp("squeeze", [old], axes=(0,)), new], axis=2)
            for old, new in zip(past, (k, v), strict=True)
        )
    masks = [_padding(op, 3, k), op.input(5, optional=True)]
    _attended(op, q, k, v, masks, past=op.has(4))
    if op.wanted(1):
        op.give("stack", [k, v], output=1, kind=Kind(op.dtype(), (2, None, heads, None, None)), axis=0)


@reads("MultiHeadAttention", domain=DOMAIN)
def multi_head_attention(op: Op) -> None:
    """Attention of queries to keys and values that were projected before"""
    heads = op.attr("num_heads")
    if not op.has(1) or not op.has(2) or op.rank(0) != 3:
        op.declined("packed query, key and value")
    sides = [op.input(k) for k in range(3)]
    if op.has(3):
        widths = [op.shape(0)[2], op.shape(0)[2], op.shape(2)[-1] if op.rank(2) == 3 else op.shape(0)[2]]
        if not all(isinstance(n, int) for n in widths):
            raise op.error("the widths of query, key and value are not known")
        biases = op.temps("split", [op.input(3)], 3, axis=0, sizes=tuple(int(n or 0) for n in widths))
        sides = [
            op.temp("add", [side, bias]) if op.rank(k) == 3 else side
            for k, (side, bias) in enumerate(zip(sides, biases, strict=True))
        ]
    q, k, v = (_heads(op, side, heads) if op.rank(n) == 3 else side for n, side in enumerate(sides))
    if op.has(6):
        k, v = op.temp("concat", [op.input(6), k], axis=2), op.temp("concat", [op.input(7), v], axis=2)
    _attended(op, q, k, v, [_padding(op, 4, k), op.input(5, optional=True)], past=op.has(6))
    for place, tensor in ((1, k), (2, v)):
        if op.wanted(place):
            op.give("identity", [tensor], output=place, kind=Kind(op.dtype(), (None, heads, None, None)))


def _heads(op: Op, x: str, heads: int) -> str:
    """(batch, time, head * width) as (batch, head, time, width)."""
    return op.temp("transpose", [op.temp("reshape", [x], shape=(0, 0, heads, -1))], axes=(0, 2, 1, 3))


def _attended(op: Op, q: str, k: str, v: str, masks: list[str], *, past: bool) -> None:
    """The first output: attention, heads side by side again."""
    causal = op.attr("unidirectional", False, bool)
    scale = op.attr("scale", 0.0) or None
    given = [mask for mask in masks if mask]
    if causal and past:  # then frames are counted from the last one
        given, causal = [*given, _up_to_now(op, q, k)], False
    mask = op.temp("add", given) if len(given) > 1 else given[0] if given else ""
    y = op.temp("attention", [q, k, v, mask] if mask else [q, k, v], scale=scale, causal=causal)
    turned = op.temp("transpose", [y], axes=(0, 2, 1, 3))
    shape = op.kind(0).shape or (None, None)
    kind = Kind(op.dtype(), (shape[0], shape[1], None))
    op.give("reshape", [turned], output=0, kind=kind, shape=(0, 0, -1))


def _up_to_now(op: Op, queries: str, keys: str) -> str:
    """What is added to the scores (target, source), so that no query sees beyond its own frame: 0, and -inf."""
    axis, zero, one = (op.constant(np.int64(k), "number") for k in (2, 0, 1))
    lengths = [
        op.temp("gather", [op.temp("shape", [side], dtype="int64"), axis], dtype="int64")
        for side in (queries, keys)
    ]
    before = op.temp("sub", [lengths[1], lengths[0]], dtype="int64")
    now = op.temp("range_1d", [before, lengths[1], one], dtype="int64")
    places = op.temp("range_1d", [zero, lengths[1], one], dtype="int64")
    later = op.temp(
        "greater", [places, op.temp("expand_dims", [now], axes=(1,), dtype="int64")], dtype="bool"
    )
    return op.temp("select", [later, op.constant(float("-inf"), "shut"), op.constant(0.0, "open")])


def _padding(op: Op, place: int, keys: str) -> str:
    """A mask of keys (1 where there is one), or their number, as what is added to the scores; "" if there is none."""
    closed = op.attr("mask_filter_value", -10000.0)
    if not op.has(place):
        return ""
    rank = op.rank(place)
    mask = op.temp("cast", [op.input(place)], to="float")
    if rank == 1:
        batch = op.kind(0).shape
        if op.shape(place)[0] is None or (batch is not None and op.shape(place) != batch[:1]):
            op.declined("a mask of starts and ends")
        sizes = op.temp("shape", [keys], dtype="int64")
        length = op.temp("gather", [sizes, op.constant(np.int64(2), "axis")], dtype="int64")
        zero, one = op.constant(np.int32(0), "zero"), op.constant(np.int32(1), "one")
        places = op.temp("cast", [op.temp("range_1d", [zero, length, one], dtype="int64")], to="float")
        inside = op.temp("less", [places, op.temp("expand_dims", [mask], axes=(1,))], dtype="bool")
        mask, rank = op.temp("cast", [inside], to="float"), 2
    if rank not in (2, 3):
        op.declined(f"a mask of {rank} axes")
    shut = op.temp(
        "mul", [op.temp("sub", [op.constant(1.0, "one"), mask]), op.constant(float(closed), "closed")]
    )
    return op.temp("expand_dims", [shut], axes=(1, 2) if rank == 2 else (1,))
