"""The network as a `Graph`: the reference that everything else is compared with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from modelparity.graph import Array, Axis, Graph, Node, Source, TensorSpec

from .layers import COUNTED, EPSILON, PREFIX, Block, Layers
from .weights import Weights

#: Bands and frames of an image.
MEL, FRAMES = 256, 312


def graph_of(
    layers: Layers, weights: Weights, *, frames: int | None = FRAMES, source: Source | None = None
) -> Graph:
    """image (batch, channel 1, mel 256, time) in dB -> logits (batch, class)

    ResNet "v1.5": of a bottleneck's convolutions the 3 by 3 has the stride. Every channel's maximum, then every
    channel's mean, go into a head of two affine layers, each behind a BatchNorm. Dropout computes nothing here.
    ``frames`` is the length of time, any if ``None``.
    """
    net = _Network(weights)
    x = net.node("transpose", "image", "channels_last", axes=(0, 2, 3, 1))
    x = net.convolution(x, f"{PREFIX}conv1", stride=2, padding=3)
    x = net.node("relu", net.norm(x, f"{PREFIX}bn1"), f"{PREFIX}relu")
    same = ((1, 1), (1, 1))
    x = net.node("max_pool", x, f"{PREFIX}maxpool", size=(3, 3), strides=(2, 2), padding=same)
    for layer in layers.bottlenecks:
        for block in layer:
            x = net.bottleneck(x, block)
    largest = net.node("reduce_max", x, f"{PREFIX}avgpool.mp", axes=(1, 2))
    mean = net.node("reduce_mean", x, f"{PREFIX}avgpool.ap", axes=(1, 2))
    x = net.node("concat", (largest, mean), f"{PREFIX}avgpool", axis=-1)
    x = net.dense(net.norm(x, f"{PREFIX}fc.1"), f"{PREFIX}fc.3")
    x = net.norm(net.node("relu", x, f"{PREFIX}fc.4"), f"{PREFIX}fc.5")
    net.dense(x, f"{PREFIX}fc.7", "logits")
    axes = (Axis("batch", None, 0), Axis("channel", 1), Axis("mel", MEL), Axis("time", frames))
    unused = {name: "counts steps of training" for name in weights if name.endswith(COUNTED)}
    return Graph(
        "orca/detector",
        (TensorSpec("image", axes),),
        ("logits",),
        tuple(net.nodes),
        net.constants,
        source=source,
        unused=unused,
    )


class _Network:
    """Nodes as they are written, one after the other; each is called as the module that it is upstream."""

    def __init__(self, weights: Weights) -> None:
        self.weights = weights
        self.nodes: list[Node] = []
        self.constants: dict[str, Array] = {}

    def node(self, op: str, inputs: str | Sequence[str], name: str, output: str = "", **attrs: Any) -> str:
        given = (inputs,) if isinstance(inputs, str) else tuple(inputs)
        self.nodes.append(Node(name, op, given, (output or name,), attrs, name))
        return output or name

    def constant(self, name: str, array: Array) -> str:
        self.constants[name] = array
        return name

    def convolution(self, x: str, name: str, *, stride: int = 1, padding: int = 0) -> str:
        kernel = np.transpose(self.weights[f"{name}.weight"], (2, 3, 1, 0))
        weight = self.constant(f"{name}.weight", np.ascontiguousarray(kernel))
        around = ((padding, padding), (padding, padding))
        return self.node("conv", (x, weight), name, strides=(stride, stride), padding=around)

    def norm(self, x: str, name: str) -> str:
        parts = ("running_mean", "running_var", "weight", "bias")
        own = [self.constant(f"{name}.{part}", self.weights[f"{name}.{part}"]) for part in parts]
        return self.node("batch_norm", (x, *own), name, epsilon=EPSILON)

    def dense(self, x: str, name: str, output: str = "") -> str:
        weight = self.constant(f"{name}.weight", np.ascontiguousarray(self.weights[f"{name}.weight"].T))
        bias = self.constant(f"{name}.bias", self.weights[f"{name}.bias"])
        return self.node("dense", (x, weight, bias), name, output)

    def bottleneck(self, x: str, block: Block) -> str:
        name, y = block.name, x
        for number, padding in ((1, 0), (2, 1), (3, 0)):
            stride = block.stride if number == 2 else 1
            y = self.convolution(y, f"{name}.conv{number}", stride=stride, padding=padding)
            y = self.norm(y, f"{name}.bn{number}")
            if number < 3:
                y = self.node("relu", y, f"{name}.relu{number}")
        if block.projected:
            x = self.convolution(x, f"{name}.downsample.0", stride=block.stride)
            x = self.norm(x, f"{name}.downsample.1")
        return self.node("relu", self.node("add", (y, x), f"{name}.add"), name)
