"""The audio models with weights as graphs: the reference that everything else is compared with.

Intermediate results: ``layer0`` and so on (what layers of the backbone give), ``attn_scores``, ``pooled``, ``z``,
``proj``, ``scores``; in `pair_of` with ``_a`` and ``_b`` behind, and ``ranking_logits``.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from modelparity.graph import Array, Axis, Graph, Source

from ....state_dict_graphs import StateDictBuilder
from .sizes import Sizes


def scores_of(
    sizes: Sizes,
    weights: Mapping[str, Array],
    *,
    outputs: Sequence[str] = ("scores",),
    source: Source | None = None,
) -> Graph:
    """embeddings (batch, frame, feature), mask (batch, frame) -> scores (batch, label) between 0 and 1

    The mask is 1 where a frame counts, and may be left out where all do; a row of which none counts gives NaN. Layers
    of the backbone do not see it, so that frames that do not count change those that do.
    """
    network = _Encoders("scores", sizes, weights)
    network.performance("embeddings", "mask", "frame")
    network.scores(network.encoded("embeddings", "mask", ""), "")
    return network.graph(*outputs, source=source, defaults={"mask": 1.0})


def pair_of(
    sizes: Sizes,
    weights: Mapping[str, Array],
    *,
    outputs: Sequence[str] = ("ranking_logits", "z_a", "z_b", "proj_a", "proj_b"),
    source: Source | None = None,
) -> Graph:
    """embeddings_a (batch, frame, feature), mask_a (batch, frame), the same of b -> ranking_logits (batch, label)

    A logit above 0 says that a is above b. z (batch, hidden) is what each was encoded as, proj (batch, projection)
    what is contrasted. Masks as for `scores_of`.
    """
    network, sides = _Encoders("pair", sizes, weights), ("_a", "_b")
    for side in sides:
        network.performance(f"embeddings{side}", f"mask{side}", f"frame{side}")
    found = [network.encoded(f"embeddings{side}", f"mask{side}", side) for side in sides]
    for z, side in zip(found, sides, strict=True):
        network.projected(z, side)
        network.scores(z, side)
    network.compared(*found)
    return network.graph(*outputs, source=source, defaults={f"mask{side}": 1.0 for side in sides})


class _Encoders(StateDictBuilder):
    """Part by part; every method returns the name of the tensor that it gives."""

    def __init__(self, name: str, sizes: Sizes, weights: Mapping[str, Array]) -> None:
        sizes.check(weights)
        super().__init__(name, weights)
        self.sizes = sizes

    def performance(self, embeddings: str, mask: str, frame: str) -> None:
        """A performance as inputs: its embeddings, and which of its frames count."""
        axes = (Axis("batch"), Axis(frame))
        self.given(embeddings, *axes, Axis("feature", self.sizes.input))
        self.given(mask, *axes)

    def encoded(self, x: str, mask: str, side: str) -> str:
        """z (batch, hidden): layers of the backbone, pooling by attention, then two layers."""
        for layer in range(self.sizes.layers):
            x = self._thought(x, f"backbone.layers.{layer}", f"layer{layer}{side}")
        y = self.node("tanh", self.dense(x, "attn.0", f"attn_inner{side}"), f"attn_tanh{side}")
        y = self.node(
            "squeeze", self.dense(y, "attn.2", f"attn_column{side}"), f"attn_scores{side}", axes=(-1,)
        )
        zero, never = self.constant("zero", np.float32(0)), self.constant("never", np.float32(-np.inf))
        closed = self.node("equal", (mask, zero), f"closed{side}")
        y = self.node("select", (closed, never, y), f"attn_open{side}")
        y = self.node("softmax", y, f"attention{side}", axis=-1)
        y = self.node("expand_dims", y, f"attention_column{side}", axes=(-1,))
        y = self.node("reduce_sum", self.node("mul", (x, y), f"weighted{side}"), f"pooled{side}", axes=(1,))
        for first, gives in ((0, f"encoded{side}"), (4, f"z{side}")):
            y = self.dense(y, f"encoder.{first}", f"encoder{first}{side}")
            y = self.norm(y, f"encoder.{first + 1}", f"encoder{first + 1}{side}")
            y = self.node("gelu", y, gives)
        return y

    def projected(self, z: str, side: str) -> str:
        """proj (batch, projection)."""
        y = self.node("gelu", self.dense(z, "projection.0", f"projection0{side}"), f"projection1{side}")
        return self.dense(y, "projection.2", f"proj{side}")

    def scores(self, z: str, side: str) -> str:
        """scores (batch, label)."""
        y = self.node("gelu", self.dense(z, "regression_head.0", f"regression0{side}"), f"regression1{side}")
        return self.node("sigmoid", self.dense(y, "regression_head.3", f"regression3{side}"), f"scores{side}")

    def compared(self, a: str, b: str) -> str:
        """ranking_logits (batch, label), of both, their difference and their product."""
        parts = (a, b, self.node("sub", (a, b), "difference"), self.node("mul", (a, b), "product"))
        y = self.dense(self.node("concat", parts, "compared", axis=-1), "comparator.0", "comparator0")
        y = self.node("gelu", self.norm(y, "comparator.1", "comparator1"), "comparator2")
        y = self.node("gelu", self.dense(y, "comparator.4", "comparator4"), "comparator5")
        labels = range(self.sizes.labels)
        rows = [self.weights[f"ranking_heads.{label}.weight"] for label in labels]
        biases = [self.weights[f"ranking_heads.{label}.bias"] for label in labels]
        heads = self.constant("ranking_heads.weight", np.concatenate(rows).T)
        return self.node(
            "dense",
            (y, heads, self.constant("ranking_heads.bias", np.concatenate(biases))),
            "ranking_logits",
        )

    def _thought(self, x: str, own: str, gives: str) -> str:
        """A layer of the backbone: attention of one head, then a feed-forward, each behind a normalisation."""
        self.origin = own
        y = self.norm(x, f"{own}.norm1", f"{gives}/norm1")
        q, k, v = (self.dense(y, f"{own}.self_attn.{part}_proj", f"{gives}/{part}") for part in "qkv")
        turned = self.node("transpose", k, f"{gives}/keys", axes=(0, 2, 1))
        scale = self.constant("scale", np.float32(1 / math.sqrt(self.sizes.input)))
        y = self.node(
            "mul", (self.node("matmul", (q, turned), f"{gives}/products"), scale), f"{gives}/scores"
        )
        y = self.node("matmul", (self.node("softmax", y, f"{gives}/attention", axis=-1), v), f"{gives}/mixed")
        x = self.node(
            "add", (x, self.dense(y, f"{own}.self_attn.out_proj", f"{gives}/out")), f"{gives}/attended"
        )
        y = self.dense(self.norm(x, f"{own}.norm2", f"{gives}/norm2"), f"{own}.ffn.0", f"{gives}/ffn0")
        y = self.dense(self.node("gelu", y, f"{gives}/ffn1"), f"{own}.ffn.2", f"{gives}/ffn2")
        self.origin = ""
        return self.node("add", (x, y), gives)
