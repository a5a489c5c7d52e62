"""Images: a candidate takes 8-bit pixels and scales them itself; the reference takes the numbers that come of it.

What a file makes of pixels stands in it: scale, bias and the order of colours. Applied to pixels they give the
reference's input; the other way round they give the pixels that such an input was made of.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...engine.run import run
from ...errors import ModelparityError
from ...graph import Array, Graph, TensorSpec

#: The brightest pixel of 8 bits.
BRIGHT = 255
#: How nodes are called that make numbers of pixels: by coremltools in MIL programs, and by the reader of networks.
SCALING, PREPROCESSING = ("__scaled__", "__biased__"), "preprocessing "


@dataclass(frozen=True)
class Pixels:
    """Channel k that a network reads is channel ``order[k]`` of the pixels, times ``scale[k]``, plus ``bias[k]``."""

    scale: tuple[float, ...]
    bias: tuple[float, ...]
    order: tuple[int, ...]

    def values(self, pixels: Array) -> Array:
        """Pixels (height, width[, channel]) -> the numbers that the network reads, in float32."""
        turned = pixels[..., list(self.order)] if len(self.order) > 1 else pixels
        made: Array = (turned * np.array(self.scale) + np.array(self.bias)).astype(np.float32)
        return made

    def pixels(self, values: Array) -> Array:
        """The nearest pixels that such numbers are made of, uint8."""
        nearest = np.rint((values.astype(np.float64) - np.array(self.bias)) / np.array(self.scale))
        found = np.clip(np.nan_to_num(nearest), 0, BRIGHT).astype(np.uint8)
        turned: Array = found[..., list(np.argsort(self.order))] if len(self.order) > 1 else found
        return turned

    def describe(self) -> str:
        """What a person reads."""
        text = f"made of pixels, times {_listed(self.scale)} plus {_listed(self.bias)}"
        turned = self.order != tuple(range(len(self.order)))
        return f"{text}, blue first" if turned else text

    def to_json(self) -> dict[str, Any]:
        """Plain data."""
        return {"scale": list(self.scale), "bias": list(self.bias), "order": list(self.order)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Pixels:
        """What `to_json` gave."""
        scale, bias = (tuple(map(float, data[key])) for key in ("scale", "bias"))
        return cls(scale, bias, tuple(map(int, data["order"])))


def _listed(numbers: tuple[float, ...]) -> str:
    return ", ".join(f"{one:.6g}" for one in dict.fromkeys(numbers))


def images(graph: Graph | None) -> dict[str, Pixels]:
    """{image input of a file: what the file makes of its pixels}, as far as it is a scale and a bias a channel."""
    found = {}
    for spec in graph.inputs if graph is not None else ():
        if graph is not None and spec.dtype == "uint8" and (made := _made(graph, spec)) is not None:
            found[spec.name] = made
    return found


def _made(graph: Graph, spec: TensorSpec) -> Pixels | None:
    prefix = _prefix(graph, spec)
    if prefix is None:
        return None
    shape = tuple(axis.least if axis.size is None else axis.size for axis in spec.axes)
    channels = shape[2] if len(shape) == 3 else 1

    def seen(pixels: Array) -> Array:
        (y,) = run(prefix, {spec.name: pixels}).values()
        each: Array = y.reshape(channels, -1)[:, 0]
        return each

    try:
        dark = seen(np.zeros(shape, np.uint8))
        bright = seen(np.full(shape, BRIGHT, np.uint8))
        order = []
        for channel in range(channels):
            one = np.zeros(shape, np.uint8)
            one[(..., channel) if channels > 1 else ...] = BRIGHT
            order.append(int(np.argmax(np.abs(seen(one) - dark))))
    except (ModelparityError, ValueError):
        return None
    scale = (bright - dark) / BRIGHT
    if not (np.isfinite(scale).all() and scale.all()):
        return None
    return Pixels(tuple(scale.tolist()), tuple(dark.tolist()), tuple(np.argsort(order).tolist()))


def _prefix(graph: Graph, spec: TensorSpec) -> Graph | None:
    """The nodes that make of an image what the network reads, as a graph; None where it does not enter as one."""
    tensor, nodes = spec.name, []
    while True:
        readers = [node for node in graph.nodes if tensor in node.inputs]
        if len(readers) != 1 or not (
            _enters(readers[0].origin, spec) or _scales(readers[0].outputs[0], readers[0].origin)
        ):
            break
        nodes.append(readers[0])
        tensor = readers[0].outputs[0]
    if not nodes:
        return None
    read = {name for node in nodes for name in node.inputs}
    constants = {name: array for name, array in graph.constants.items() if name in read}
    try:
        return Graph(graph.name, (spec,), (tensor,), tuple(nodes), constants)
    except ModelparityError:  # something else than a constant takes part
        return None


def _enters(origin: str, spec: TensorSpec) -> bool:
    return origin == f"input {spec.name!r}"


def _scales(tensor: str, origin: str) -> bool:
    return tensor.endswith(SCALING) or origin.startswith(PREPROCESSING)
