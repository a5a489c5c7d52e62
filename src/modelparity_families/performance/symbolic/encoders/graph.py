"""The symbolic encoders with weights as graphs: the reference that everything else is compared with.

Intermediate results: of S1 ``embed`` (words at their places), of S3 ``branch0`` and so on, ``cnn`` (batch, frame,
width); of both ``layer0`` and so on, ``attn_scores``, ``pooled``, ``z_symbolic``, ``proj``, ``scores``; in `pair_of`
with ``_a`` and ``_b`` behind, and ``ranking_logits``.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from modelparity.graph import Array, Axis, Graph, Source

from ...networks.graph import JudgeBuilder
from .sizes import POSITIONS, FrameSizes, Sizes, TokenSizes


def scores_of(
    sizes: Sizes,
    weights: Mapping[str, Array],
    *,
    outputs: Sequence[str] = ("scores",),
    source: Source | None = None,
) -> Graph:
    """input_ids (batch, token) or features (batch, frame, 5), mask -> scores (batch, label) between 0 and 1

    The mask (batch, token or frame) is 1 where a place counts, and may be left out where all do; a row of which none
    counts gives NaN. More places than there are positions for are refused. S3's convolutions do not see the mask, so
    that frames that do not count change those that do.
    """
    return _Encoders("scores", sizes, weights).judged(outputs, source)


def pair_of(
    sizes: Sizes,
    weights: Mapping[str, Array],
    *,
    outputs: Sequence[str] = ("ranking_logits", "z_symbolic_a", "z_symbolic_b", "proj_a", "proj_b"),
    source: Source | None = None,
) -> Graph:
    """The inputs of `scores_of` for a, then for b -> ranking_logits (batch, label), above 0 where a is above b

    z_symbolic (batch, hidden) is what each was encoded as, proj (batch, projection) what is contrasted.
    """
    network = _Encoders("pair", sizes, weights)
    return network.paired(outputs, source, contrast="contrastive_proj", labels=sizes.labels)


def masked_of(
    sizes: TokenSizes,
    weights: Mapping[str, Array],
    *,
    outputs: Sequence[str] = ("mlm_logits",),
    source: Source | None = None,
) -> Graph:
    """input_ids (batch, token), mask (batch, token) -> mlm_logits (batch, token, word): which word was masked"""
    network = _Encoders("masked", sizes, weights)
    network.performance("")
    y = network.dense(network.layers(""), "mlm_head.0", "mlm0")
    y = network.norm(network.node("gelu", y, "mlm1"), "mlm_head.2", "mlm2")
    network.dense(y, "mlm_head.3", "mlm_logits")
    return network.graph(*outputs, source=source, defaults={"mask": 1.0})


class _Encoders(JudgeBuilder):
    """Part by part; every method returns the name of the tensor that it gives. ``side`` tells two inputs apart."""

    def __init__(self, name: str, sizes: Sizes, weights: Mapping[str, Array]) -> None:
        sizes.check(weights)
        super().__init__(name, weights)
        self.sizes = sizes

    def performance(self, side: str) -> None:
        """A performance as inputs: its tokens or frames, and which of them count."""
        sizes = self.sizes
        axes = (Axis("batch"), Axis(f"{sizes.PLACE}{side}", most=sizes.places))
        if isinstance(sizes, FrameSizes):
            self.given(f"{sizes.TAKES}{side}", *axes, Axis("feature", sizes.channels))
        else:
            self.given(f"{sizes.TAKES}{side}", *axes, dtype="int64")
        self.given(f"mask{side}", *axes)

    def encoded(self, side: str) -> str:
        """z_symbolic (batch, hidden): places embedded, attending to each other, pooled and projected."""
        y = self.pooled(self.layers(side), f"mask{side}", "attn_pool", side)
        y = self.norm(self.dense(y, "projection.0", f"projected{side}"), "projection.1", f"normed{side}")
        return self.node("gelu", y, f"z_symbolic{side}")

    def layers(self, side: str) -> str:
        """(batch, place, width) behind the last layer; no normalisation follows it."""
        sizes = self.sizes
        x = self._framed(sizes, side) if isinstance(sizes, FrameSizes) else self._worded(side)
        table = self.constant(POSITIONS, self.weights[POSITIONS][0])
        places = self.node("crop_like", (table, x), f"positions{side}", offset=(0, 0))
        x = self.node("add", (x, places), f"embed{side}")
        zero = self.constant("zero", np.float32(0))
        shut = self.node("equal", (f"mask{side}", zero), f"shut_places{side}")
        shut = self.node("expand_dims", shut, f"shut{side}", axes=(1, 2))
        for layer in range(sizes.layers):
            x = self._layer(x, shut, f"transformer.layers.{layer}", f"layer{layer}{side}")
        return x

    def _worded(self, side: str) -> str:
        table = self.weight("token_embed.weight")
        return self.node("embedding", (f"input_ids{side}", table), f"words{side}")

    def _framed(self, sizes: FrameSizes, side: str) -> str:
        """cnn (batch, frame, width): convolutions of several lengths side by side, which see what does not count."""
        branches = []
        for number, length in enumerate(sizes.kernels):
            own, gives = f"cnn.branches.{number}", f"branch{number}{side}"
            kernel = np.ascontiguousarray(np.transpose(self.weights[f"{own}.0.weight"], (2, 1, 0)))
            given = (
                f"features{side}",
                self.constant(f"{own}.0.weight", kernel),
                self.weight(f"{own}.0.bias"),
            )
            y = self.node("conv", given, f"{gives}/conv", padding=((length // 2, length // 2),))
            branches.append(self.node("gelu", self.batch_norm(y, f"{own}.1", f"{gives}/norm"), gives))
        y = self.node("concat", branches, f"branches{side}", axis=-1)
        y = self.batch_norm(self.dense(y, "cnn.proj.0", f"cnn/mixed{side}"), "cnn.proj.1", f"cnn/norm{side}")
        return self.node("gelu", y, f"cnn{side}")

    def _layer(self, x: str, shut: str, own: str, gives: str) -> str:
        """Attention, then a feed-forward of four times the width, each behind a normalisation and added."""
        self.origin = own
        y = self._attended(self.norm(x, f"{own}.norm1", f"{gives}/norm1"), shut, f"{own}.self_attn", gives)
        x = self.node("add", (x, y), f"{gives}/attended")
        y = self.dense(self.norm(x, f"{own}.norm2", f"{gives}/norm2"), f"{own}.linear1", f"{gives}/linear1")
        y = self.dense(self.node("gelu", y, f"{gives}/gelu"), f"{own}.linear2", f"{gives}/linear2")
        y = self.node("add", (x, y), gives)
        self.origin = ""
        return y

    def _attended(self, x: str, shut: str, own: str, gives: str) -> str:
        """softmax(q k^T / sqrt(width of a head)) v of each head, over places that count."""
        sizes, size = self.sizes, self.sizes.width // self.sizes.heads
        packed = self.affine(x, f"{own}.in_proj_weight", f"{own}.in_proj_bias", f"{gives}/packed")
        parts = tuple(f"{gives}/{part}" for part in "qkv")
        self.node("split", packed, parts, axis=-1, count=3)
        heads = []
        for part, axes in zip(parts, ((0, 2, 1, 3), (0, 2, 3, 1), (0, 2, 1, 3)), strict=True):
            y = self.node("reshape", part, f"{part}_parts", shape=(0, 0, sizes.heads, size))
            heads.append(self.node("transpose", y, f"{part}_heads", axes=axes))
        scale = self.constant("scale", np.float32(1 / math.sqrt(size)))
        y = self.node("mul", (self.node("matmul", heads[:2], f"{gives}/products"), scale), f"{gives}/scores")
        never = self.constant("never", np.float32(-np.inf))
        y = self.node("select", (shut, never, y), f"{gives}/open_scores")
        y = self.node("softmax", y, f"{gives}/attention", axis=-1)
        y = self.node("matmul", (y, heads[2]), f"{gives}/mixed")
        y = self.node("transpose", y, f"{gives}/mixed_places", axes=(0, 2, 1, 3))
        y = self.node("reshape", y, f"{gives}/mixed_width", shape=(0, 0, sizes.width))
        return self.dense(y, f"{own}.out_proj", f"{gives}/self_attn")
