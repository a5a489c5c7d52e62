"""Stacks of layers that run block by block, for tests of streams: each layer keeps the width of what it is given."""

from __future__ import annotations

import numpy as np

from modelparity import Axis, Graph, Node, TensorSpec

WIDTH = 4


class Build:
    """A graph node by node; constants by shape."""

    def __init__(self, *specs, seed=0):
        self.rng = np.random.default_rng(seed)
        self.inputs = specs or (TensorSpec("x", (Axis("time"), Axis("feature", WIDTH))),)
        self.nodes, self.constants = [], {}

    def weight(self, *shape):
        name = f"w{len(self.constants)}"
        self.constants[name] = self.rng.standard_normal(shape) / 2
        return name

    def __call__(self, op, *inputs, extra=(), **attrs):
        name = f"t{len(self.nodes)}"
        self.nodes.append(
            Node(f"{op}_{len(self.nodes)}", op, inputs, (name, *extra), attrs, f"layers[{len(self.nodes)}]")
        )
        return name

    def graph(self, *outputs):
        return Graph("net", self.inputs, outputs, tuple(self.nodes), self.constants)


def dense(b, x, width):
    return b("dense", x, b.weight(width, width), b.weight(width))


def rnn(b, x, width):
    return b("rnn", x, b.weight(1, width, width), b.weight(1, width, width))


def lstm(b, x, width):
    recurrent = b.weight(1, width, 4 * width)
    return b(
        "lstm", x, b.weight(1, width, 4 * width), recurrent, b.weight(1, 4 * width), b.weight(1, 3, width)
    )


def gru(b, x, width):
    arrays = b.weight(1, width, 3 * width), b.weight(1, width, 3 * width), "", "", b.weight(1, width)
    return b("gru", x, *arrays, extra=(f"h{len(b.nodes)}",), update="replaces")


def conv(b, x, width, **attrs):
    return b("conv", x, b.weight(3, width, width), b.weight(width), **attrs)


def dilated(b, x, width):
    return conv(b, x, width, dilations=(2,))


def strided(b, x, width):
    return conv(b, x, width, strides=(2,))


def pool(b, x, width):
    return b("max_pool", x, size=(2,))


def sparse(b, x, width):
    """A hop longer than its window leaves frames out."""
    return b("average_pool", x, size=(1,), strides=(3,))


def windows(b, x, width):
    return b("dense", b("windows", x, size=3, hop=2), b.weight(3 * width, width))


def residual(b, x, width):
    return b("add", x, b("tanh", dense(b, x, width)))


def joined(b, x, width):
    return b("dense", b("concat", x, rnn(b, x, width), axis=1), b.weight(2 * width, width))


def scaled(b, x, width):
    return b("mul", x, b("exp", b.weight(width)))


def turned(b, x, width):
    """Time on the second axis for a while."""
    return b("transpose", b("relu", b("transpose", x, axes=(1, 0))), axes=(1, 0))


def causal(b, x, width):
    """Zeros stand in front of the first frame, inside the convolution."""
    return conv(b, x, width, dilations=(2,), padding=((4, 0),))


def padded_before(b, x, width):
    return conv(b, b("pad", x, before=(2, 0), after=(0, 0), value=0.5), width, strides=(2,))


def residual_causal(b, x, width):
    return b("add", x, causal(b, x, width))


LAYERS = [
    dense,
    rnn,
    lstm,
    gru,
    conv,
    dilated,
    strided,
    pool,
    sparse,
    windows,
    residual,
    joined,
    scaled,
    turned,
    causal,
    padded_before,
    residual_causal,
]


def stack(layers, seed):
    b = Build(seed=seed)
    tensor = "x"
    for layer in layers:
        tensor = layer(b, tensor, WIDTH)
    return b.graph(tensor)


def pushed(s, x, cuts):
    """Every output's frames, joined, of blocks of x cut at these places."""
    blocks = [s.push(part) for part in np.split(x, sorted(cuts))]
    return {name: np.concatenate([b[name] for b in blocks], axis=axis) for name, axis in s.axes.items()}
