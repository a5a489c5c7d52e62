"""What the lowerings emit, as layers of a NeuralNetwork instead of MIL operations.

The operations that the lowerings use have layers of the same meaning, as far as this table goes; constants become
weights of a layer where it takes them, and layers of their own elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ....errors import ConversionError
from ....graph import Array
from ..proto import module
from .block import Block
from .values import Value

#: (layer to be filled, parameters that are tensors or constants, the block) -> names of the inputs.
Filler = Callable[[Any, dict[str, Any], "Layers"], Sequence[str]]

ACTIVATIONS = {"sigmoid": "sigmoid", "tanh": "tanh", "relu": "ReLU", "softsign": "softsign"}
BINARY = {
    "add": "addBroadcastable",
    "sub": "subtractBroadcastable",
    "mul": "multiplyBroadcastable",
    "real_div": "divideBroadcastable",
}
REDUCED = {
    "reduce_mean": "reduceMean",
    "reduce_sum": "reduceSum",
    "reduce_max": "reduceMax",
    "reduce_min": "reduceMin",
}


class Layers(Block):
    """A block whose operations are layers."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.known: dict[str, Array | str] = {}
        self._loaded: set[str] = set()

    def name(self, value: Value) -> str:
        """A value as an input of a layer; a constant is loaded by a layer of its own when first asked for."""
        raw = self.known.get(value.name)
        if isinstance(raw, np.ndarray) and value.name not in self._loaded:
            self._loaded.add(value.name)
            layer = self.layer(value.name, [], [value.name])
            shape = raw.shape or (1,)  # a layer cannot load what has no axis
            layer.loadConstantND.shape.extend(shape)
            fill(layer.loadConstantND.data, raw)
        return value.name

    def layer(self, name: str, inputs: Sequence[str], outputs: Sequence[str]) -> Any:
        """A new layer at the end, its kind still open."""
        made = module("NeuralNetwork").NeuralNetworkLayer(name=name, input=inputs, output=outputs)
        self.operations.append(made)
        return made

    def _const(self, made: Value, raw: Array | str) -> None:
        self.known[made.name] = raw

    def _append(
        self,
        kind: str,
        results: Sequence[Value],
        given: dict[str, Any],
        blocks: Sequence[Any] = (),
        attributes: dict[str, Any] | None = None,
    ) -> None:
        if any(value.shape == () for value in results):
            raise ConversionError(
                "a NeuralNetwork has no arrays without axes",
                where=self.writing.where,
                found=results[0].name,
                fix="keep an axis of size 1, or write an .mlpackage",
            )
        if kind not in FILLERS:
            raise ConversionError(
                f"a NeuralNetwork is not written with {kind!r}",
                where=self.writing.where,
                expected=", ".join(sorted(FILLERS)),
                fix="write an .mlpackage",
            )
        params = {key: self._resolved(one) for key, one in given.items()}
        layer = module("NeuralNetwork").NeuralNetworkLayer(
            name=results[0].name, output=[value.name for value in results]
        )
        layer.input.extend(FILLERS[kind](layer, params, self))
        self.operations.append(layer)

    def _resolved(self, one: Any) -> Any:
        """Tensors as values, constants of the formula as Python or numpy values."""
        if isinstance(one, tuple) and one and isinstance(one[0], Value):
            return list(one)
        if isinstance(one, Value):
            return one
        return one.tolist() if isinstance(one, np.ndarray) else one

    def array(self, value: Value) -> Array:
        """A constant as an array."""
        raw = self.known.get(value.name)
        if not isinstance(raw, np.ndarray):
            raise ConversionError(
                "a layer's weights are computed",
                where=self.writing.where,
                found=value.name,
                fix="write an .mlpackage",
            )
        return raw


def fill(field: Any, array: Array) -> None:
    """A ``WeightParams`` message."""
    field.floatValue.extend(np.asarray(array, np.float32).ravel().tolist())


def _activation(kind: str) -> Filler:
    def write(layer: Any, p: dict[str, Any], b: Layers) -> Sequence[str]:
        field = getattr(layer.activation, ACTIVATIONS[kind])
        field.SetInParent()
        return [b.name(p["x"])]

    return write


def _with_alpha(field: str) -> Filler:
    def write(layer: Any, p: dict[str, Any], b: Layers) -> Sequence[str]:
        getattr(layer.activation, field).alpha = p["alpha"]
        return [b.name(p["x"])]

    return write


def _binary(field: str) -> Filler:
    def write(layer: Any, p: dict[str, Any], b: Layers) -> Sequence[str]:
        getattr(layer, field).SetInParent()
        return [b.name(b.value(p[key])) for key in ("x", "y")]

    return write


def _linear(layer: Any, p: dict[str, Any], b: Layers) -> Sequence[str]:
    weight = b.array(p["weight"])
    field = layer.innerProduct
    field.outputChannels, field.inputChannels = weight.shape
    fill(field.weights, weight)
    if "bias" in p:
        field.hasBias = True
        fill(field.bias, b.array(p["bias"]))
    return [b.name(p["x"])]


def _conv(layer: Any, p: dict[str, Any], b: Layers) -> Sequence[str]:
    weight = b.array(p["weight"])
    if weight.ndim != 4:
        raise ConversionError(
            "only convolutions over two axes are written as layers",
            where=b.writing.where,
            found=f"{weight.ndim - 2} axes",
            fix="write an .mlpackage",
        )
    field = layer.convolution
    field.outputChannels, field.kernelChannels = weight.shape[:2]
    field.nGroups = p["groups"]
    field.kernelSize.extend(weight.shape[2:])
    field.stride.extend(p["strides"])
    field.dilationFactor.extend(p["dilations"])
    _border(field.valid, p["pad"])
    fill(field.weights, weight)
    if "bias" in p:
        field.hasBias = True
        fill(field.bias, b.array(p["bias"]))
    return [b.name(p["x"])]


def _pool(kind: str) -> Filler:
    def write(layer: Any, p: dict[str, Any], b: Layers) -> Sequence[str]:
        if len(p["kernel_sizes"]) != 2:
            raise ConversionError(
                "only pooling over two axes is written as a layer",
                where=b.writing.where,
                fix="write an .mlpackage",
            )
        field = layer.pooling
        field.type = module("NeuralNetwork").PoolingLayerParams.PoolingType.Value(kind)
        field.kernelSize.extend(p["kernel_sizes"])
        field.stride.extend(p["strides"])
        field.avgPoolExcludePadding = bool(p.get("exclude_padding_from_average", False))
        _border(field.valid, p["pad"])
        return [b.name(p["x"])]

    return write


def _border(field: Any, pads: Sequence[int]) -> None:
    for before, after in zip(pads[::2], pads[1::2], strict=True):
        field.paddingAmounts.borderAmounts.add(startEdgeSize=before, endEdgeSize=after)


def _pad(layer: Any, p: dict[str, Any], b: Layers) -> Sequence[str]:
    if p["mode"] != "constant":
        raise ConversionError(
            f"padding by {p['mode']} is not written as a layer",
            where=b.writing.where,
            fix="write an .mlpackage",
        )
    layer.constantPad.value = p["constant_val"]
    x = p["x"]
    layer.constantPad.padAmounts.extend([0] * (2 * x.rank - len(p["pad"])) + list(p["pad"]))
    return [b.name(x)]


def _slice(layer: Any, p: dict[str, Any], b: Layers) -> Sequence[str]:
    field = layer.sliceStatic
    field.beginIds.extend(p["begin"])
    field.endIds.extend(p["end"])
    field.strides.extend(p["stride"])
    field.beginMasks.extend(p["begin_mask"])
    field.endMasks.extend(p["end_mask"])
    return [b.name(p["x"])]


def _concat(layer: Any, p: dict[str, Any], b: Layers) -> Sequence[str]:
    layer.concatND.axis = p["axis"]
    return [b.name(value) for value in p["values"]]


def _reverse(layer: Any, p: dict[str, Any], b: Layers) -> Sequence[str]:
    layer.reverse.reverseDim.extend(axis in p["axes"] for axis in range(p["x"].rank))
    return [b.name(p["x"])]


def _reduce(field: str) -> Filler:
    def write(layer: Any, p: dict[str, Any], b: Layers) -> Sequence[str]:
        params = getattr(layer, field)
        params.axes.extend(p["axes"])
        params.keepDims = p["keep_dims"]
        return [b.name(p["x"])]

    return write


def _listed(field: str, parameter: str, target: str) -> Filler:
    """A layer with one list of numbers."""

    def write(layer: Any, p: dict[str, Any], b: Layers) -> Sequence[str]:
        getattr(getattr(layer, field), target).extend(p[parameter])
        return [b.name(p["x"])]

    return write


def _softmax(layer: Any, p: dict[str, Any], b: Layers) -> Sequence[str]:
    layer.softmaxND.axis = p["axis"]
    return [b.name(p["x"])]


def _identity(layer: Any, p: dict[str, Any], b: Layers) -> Sequence[str]:
    layer.activation.linear.alpha = 1.0
    return [b.name(p["x"])]


FILLERS: dict[str, Filler] = {
    **{kind: _activation(kind) for kind in ACTIVATIONS},
    **{kind: _binary(field) for kind, field in BINARY.items()},
    **{kind: _reduce(field) for kind, field in REDUCED.items()},
    "elu": _with_alpha("ELU"),
    "leaky_relu": _with_alpha("leakyReLU"),
    "identity": _identity,
    "linear": _linear,
    "conv": _conv,
    "max_pool": _pool("MAX"),
    "avg_pool": _pool("AVERAGE"),
    "pad": _pad,
    "slice_by_index": _slice,
    "concat": _concat,
    "reverse": _reverse,
    "softmax": _softmax,
    "squeeze": _listed("squeeze", "axes", "axes"),
    "expand_dims": _listed("expandDims", "axes", "axes"),
    "transpose": _listed("transpose", "perm", "axes"),
    "reshape": _listed("reshapeStatic", "shape", "targetShape"),
}
