"""Pooling, scores and comparing, as nodes of a graph."""

from __future__ import annotations

import numpy as np

from ...state_dict_graphs import StateDictBuilder


class JudgeBuilder(StateDictBuilder):
    """Parts of every encoder; ``side`` tells two performances apart in the names of results."""

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
