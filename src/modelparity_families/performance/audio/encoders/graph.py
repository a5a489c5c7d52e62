"""The audio models with weights as graphs: the reference that everything else is compared with.

Intermediate results: ``layer0`` and so on (what layers of the backbone give), ``attn_scores``, ``pooled``, ``z``,
``proj``, ``scores``; in `pair_of` with ``_a`` and ``_b`` behind, and ``ranking_logits``.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from modelparity.graph import Array, Axis, Graph, Source

from ...networks.graph import JudgeBuilder
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
    return _Encoders("scores", sizes, weights).judged(outputs, source)


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
    network = _Encoders("pair", sizes, weights)
    return network.paired(outputs, source, contrast="projection", labels=sizes.labels)


class _Encoders(JudgeBuilder):
    """Part by part; every method returns the name of the tensor that it gives."""

    def __init__(self, name: str, sizes: Sizes, weights: Mapping[str, Array]) -> None:
        sizes.check(weights)
        super().__init__(name, weights)
        self.sizes = sizes

    def performance(self, side: str) -> None:
        """Embeddings, and which of their frames count."""
        axes = (Axis("batch"), Axis(f"frame{side}"))
        self.given(f"embeddings{side}", *axes, Axis("feature", self.sizes.input))
        self.given(f"mask{side}", *axes)

    def encoded(self, side: str) -> str:
        """z (batch, hidden): layers of the backbone, pooling by attention, then two layers."""
        x = f"embeddings{side}"
        for layer in range(self.sizes.layers):
            x = self._thought(x, f"backbone.layers.{layer}", f"layer{layer}{side}")
        y = self.pooled(x, f"mask{side}", "attn", side)
        for first, gives in ((0, f"encoded{side}"), (4, f"z{side}")):
            y = self.dense(y, f"encoder.{first}", f"encoder{first}{side}")
            y = self.norm(y, f"encoder.{first + 1}", f"encoder{first + 1}{side}")
            y = self.node("gelu", y, gives)
        return y

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
