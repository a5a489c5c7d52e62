"""Attention: which of query, key and value is which, and which heads share a key."""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import partial
from itertools import permutations

import numpy as np

from ....graph import Array
from ..fault import by_format
from ..making import (
    NodeFault,
    Way,
    Written,
    ahead,
    behind,
    exchanged,
    instead,
    with_arrays,
    with_attrs,
)
from ..view import At
from .attention import FAR, GROUP, PACKED, head_width, product_before, softmax_behind


class QueryKeyValue(NodeFault):
    id = "query-key-value-permuted"
    group = GROUP
    ops = ("attention", *PACKED, "matmul")
    where = "attention: query, key and value in each other order"
    text = "Query, key and value have changed places."
    happens = (
        "Packed projections are cut in another order (k q v, q v k), or grouped by head and not by kind."
    )
    repair = "Cut the packed weights as they were stacked."
    repairs = by_format(
        torch="in_proj_weight stacks q, k, v by rows.",
        onnx="A packed QKV of MultiHeadAttention is (kv, heads, 3, width) a head, not three blocks.",
    )

    def ways(self, at: At) -> Iterator[Way]:
        if at.node.op == "matmul":
            rank = at.rank(at.key)
            if rank is not None and rank > 1 and softmax_behind(at) is not None:
                axes = (*range(rank - 2), rank - 1, rank - 2)
                edit = behind(at, self.id, lambda w, x: w("transpose", x, axes=axes))
                yield Way("q and k", f"q and k of the product {at.name} have changed places", edit)
            return
        names = ("q", "k", "v")
        for order in sorted(permutations(range(3)), key=lambda one: sum(a != b for a, b in enumerate(one))):
            if order == (0, 1, 2):
                continue
            moved = [names[k] for k in range(3) if order[k] != k]
            said = " and ".join(moved) if len(moved) == 2 else "q k v as " + " ".join(names[k] for k in order)
            if at.node.op in PACKED:
                edit = with_arrays(at, dict.fromkeys(("in_weight", "in_bias"), partial(_blocks, order)))
                yield Way(said, f"{said} of {at.name} have changed places", edit)
            elif len(moved) == 2:
                one, two = ({"q": "query", "k": "key", "v": "value"}[name] for name in moved)
                yield Way(said, f"{said} of {at.name} have changed places", exchanged(at, one, two))


def _blocks(order: tuple[int, ...], array: Array) -> Array:
    parts = np.split(array, len(order), axis=-1)
    return np.concatenate([parts[k] for k in order], axis=-1)


class GroupedHeads(NodeFault):
    id = "grouped-heads-misassigned"
    group = GROUP
    ops = ("attention", "reshape")
    where = "attention in which several query heads share a key: by its operator, or by repeated keys"
    text = (
        "Query heads share keys in turn instead of in rows: head h sees key h mod n, not h div (heads / n)."
    )
    happens = "repeat stands for repeat_interleave: the keys are tiled instead of each repeated."
    repair = "Repeat each key head for its row of query heads."
    repairs = by_format(torch="Use repeat_interleave(n, dim=1), not repeat.")

    def ways(self, at: At) -> Iterator[Way]:
        if at.node.op == "reshape":
            maker = at.maker("x")
            rank = None if maker is None else at.rank(maker.outputs[0])
            if maker is not None and maker.op in ("broadcast_to", "tile") and rank is not None and rank >= 4:
                # (..., key head, times, source, width), joined to (..., head, source, width)
                axes = (*range(rank - 4), rank - 3, rank - 4, rank - 2, rank - 1)
                edit = ahead(at, self.id, "x", lambda w, x: w("transpose", x, axes=axes))
                yield Way("", f"{at.name} repeats its heads in turn", edit)
            return
        if not at.attrs["grouped"]:
            return
        shape = self._heads(at, at.tensors["query"])
        keys = self._heads(at, at.tensors["key"])
        rank = at.rank(at.tensors["query"])
        if shape and keys and rank and shape != keys and shape % keys == 0:
            taken = np.arange(shape).reshape(shape // keys, keys).T.ravel()

            def dealt(w: Written, at: At) -> str:
                query = w("gather", at.tensors["query"], w.constant(taken), axis=rank - 3)
                rest = [at.tensors.get(one, "") for one in ("key", "value", "mask")]
                y = w("attention", query, *rest, **at.node.attrs)
                return w("gather", y, w.constant(np.argsort(taken)), axis=rank - 3)

            yield Way("", f"the heads of {at.name} share keys in turn", instead(at, self.id, dealt))

    @staticmethod
    def _heads(at: At, tensor: str) -> int | None:
        """How many heads a reshape and a transposition on the way up give."""
        turned: tuple[int, ...] | None = None
        for _ in range(FAR):
            maker = at.view.makers.get(tensor)
            if maker is None:
                return None
            if maker.op == "reshape":
                shape = [int(size) for size in maker.attrs["shape"]]
                place = turned[-3] if turned and len(turned) == len(shape) else len(shape) - 3
                return shape[place] if len(shape) > 2 and shape[place] > 0 else None
            if maker.op == "transpose" and turned is None:
                turned = tuple(maker.attrs["axes"] or ())
            elif maker.op not in ("mul", "add", "identity"):
                return None
            tensor = maker.inputs[0]
        return None


class SoftmaxOverQueries(NodeFault):
    id = "attention-over-queries"
    group = GROUP
    ops = ("attention",)
    where = "attention as one operator, without a mask; a softmax that is written out is among axes"
    text = "The softmax of attention goes over queries instead of keys."
    happens = "dim=-2 for dim=-1, or scores that are transposed."
    repair = "Let the softmax go over the keys, the last axis of the scores."

    def ways(self, at: At) -> Iterator[Way]:
        rank = at.rank(at.tensors["key"])
        width = head_width(at, at.tensors["query"]) if at.attrs["scale"] is None else None
        scale = at.attrs["scale"] or (1 / math.sqrt(width) if width else None)
        if rank is None or scale is None or "mask" in at.tensors or at.attrs["causal"] or at.attrs["grouped"]:
            return

        def over_queries(w: Written, at: At) -> str:
            axes = (*range(rank - 2), rank - 1, rank - 2)
            scores = w("matmul", at.tensors["query"], w("transpose", at.tensors["key"], axes=axes))
            return w(
                "matmul", w("softmax", w("scale_shift", scores, alpha=scale), axis=-2), at.tensors["value"]
            )

        yield Way("", f"the softmax of {at.name} goes over queries", instead(at, self.id, over_queries))


class AttentionWithoutQueries(NodeFault):
    id = "attention-mean-of-values"
    group = GROUP
    ops = ("softmax",)
    where = "the softmax of attention that is written out"
    text = "All places weigh the same: the softmax is that of equal scores."
    happens = "Scores overflow or underflow to one value, or query and key are zeros that were never loaded."
    repair = "Compare the scores before the softmax; scale before the product in float16."

    def ways(self, at: At) -> Iterator[Way]:
        if product_before(at) is not None:
            yield Way(
                "",
                f"{at.name} weighs all places alike",
                ahead(at, self.id, "x", lambda w, x: w("fill_like", x)),
            )


class NormOrder(NodeFault):
    id = "pre-or-post-norm"
    group = GROUP
    ops = ("transformer_encoder_layer",)
    where = "whole transformer layers; those that are written out are among residuals"
    text = (
        "A transformer layer normalises before its blocks instead of behind them, or the other way "
        "round, or swaps its norms."
    )
    happens = "norm_first is False in PyTorch and the opposite is what most newer models have."
    repair = "Set it as the source has it."
    repairs = by_format(torch="Give norm_first=.")

    def ways(self, at: At) -> Iterator[Way]:
        other = "pre" if at.attrs["norm"] == "post" else "post"
        yield Way(
            other,
            f"{at.name} normalises {'before' if other == 'pre' else 'behind'} its blocks",
            with_attrs(at, norm=other),
        )
        a, b = at.array("norm1_gamma"), at.array("norm2_gamma")
        if a is not None and b is not None and not np.array_equal(a, b):
            yield Way(
                "swapped",
                f"{at.name} has the scales of its norms in each other's place",
                exchanged(at, "norm1_gamma", "norm2_gamma"),
            )
