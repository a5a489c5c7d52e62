"""What the lowerings emit, as layers of a NeuralNetwork instead of MIL operations.

The operations that the lowerings use have layers of the same meaning, as far as functions beside those lowerings fill
them; constants become weights of a layer where it takes them, and layers of their own elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ....discovery import Handlers
from ....errors import ConversionError
from ....graph import Array
from ...writing.target import Target
from ..proto import module
from .block import Block
from .values import Value

#: (layer to be filled, parameters that are tensors or constants, the block) -> names of the inputs.
Filler = Callable[[Any, dict[str, Any], "Layers"], Sequence[str]]

#: Marks a function as the one that fills the layer for some MIL operations.
fills = Handlers[Filler](f"{__package__}.lowerings")
NETWORK = Target("a NeuralNetwork", "write an .mlpackage, which composes it from plain operations")


class Layers(Block):
    """A block whose operations are layers."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.known: dict[str, Array | str] = {}
        self._loaded: set[str] = set()

    def refusal(
        self, reason: str, fix: str | None = None, *, found: object = None, expected: object = None
    ) -> ConversionError:
        """The error for the node that is being written, which layers cannot express."""
        assert self.writing.call is not None
        return NETWORK.refusal(self.writing.call, reason, fix, found=found, expected=expected)

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
            raise self.refusal(
                "layers have no arrays without axes", "keep an axis of size 1, or write an .mlpackage"
            )
        known = fills.all()
        if kind not in known:
            raise self.refusal(f"no layer is known for MIL's {kind}", expected=f"one of {', '.join(known)}")
        params = {key: self._resolved(one) for key, one in given.items()}
        layer = module("NeuralNetwork").NeuralNetworkLayer(
            name=results[0].name, output=[value.name for value in results]
        )
        layer.input.extend(known[kind](layer, params, self))
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
            raise self.refusal(
                "the weights of a layer are constants", found=f"{value.name}, which is computed"
            )
        return raw


def fill(field: Any, array: Array) -> None:
    """A ``WeightParams`` message."""
    field.floatValue.extend(np.asarray(array, np.float32).ravel().tolist())


def field(name: str, **parameters: str) -> Filler:
    """A layer of that name for an operation on x; ``parameters`` names the operation's parameter (a number or
    several) that each of its fields comes from."""

    def write(layer: Any, p: dict[str, Any], b: Layers) -> Sequence[str]:
        params = layer
        for part in name.split("."):
            params = getattr(params, part)
        params.SetInParent()
        for target, parameter in parameters.items():
            if isinstance(p[parameter], Sequence):
                getattr(params, target).extend(p[parameter])
            else:
                setattr(params, target, p[parameter])
        return [b.name(p["x"])]

    return write
