"""onnxruntime's embeddings of words and of positions. Those of ONNX itself are read by their definitions."""

from __future__ import annotations

import numpy as np

from ..node import Op, reads
from ..scope import Kind

DOMAIN = "com.microsoft"


@reads("RotaryEmbedding", domain=DOMAIN)
def rotary_embedding(op: Op) -> None:
    """y = x with pairs of features turned by angles that grow with the position"""
    op.ignore("is_packed_batching")  # which changes nothing for one sequence a row
    if op.attr("scale", 1.0) != 1.0:
        op.declined("scaled rotary positions")
    half = op.shape(2)[1]
    if not isinstance(half, int):
        raise op.error("the width of the cosines is not known")
    heads, part, pairs = (
        op.attr("num_heads", 0),
        op.attr("rotary_embedding_dim", 0),
        op.attr("interleaved", 0),
    )
    flat, x = op.rank(0) == 3, op.input(0)
    if part and not heads:
        raise op.error("num_heads is missing, which rotary_embedding_dim needs")
    if flat:  # (batch, time, head, feature), else (batch, head, time, feature)
        x = op.temp("reshape", [x], shape=(0, 0, heads if part else -1, -1 if part else 2 * half))
    places = op.input(1)
    if op.shape(1) == (1,):
        sizes = op.temp("shape", [op.input(0)], dtype="int64")
        length = op.temp("gather", [sizes, op.constant(np.int64(1 if flat else 2), "axis")], dtype="int64")
        begin = op.temp("reshape", [places], dtype="int64", shape=())
        end = op.temp("add", [begin, length], dtype="int64")
        places = op.temp("range_1d", [begin, end, op.constant(np.int64(1), "one")], dtype="int64")
        places = op.temp("expand_dims", [places], dtype="int64", axes=(0,))
    axis = 2 if flat else 1
    cos, sin = (
        op.temp("expand_dims", [op.temp("embedding", [places, op.input(k)])], axes=(axis,)) for k in (2, 3)
    )
    rest = ""
    if part:
        x, rest = (
            op.temp("slice", [x], starts=(start,), ends=(end,), axes=(-1,))
            for start, end in ((0, part), (part, None))
        )
    if pairs:
        split = op.temp("reshape", [x], shape=(0, 0, 0, half, 2))
        one, two = (op.temp("gather", [split, op.constant(np.int64(k), "side")], axis=4) for k in (0, 1))
    else:
        one, two = op.temps("split", [x], 2, axis=-1, count=2)
    low = op.temp("sub", [op.temp("mul", [one, cos]), op.temp("mul", [two, sin])])
    high = op.temp("add", [op.temp("mul", [one, sin]), op.temp("mul", [two, cos])])
    if pairs:
        y = op.temp("reshape", [op.temp("stack", [low, high], axis=4)], shape=(0, 0, 0, 2 * half))
    else:
        y = op.temp("concat", [low, high], axis=-1)
    if rest:
        y = op.temp("concat", [y, rest], axis=-1)
    if flat:
        op.give("reshape", [y], kind=op.kind(), shape=(0, 0, -1))
    else:
        op.give("identity", [y], kind=op.kind())


@reads("EmbedLayerNormalization", domain=DOMAIN)
def embed_layer_norm(op: Op) -> None:
    """y = norm(word + position + segment)"""
    op.ignore("mask_index_type")  # says what the second output is, which is only given for a mask
    total = op.temp("embedding", [op.input(0), op.input(2)], dtype=op.dtype(2))
    if op.has(8):
        places = op.temp("embedding", [op.input(8), op.input(3)], dtype=op.dtype(2))
    else:
        sizes = op.temp("shape", [op.input(0)], dtype="int64")
        length = op.temp("gather", [sizes, op.constant(np.array([1]), "axis")], dtype="int64")
        begin = op.constant(np.array([0]), "begin")
        places = op.temp("slice_between", [op.input(3), begin, length], dtype=op.dtype(2))
    total = op.temp("add", [total, places], dtype=op.dtype(2))
    if op.has(1) and op.has(4):
        total = op.temp(
            "add",
            [total, op.temp("embedding", [op.input(1), op.input(4)], dtype=op.dtype(2))],
            dtype=op.dtype(2),
        )
    ids = op.kind(0).shape
    kind = Kind(op.dtype(2), None if ids is None else (*ids, op.shape(2)[1]))
    op.give("layer_norm", [total, *op.inputs(5, 6)], output=0, kind=kind, epsilon=op.attr("epsilon", 1e-12))
    if op.wanted(1):
        if op.has(7):
            wide = op.temp("cast", [op.input(7)], dtype="int32", to="int32")
            op.give(
                "reduce_sum",
                [wide],
                output=1,
                kind=Kind("int32", None if ids is None else ids[:1]),
                axes=(1,),
            )
        else:
            zeros = op.temp("mul", [op.input(0), op.constant(np.int32(0), "zero")], dtype="int32")
            op.give(
                "reduce_max",
                [zeros],
                output=1,
                kind=Kind("int32", None if ids is None else ids[:1]),
                axes=(1,),
            )
    if op.wanted(2):
        op.give("identity", [total], output=2, kind=kind)
