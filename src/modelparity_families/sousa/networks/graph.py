"""A network with weights as a `Graph`, step by step: the reference that everything else is compared with.

Intermediate results are called as what the original's modules give: ``embedded``, ``layer0/attention``,
``layer0/self_attn``, ``layer0/norm1``, ``layer0/linear1`` (before ReLU), ``layer0/linear2``, ``layer0/norm2``,
``pooled``, ``layer_norm``.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from modelparity.graph import Array, Axis, Graph, Node, Source, TensorSpec

from ...state_dict_graphs import StateDictBuilder
from ..names import ONSETS
from .sizes import Sizes

#: Of `OnsetTransformer`: its input and output. Of `FeatureInference`: the same.
NAMES = {ONSETS: ("onset_features", "logits")}
OTHERS = ("raw_onsets", "features")
MASK = "attention_mask"
#: What `alone` takes.
ONE = "performance"


def graph_of(sizes: Sizes, weights: Mapping[str, Array], *, source: Source | None = None) -> Graph:
    """The network: strokes (batch, stroke, number), attention_mask (batch, stroke) -> logits or features.

    The mask is 1 for a stroke and 0 for padding, anywhere in a row; it may be left out where all are strokes. More
    strokes than there are positions for, or none, are refused. What the original leaves to the path that PyTorch
    takes is defined here: a row of padding alone attends to nothing, and padding counts as 0 behind the layers, so
    that `FeatureInference` gives its constant there, and `OnsetTransformer` that of a row without strokes.
    """
    return _Network(sizes, weights).written(source)


def alone(graph: Graph) -> Graph:
    """The network of `graph_of` on one performance that is all strokes: no batch, no mask.

    (stroke, number) -> (stroke, feature) or (class,).
    """
    given, mask = graph.inputs
    (gives,) = graph.outputs
    first = Node("one", "expand_dims", (ONE,), (given.name,), {"axes": (0,)})
    column = {"starts": (0,), "ends": (1,), "axes": (-1,)}
    filled = (
        Node("a_column", "slice", (given.name,), ("a_column",), column),
        Node("a_row", "squeeze", ("a_column",), ("a_row",), {"axes": (-1,)}),
        Node("all_strokes", "fill_like", ("a_row",), (mask.name,), {"value": 1.0}),
    )
    last = Node("of_one", "squeeze", (gives,), ("of_one",), {"axes": (0,)})
    return graph.changed(
        inputs=(TensorSpec(ONE, given.axes[1:]),),
        outputs=("of_one",),
        nodes=(first, *filled, *graph.nodes, last),
        defaults={},
    )


class _Network(StateDictBuilder):
    """Part by part; every method returns the name of the tensor that it gives."""

    def __init__(self, sizes: Sizes, weights: Mapping[str, Array]) -> None:
        super().__init__(sizes.network, weights)
        self.sizes = sizes

    def written(self, source: Source | None) -> Graph:
        sizes = self.sizes
        given, gives = NAMES.get(sizes.network, OTHERS)
        axes = (Axis("batch"), Axis("stroke", most=sizes.strokes))
        self.given(given, *axes, Axis("feature", sizes.input))
        self.given(MASK, *axes)
        padding = self._masks(given)
        x = self.node("add", ("projected", self._positions(given)), "embedded")
        for layer in range(sizes.layers):
            x = self._layer(x, layer)
        x = self.node("select", (padding, self.constant("zero", np.float32(0)), x), "encoded")
        if sizes.network == ONSETS:
            x = self._pooled(x)
        if sizes.final_norm:
            x = self.norm(x, "layer_norm", "layer_norm")
        self.dense(x, "classifier" if sizes.network == ONSETS else "output_proj", gives)
        return self.graph(gives, source=source, defaults={MASK: 1.0})

    def _masks(self, given: str) -> str:
        """Which strokes are padding, (batch, stroke, 1); which keys are shut, (batch, 1, 1, stroke), and which count.

        Where a row is nothing but padding no key is shut: it attends to all, and none of it is counted.
        """
        self.dense(given, "input_proj", "projected")
        first = self.node(
            "slice", given, "first_column", starts=(0,), ends=(1,), axes=(-1,)
        )  # for its shape: a mask that is left out has size 1
        first = self.node("squeeze", first, "like_mask", axes=(-1,))
        mask = self.node("broadcast_to", (MASK, first), "mask")
        zero = self.constant("zero", np.float32(0))
        padding = self.node("equal", (mask, zero), "padding")
        real = self.node("cast", self.node("not_equal", (mask, zero), "strokes"), "real", to="float")
        some = self.node("reduce_max", real, "any_stroke", axes=(-1,), keepdims=True)
        keys = self.node("less", (real, some), "shut_keys")
        self.node("expand_dims", keys, "shut", axes=(1, 2))
        self.node("expand_dims", mask, "counted", axes=(-1,))
        return self.node("expand_dims", padding, "padded", axes=(-1,))

    def _positions(self, given: str) -> str:
        table = self.weight("pos_embedding.weight")
        return self.node("crop_like", (table, "projected"), "positions", offset=(0, 0))

    def _layer(self, x: str, layer: int) -> str:
        """One layer of the encoder, normalised behind each part: Vaswani et al., 2017, section 3.1."""
        own = f"encoder.layers.{layer}"
        self.origin = own
        a = self._attention(x, layer)
        x = self.node("add", (x, a), f"layer{layer}/attended")
        x = self.norm(x, f"{own}.norm1", f"layer{layer}/norm1")
        f = self.dense(x, f"{own}.linear1", f"layer{layer}/linear1")
        f = self.node("relu", f, f"layer{layer}/relu")
        f = self.dense(f, f"{own}.linear2", f"layer{layer}/linear2")
        x = self.node("add", (x, f), f"layer{layer}/fed")
        x = self.norm(x, f"{own}.norm2", f"layer{layer}/norm2")
        self.origin = ""
        return x

    def _attention(self, x: str, layer: int) -> str:
        """softmax(q k^T / sqrt(width of a head)) v of each head, side by side, projected: (batch, stroke, width)."""
        own, sizes = f"encoder.layers.{layer}.self_attn", self.sizes
        width = sizes.width // sizes.heads
        packed = self.affine(x, f"{own}.in_proj_weight", f"{own}.in_proj_bias", f"layer{layer}/packed")
        parts = tuple(f"layer{layer}/{part}" for part in ("query", "key", "value"))
        self.node("split", packed, parts, axis=-1, count=3)
        heads = [
            self.node(
                "transpose",
                self.node("reshape", part, f"{part}_parts", shape=(0, 0, sizes.heads, width)),
                f"{part}_heads",
                axes=(0, 2, 3, 1) if part.endswith("key") else (0, 2, 1, 3),
            )
            for part in parts
        ]
        scores = self.node("matmul", heads[:2], f"layer{layer}/products")
        scale = self.constant("scale", np.float32(1 / math.sqrt(width)))
        scores = self.node("mul", (scores, scale), f"layer{layer}/scores")
        never = self.constant("never", np.float32(-np.inf))
        scores = self.node("select", ("shut", never, scores), f"layer{layer}/open_scores")
        attention = self.node("softmax", scores, f"layer{layer}/attention", axis=-1)
        y = self.node("matmul", (attention, heads[2]), f"layer{layer}/mixed")
        y = self.node("transpose", y, f"layer{layer}/mixed_strokes", axes=(0, 2, 1, 3))
        y = self.node("reshape", y, f"layer{layer}/mixed_width", shape=(0, 0, sizes.width))
        return self.dense(y, f"{own}.out_proj", f"layer{layer}/self_attn")

    def _pooled(self, x: str) -> str:
        """The mean of the strokes that count: (batch, width)."""
        x = self.node("mul", (x, "counted"), "weighted")
        total = self.node("reduce_sum", x, "total", axes=(1,))
        count = self.node("reduce_sum", "counted", "count", axes=(1,))
        return self.node("div", (total, self.node("clip", count, "divisor", min=1.0)), "pooled")
