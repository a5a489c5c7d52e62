"""MuQ with weights as a `Graph`: the reference that everything else is compared with.

Intermediate results are called as what the original's modules give: ``block0``, ``block1``, ``layer0/ffn1``,
``layer0/self_attn``, ``layer0/conv_module``, ``layer0/ffn2``, ``layer0/out`` (behind its last normalisation), and
``hidden0`` and so on for the hidden states.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from modelparity.graph import Array, Axis, Graph, Source

from ....state_dict_graphs import StateDictBuilder
from ..adapters import FACTORS, Adapters
from .sizes import ACTIVATIONS, Sizes

#: Its inputs and its output.
PICTURE, MASK, HIDDEN = "logmel", "mask", "hidden"
#: What is added to a score that does not count: the least float32, as the original has it.
LEAST = np.float32(np.finfo(np.float32).min)


def graph_of(
    sizes: Sizes,
    weights: Mapping[str, Array],
    *,
    states: Sequence[int] | None = None,
    outputs: Sequence[str] = (HIDDEN,),
    adapters: Adapters | None = None,
    source: Source | None = None,
) -> Graph:
    """logmel (batch, mel, frame) in dB, mask (batch, frame) -> hidden (state, batch, vector, width)

    ``states`` are those of the hidden states that are stacked, all if left out: 0 is the subsampling's output, n the
    output of the n-th layer, and the last one the encoder's normalisation of that of the last layer. ``outputs`` may
    name intermediate results instead. The mask is 1 where a frame counts, of which the first of a vector tells, and
    may be left out where all do: other vectors are 0 where the layers begin and are no keys, but convolutions see
    them, so that they reach those that count. ``adapters`` stand beside the layers that they change.
    """
    return _Muq(sizes, weights, adapters).written(
        range(sizes.layers + 1) if states is None else states, outputs, source
    )


class _Muq(StateDictBuilder):
    """Part by part; every method returns the name of the tensor that it gives."""

    def __init__(self, sizes: Sizes, weights: Mapping[str, Array], adapters: Adapters | None) -> None:
        super().__init__("muq", weights)
        if adapters is not None:
            adapters.check(weights)
        self.sizes, self.adapters = sizes, adapters

    def dense(self, x: str, layer: str, gives: str) -> str:
        """As of any layer, and what an adapter of the layer adds."""
        if self.adapters is None or layer not in self.adapters.pairs:
            return super().dense(x, layer, gives)
        base, low = super().dense(x, layer, f"{gives}_base"), x
        for name, factor in zip(FACTORS, self.adapters.pairs[layer], strict=True):
            low = self.node("dense", (low, self.constant(layer + name, factor.T)), f"{gives}{name}")
        scale = self.constant("adapters_scale", np.float32(self.adapters.scale))
        return self.node("add", (base, self.node("mul", (low, scale), f"{gives}_low")), gives)

    def written(self, states: Sequence[int], outputs: Sequence[str], source: Source | None) -> Graph:
        sizes = self.sizes
        axes = (Axis("batch"), Axis("mel", sizes.mels), Axis("frame"))
        self.given(PICTURE, *axes)
        self.given(MASK, axes[0], axes[2])
        x = self._subsampled()
        self._masks(x)
        x = self.node("select", ("padding", self.constant("zero", np.float32(0)), x), "hidden0")
        self._rotations(x)
        for layer in range(sizes.layers):
            x = self._layer(x, layer)
            if layer + 1 < sizes.layers:
                x = self.node("identity", x, f"hidden{layer + 1}")
        last = f"hidden{sizes.layers}"
        self.norm(x, "model.conformer.layer_norm", last, sizes.epsilon)
        if sizes.codes:
            self.dense(last, "model.linear", "logits")
        self.node("stack", [f"hidden{state}" for state in states], HIDDEN, axis=0)
        return self.graph(*outputs, source=source, defaults={MASK: 1.0})

    def _subsampled(self) -> str:
        """Two residual blocks over the picture, then channels and bands of a vector as one row, projected."""
        sizes = self.sizes
        x = self.node("sub", (PICTURE, self.constant("mean", np.float32(sizes.mean))), "centred")
        x = self.node("div", (x, self.constant("deviation", np.float32(sizes.deviation))), "normalised")
        x = self.node("expand_dims", x, "image", axes=(-1,))
        for block, stride in enumerate(sizes.strides):
            own = f"model.conv.conv.{block}"
            self.origin = own
            y = self._image(x, f"{own}.conv1", f"{own}.bn1", (2, stride))
            y = self.node("relu", y, f"{own}.relu")
            y = self._image(y, f"{own}.conv2", f"{own}.bn2", (1, 1))
            x = self._image(x, f"{own}.conv3", f"{own}.bn3", (2, stride))
            x = self.node("relu", self.node("add", (y, x), f"{own}.add"), f"block{block}")
        self.origin = ""
        x = self.node("transpose", x, "by_vector", axes=(0, 2, 3, 1))
        x = self.node("reshape", x, "rows", shape=(0, 0, sizes.channels * sizes.bands))
        return self.dense(x, "model.conv.linear", "subsampled")

    def _masks(self, x: str) -> None:
        """padding (batch, vector, 1): what does not count; shut (batch, 1, 1, vector): the same of keys."""
        first = self.node("slice", x, "first_column", starts=(0,), ends=(1,), axes=(-1,))
        first = self.node("squeeze", first, "like_mask", axes=(-1,))  # a mask that is left out has size 1
        steps = {"starts": (0,), "ends": (None,), "axes": (1,), "steps": (self.sizes.each,)}
        told = self.node("slice", MASK, "mask_of_vectors", **steps)
        mask = self.node("broadcast_to", (told, first), "every_mask")
        closed = self.node("equal", (mask, self.constant("zero", np.float32(0))), "closed")
        self.node("expand_dims", closed, "padding", axes=(-1,))
        self.node("expand_dims", closed, "shut", axes=(1, 2))

    def _rotations(self, x: str) -> None:
        """cosines and sines (batch, vector, 1, width of a head) of position times frequency, each frequency twice."""
        size = self.sizes.width // self.sizes.heads
        frequencies = 1.0 / (self.sizes.base ** (np.arange(0, size, 2, dtype=np.float64) / size))
        column = self.node("slice", x, "a_column", starts=(0,), ends=(1,), axes=(-1,))
        ones = self.node("fill_like", column, "ones", value=1, to="int64")
        places = self.node(
            "cast", self.node("cumsum", ones, "places", axis=1, exclusive=True), "at", to="float"
        )
        rates = self.constant("frequencies", np.concatenate((frequencies, frequencies)).astype(np.float32))
        angles = self.node("expand_dims", self.node("mul", (places, rates), "turns"), "angles", axes=(2,))
        self.node("cos", angles, "cosines")
        self.node("sin", angles, "sines")

    def _layer(self, x: str, layer: int) -> str:
        """Half a feed-forward, attention, convolution, half a feed-forward: Gulati et al., "Conformer", 2020."""
        own, told = f"model.conformer.layers.{layer}", f"layer{layer}"
        self.origin = own
        x = self._fed(x, own, told, "ffn1")
        a = self._attention(self.norm(x, f"{own}.self_attn_layer_norm", f"{told}/attn_norm"), own, told)
        x = self.node("add", (x, a), f"{told}/attended")
        x = self.node("add", (x, self._convolved(x, f"{own}.conv_module", told)), f"{told}/convolved")
        x = self._fed(x, own, told, "ffn2")
        x = self.norm(x, f"{own}.final_layer_norm", f"{told}/out")
        self.origin = ""
        return x

    def _fed(self, x: str, own: str, told: str, part: str) -> str:
        y = self.norm(x, f"{own}.{part}_layer_norm", f"{told}/{part}_norm")
        y = self.dense(y, f"{own}.{part}.intermediate_dense", f"{told}/{part}_inner")
        y = self.node(ACTIVATIONS[self.sizes.activation], y, f"{told}/{part}_active")
        y = self.dense(y, f"{own}.{part}.output_dense", f"{told}/{part}")
        half = self.node("mul", (y, self.constant("half", np.float32(0.5))), f"{told}/{part}_half")
        return self.node("add", (x, half), f"{told}/{part}_fed")

    def _attention(self, x: str, own: str, told: str) -> str:
        """softmax(q k^T / sqrt(width of a head)) v of each head; q and k are made of what was turned, v is not."""
        sizes, size = self.sizes, self.sizes.width // self.sizes.heads
        heads = self.node("reshape", x, f"{told}/heads", shape=(0, 0, sizes.heads, size))
        first, second = self.halves(heads, f"{told}/first_half", f"{told}/second_half")
        swapped = self.node(
            "concat", (self.node("neg", second, f"{told}/minus"), first), f"{told}/swapped", axis=-1
        )
        turned = self.node(
            "add",
            (
                self.node("mul", (heads, "cosines"), f"{told}/along"),
                self.node("mul", (swapped, "sines"), f"{told}/across"),
            ),
            f"{told}/turned_heads",
        )
        turned = self.node("reshape", turned, f"{told}/turned", shape=(0, 0, sizes.width))
        parts = {}
        for part, given, axes in (
            ("q", turned, (0, 2, 1, 3)),
            ("k", turned, (0, 2, 3, 1)),
            ("v", x, (0, 2, 1, 3)),
        ):
            y = self.dense(given, f"{own}.self_attn.linear_{part}", f"{told}/{part}")
            y = self.node("reshape", y, f"{told}/{part}_parts", shape=(0, 0, sizes.heads, size))
            parts[part] = self.node("transpose", y, f"{told}/{part}_heads", axes=axes)
        scores = self.node("matmul", (parts["q"], parts["k"]), f"{told}/products")
        scale = self.constant("scale", np.float32(math.sqrt(size)))
        scores = self.node("div", (scores, scale), f"{told}/scores")
        scores = self.node("select", ("shut", self.constant("least", LEAST), scores), f"{told}/open_scores")
        y = self.node("softmax", scores, f"{told}/attention", axis=-1)
        y = self.node("matmul", (y, parts["v"]), f"{told}/mixed")
        y = self.node("transpose", y, f"{told}/mixed_vectors", axes=(0, 2, 1, 3))
        y = self.node("reshape", y, f"{told}/mixed_width", shape=(0, 0, sizes.width))
        return self.dense(y, f"{own}.self_attn.linear_out", f"{told}/self_attn")

    def _convolved(self, x: str, own: str, told: str) -> str:
        """Gated, then over time each channel by itself. The mask is not asked: padding reaches what is beside it."""
        x = self.norm(x, f"{own}.layer_norm", f"{told}/conv_norm")
        x = self.dense(x, f"{own}.pointwise_conv1", f"{told}/pointwise1")
        kept, gate = self.halves(x, f"{told}/kept", f"{told}/gate")
        x = self.node("mul", (kept, self.node("sigmoid", gate, f"{told}/opening")), f"{told}/gated")
        name, beside = f"{own}.depthwise_conv.weight", self.sizes.kernel // 2
        kernel = self.constant(name, np.ascontiguousarray(np.transpose(self.weights[name], (2, 1, 0))))
        padding = ((beside, beside),)
        x = self.node("conv", (x, kernel), f"{told}/depthwise", padding=padding, groups=self.sizes.width)
        x = self.batch_norm(x, f"{own}.batch_norm", f"{told}/batch_norm")
        x = self.node(ACTIVATIONS[self.sizes.activation], x, f"{told}/conv_active")
        return self.dense(x, f"{own}.pointwise_conv2", f"{told}/conv_module")

    def _image(self, x: str, conv: str, norm: str, strides: tuple[int, int]) -> str:
        name = f"{conv}.weight"
        kernel = self.constant(name, np.ascontiguousarray(np.transpose(self.weights[name], (2, 3, 1, 0))))
        given = (x, kernel, self.weight(f"{conv}.bias"))
        x = self.node("conv", given, conv, strides=strides, padding=((1, 1), (1, 1)))
        return self.batch_norm(x, norm, norm)
