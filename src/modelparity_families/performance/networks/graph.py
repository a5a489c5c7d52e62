"""Pooling, scores and comparing, as nodes of a graph."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

import numpy as np

from modelparity.graph import Graph, Source

from ...state_dict_graphs import StateDictBuilder

#: What two performances are told apart by.
SIDES = ("_a", "_b")


class JudgeBuilder(StateDictBuilder, ABC):
    """Parts of every encoder; ``side`` tells two performances apart in the names of inputs and results."""

    @abstractmethod
    def performance(self, side: str) -> None:
        """A performance as inputs: what the encoder takes, and ``mask``, which is 1 where a place counts."""

    @abstractmethod
    def encoded(self, side: str) -> str:
        """z (batch, hidden) of a performance."""

    def judged(self, outputs: Sequence[str], source: Source | None) -> Graph:
        """The graph of one performance: ``scores``."""
        self.performance("")
        self.scores(self.encoded(""), "")
        return self.graph(*outputs, source=source, defaults={"mask": 1.0})

    def paired(self, outputs: Sequence[str], source: Source | None, *, contrast: str, labels: int) -> Graph:
        """The graph of two performances: ``ranking_logits``, and scores and proj of each; ``contrast`` makes proj."""
        for side in SIDES:
            self.performance(side)
        found = [self.encoded(side) for side in SIDES]
        for z, side in zip(found, SIDES, strict=True):
            self.projected(z, contrast, side)
            self.scores(z, side)
        self.compared(found[0], found[1], labels)
        return self.graph(*outputs, source=source, defaults={f"mask{side}": 1.0 for side in SIDES})

    def pooled(self, x: str, mask: str, layer: str, side: str) -> str:
        """pooled (batch, width): frames weighed by attention, of those whose mask is not 0.

        On the way ``closed`` (batch, frame), what does not count, ``attn_scores`` and ``attention`` (batch, frame).
        """
        y = self.node("tanh", self.dense(x, f"{layer}.0", f"attn_inner{side}"), f"attn_tanh{side}")
        y = self.node(
            "squeeze", self.dense(y, f"{layer}.2", f"attn_column{side}"), f"attn_scores{side}", axes=(-1,)
        )
        zero, never = self.constant("zero", np.float32(0)), self.constant("never", np.float32(-np.inf))
        closed = self.node("equal", (mask, zero), f"closed{side}")
        y = self.node("select", (closed, never, y), f"attn_open{side}")
        y = self.node("softmax", y, f"attention{side}", axis=-1)
        y = self.node("expand_dims", y, f"attention_column{side}", axes=(-1,))
        return self.node(
            "reduce_sum", self.node("mul", (x, y), f"weighted{side}"), f"pooled{side}", axes=(1,)
        )

    def projected(self, z: str, layer: str, side: str) -> str:
        """proj (batch, projection): what is contrasted."""
        y = self.node("gelu", self.dense(z, f"{layer}.0", f"projection0{side}"), f"projection1{side}")
        return self.dense(y, f"{layer}.2", f"proj{side}")

    def scores(self, z: str, side: str) -> str:
        """scores (batch, label)."""
        y = self.node("gelu", self.dense(z, "regression_head.0", f"regression0{side}"), f"regression1{side}")
        return self.node("sigmoid", self.dense(y, "regression_head.3", f"regression3{side}"), f"scores{side}")

    def compared(self, a: str, b: str, labels: int) -> str:
        """ranking_logits (batch, label), of both, their difference and their product."""
        parts = (a, b, self.node("sub", (a, b), "difference"), self.node("mul", (a, b), "product"))
        y = self.dense(self.node("concat", parts, "compared", axis=-1), "comparator.0", "comparator0")
        y = self.node("gelu", self.norm(y, "comparator.1", "comparator1"), "comparator2")
        y = self.node("gelu", self.dense(y, "comparator.4", "comparator4"), "comparator5")
        rows = [self.weights[f"ranking_heads.{label}.weight"] for label in range(labels)]
        biases = [self.weights[f"ranking_heads.{label}.bias"] for label in range(labels)]
        heads = self.constant("ranking_heads.weight", np.concatenate(rows).T)
        bias = self.constant("ranking_heads.bias", np.concatenate(biases))
        return self.node("dense", (y, heads, bias), "ranking_logits")
