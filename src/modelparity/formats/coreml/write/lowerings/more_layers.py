"""Layers of a NeuralNetwork for operations that are written out of other kinds of layers' parts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ...proto import module
from ..layers import Filler, Layers, field, fills

#: The least float32 above 0.
SMALLEST = 2.0**-149


def _unary(kind: str) -> Filler:
    """A function of the unary layer, of the operand as it is."""

    def write(layer: Any, p: dict[str, Any], b: Layers) -> Sequence[str]:
        layer.unary.type = module("NeuralNetwork").UnaryFunctionLayerParams.Operation.Value(kind)
        layer.unary.scale = 1.0
        return [b.name(p["x"])]

    return write


def _two(name: str) -> Filler:
    def write(layer: Any, p: dict[str, Any], b: Layers) -> Sequence[str]:
        getattr(layer, name).SetInParent()
        return [b.name(b.value(p[key])) for key in ("x", "y")]

    return write


for _operation, _kind in {"sqrt": "SQRT", "exp": "EXP", "abs": "ABS"}.items():
    fills(_operation)(_unary(_kind))
for _operation, _layer in {
    "maximum": "maxBroadcastable",
    "minimum": "minBroadcastable",
    "pow": "powBroadcastable",
    "floor_div": "floorDivBroadcastable",
    "mod": "modBroadcastable",
    "matmul": "batchedMatmul",
}.items():
    fills(_operation)(_two(_layer))
for _operation in ("erf", "floor", "ceil", "round", "sign", "sin", "cos", "tan"):
    fills(_operation)(field(_operation))
fills("sigmoid_hard")(field("activation.sigmoidHard", alpha="alpha", beta="beta"))
fills("tile")(field("tile", reps="reps"))


@fills("log")
def log_layer(layer: Any, p: dict[str, Any], b: Layers) -> Sequence[str]:
    """log(x + epsilon), with the least number above 0 for none, as coremltools has it: it shows of 0 alone.

    A field of 0 is one that is left out, where Apple's engine may take an epsilon of its own.
    """
    layer.unary.epsilon = p["epsilon"] or SMALLEST
    return _unary("LOG")(layer, p, b)


@fills("square")
def square_layer(layer: Any, p: dict[str, Any], b: Layers) -> Sequence[str]:
    """The operand times itself."""
    layer.multiplyBroadcastable.SetInParent()
    return [b.name(p["x"])] * 2


@fills("split")
def split_layer(layer: Any, p: dict[str, Any], b: Layers) -> Sequence[str]:
    """splitND."""
    layer.splitND.axis = p["axis"]
    layer.splitND.numSplits = len(p["split_sizes"])
    layer.splitND.splitSizes.extend(p["split_sizes"])
    return [b.name(p["x"])]


@fills("gelu")
def gelu_layer(layer: Any, p: dict[str, Any], b: Layers) -> Sequence[str]:
    """gelu, whose modes have other names."""
    layer.gelu.mode = {"EXACT": 0, "TANH_APPROXIMATION": 1}[p["mode"]]
    return [b.name(p["x"])]
