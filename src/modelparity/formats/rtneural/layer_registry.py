"""Which function reads which type of layer, and what they share."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ...discovery import Handlers
from ...graph import Array
from .arrays import Weights
from .builder import Builder
from .fields import Fields

#: Names of activations -> operators that compute them; softmax is composed.
ACTIVATIONS = {"tanh": "tanh", "relu": "relu", "sigmoid": "sigmoid", "elu": "elu", "softmax": "softmax"}


@dataclass
class Layer:
    """A layer on its way into a graph: its entry, its arrays, its declared width, and the graph so far."""

    name: str
    type: str
    fields: Fields
    weights: Weights
    width: int
    builder: Builder

    @property
    def origin(self) -> str:
        """The JSON path of the layer."""
        return self.fields.where

    def informative(self, array: Array, index: int, role: str) -> Array:
        """The array; if it has nothing but zeros, that is a finding."""
        if array.size and not array.any():
            self.fields.silent(
                "all-zero",
                self.weights.key(index),
                f"the {role} is all zeros",
                found="x".join(map(str, array.shape)),
                expected="trained weights",
                fix="see that the exporter found this layer's weights",
            )
        return array


#: Adds one layer to the graph.
Reader = Callable[[Layer], None]

#: Marks a function as the reader of layers by type.
reads = Handlers[Reader](f"{__package__}.layers")


def reach(layer: Layer, width: int) -> None:
    """A layer that reads ``width`` numbers of a frame: fewer than there are is silent, more undefined."""
    have = layer.builder.width
    if width > have:
        raise layer.fields.fail(
            "width-chain",
            "",
            f"it reads {width} numbers of frames of {have}: RTNeural reads beyond its memory",
            found=width,
            expected=have,
            fix="see its sizes, and those of the layer before",
        )
    if width < have:
        layer.fields.silent(
            "width-chain",
            "",
            f"it reads the first {width} numbers of frames of {have} and drops the rest",
            found=width,
            expected=have,
        )
        layer.builder.narrow(layer.name, layer.origin, width)


def activate(layer: Layer, key: str = "activation") -> None:
    """Add the activation that the entry names: none if it is empty or not there."""
    if not layer.fields.has(key) or not (name := layer.fields.text(key)):
        return
    if name not in ACTIVATIONS:
        meant = difflib.get_close_matches(name.lower(), ACTIVATIONS, n=1)
        raise layer.fields.fail(
            "activation-unknown",
            key,
            f"RTNeural knows no activation {name!r}: it adds a null layer and reads it",
            found=name,
            expected=f"one of {', '.join(sorted(ACTIVATIONS))}, or '' for none",
            fix=f"write {meant[0]!r}, if that is meant"
            if meant
            else "train with one of these, or write PReLU (also for leaky ReLU) as a layer of its own",
        )
    reach(layer, layer.width)
    builder, origin = layer.builder, f"{layer.origin}.{key}"
    own = f"{layer.name}_{name}"
    if name != "softmax":
        builder.node(own, ACTIVATIONS[name], origin)
        return
    # RTNeural does not subtract the maximum first, so large inputs overflow: composed, that shows.
    builder.flat(own, origin)
    builder.node(f"{own}_exp", "exp", origin)
    exponentials = builder.tensor
    builder.node(f"{own}_sum", "reduce_sum", origin, axes=(-1,), keepdims=True)
    builder.node(f"{own}_reciprocal", "reciprocal", origin)
    builder.times(own, origin, exponentials)


def no_activation(layer: Layer, computed: str = "") -> None:
    """Note an activation that RTNeural does not look at, unless it is what the layer computes anyway."""
    if not layer.fields.has("activation"):
        return
    found = layer.fields.values["activation"]
    if found not in ("", computed):
        layer.fields.silent(
            "activation-ignored",
            "activation",
            f"RTNeural ignores the activation of a {layer.type}",
            found=found,
            expected=f"{computed!r} or ''" if computed else "''",
            fix="write it as a layer of type 'activation' behind this one",
        )


def same_width(layer: Layer) -> None:
    """Layers that take their width from what comes before, whatever their shape says."""
    if layer.width != layer.builder.width:
        layer.fields.silent(
            "shape-ignored",
            "shape",
            f"RTNeural takes a {layer.type} to be as wide as what comes before it",
            found=layer.width,
            expected=layer.builder.width,
        )
        layer.width = layer.builder.width


def square(layer: Layer, index: int, array: Array, role: str) -> None:
    """Note a matrix that would fit as well if it were transposed."""
    if array.shape[-1] == array.shape[-2] > 1 and not np.array_equal(array, np.swapaxes(array, -1, -2)):
        layer.fields.undecidable(
            "transposed",
            layer.weights.key(index),
            f"the {role} is square, so that a forgotten transpose fits too",
        )
