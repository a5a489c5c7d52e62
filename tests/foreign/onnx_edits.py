"""ONNX files edited: attributes, initializers and nodes of recurrent networks."""

from __future__ import annotations

from typing import Any

import numpy as np

from .onnx_files import File, array, edit, floats, inputs, setting


def gru() -> File:
    f = File((7, 1, 4))
    f.hold(
        W=floats(1, 1, 18, 4),
        R=floats(2, 1, 18, 6),
        B=floats(3, 1, 36),
        V=floats(4, 6, 3),
        h0=floats(5, 1, 1, 6),
    )
    f.hold(axes=np.array([1], np.int64))
    f.add("GRU", "x", "W", "R", "B", "", "h0", out="g", hidden_size=6, linear_before_reset=1)
    f.add("Squeeze", "g", "axes", out="s")
    f.add("MatMul", "s", "V", out="m")
    f.add("Sigmoid", "m", out="y")
    return f


def lstm() -> File:
    f = File((7, 1, 4))
    f.hold(W=floats(1, 2, 20, 4), R=floats(2, 2, 20, 5), B=floats(3, 2, 40), V=floats(4, 10, 3))
    f.hold(shape=np.array([0, 0, -1], np.int64), P=floats(6, 2, 15))
    f.add("LSTM", "x", "W", "R", "B", "", "", "", "P", out="l", hidden_size=5, direction="bidirectional")
    f.add("Transpose", "l", out="t", perm=[0, 2, 1, 3])
    f.add("Reshape", "t", "shape", out="r")
    f.add("MatMul", "r", "V", out="m")
    f.add("Tanh", "m", out="y")
    return f


def rows(a: Any, order: tuple[int, ...]) -> Any:
    """Gates of an array (directions, gates * units, ...) in another order."""
    parts = np.split(a, len(order), 1)
    return np.concatenate([parts[at] for at in order], 1)


edit(
    "linear_before_reset missing in an exported GRU",
    "recurrent",
    gru,
    setting("GRU", linear_before_reset=None),
    at="gru",
    right="gru-reset-before-or-after",
)
edit(
    "gates of a GRU left in PyTorch's order",
    "recurrent",
    gru,
    lambda g: (
        [array(name, lambda a: rows(a, (1, 0, 2)))(g) for name in "WR"]
        + [array("B", lambda a: rows(a, (1, 0, 2, 4, 3, 5)))(g)]
    ),
    at="gru",
    right="gru-gates-swapped",
)
edit(
    "biases of a GRU's input and state exchanged",
    "recurrent",
    gru,
    array("B", lambda a: np.roll(a, 18, 1)),
    at="gru",
    right="gru-biases-swapped",
)
edit(
    "initial state's input disconnected",
    "recurrent",
    gru,
    inputs("GRU", "x", "W", "R", "B"),
    at="gru",
    right="initial-state-dropped",
)
edit(
    "direction reverse for forward",
    "recurrent",
    gru,
    setting("GRU", direction="reverse"),
    at="gru",
    right="direction-not-reversed",
)
edit(
    "relu for tanh among the activations of a GRU",
    "recurrent",
    gru,
    setting("GRU", activations=["Sigmoid", "Relu"]),
    at="gru",
    right="recurrent-activation",
)
edit(
    "bias of a GRU disconnected",
    "recurrent",
    gru,
    inputs("GRU", "x", "W", "R", "", "", "h0"),
    at="gru",
    right="bias-dropped",
)
edit(
    "gates of an LSTM left in PyTorch's order",
    "recurrent",
    lstm,
    lambda g: (
        [array(name, lambda a: rows(a, (0, 1, 3, 2)))(g) for name in "WR"]
        + [array("B", lambda a: rows(a, (0, 1, 3, 2, 4, 5, 7, 6)))(g)]
    ),
    at="lstm",
    right="lstm-gates-permuted",
)
edit(
    "peepholes disconnected",
    "recurrent",
    lstm,
    inputs("LSTM", "x", "W", "R", "B"),
    at="lstm",
    right="peepholes-dropped",
)
edit(
    "peepholes in the order of gates of another framework",
    "recurrent",
    lstm,
    array("P", lambda a: rows(a, (0, 2, 1))),
    at="lstm",
    right="peepholes-permuted",
)
edit(
    "forward weights for both directions",
    "recurrent",
    lstm,
    lambda g: [array(name, lambda a: np.stack([a[0], a[0]]))(g) for name in ("W", "R", "B", "P")],
    at="lstm",
    right="one-direction-for-both weights-of-another-layer",
)
edit(
    "weights of both directions exchanged",
    "recurrent",
    lstm,
    lambda g: [array(name, lambda a: a[::-1])(g) for name in ("W", "R", "B", "P")],
    at="lstm",
    right="directions-swapped",
)
edit(
    "input and forget gate coupled",
    "recurrent",
    lstm,
    setting("LSTM", input_forget=1),
    at="lstm",
    right="lstm-gates-coupled",
)
