"""Small sound RTNeural models, to make one slip in."""

from __future__ import annotations

from typing import Any

import numpy as np

from modelparity.inputs.generator import Generator

Model = dict[str, Any]


def numbers(name: str, *shape: int) -> Any:
    """Weights as nested lists: drawn from a generator whose every bit is defined, and short to write."""
    values = Generator("modelparity fault", name).normal(int(np.prod(shape))) * 0.7
    return np.round(values, 3).reshape(shape).tolist()


def layer(kind: str, width: int, *weights: Any, activation: str = "", **more: Any) -> Model:
    return {
        "type": kind,
        "activation": activation,
        "shape": [None, None, width],
        **more,
        "weights": list(weights),
    }


def dense(name: str, width: int, out: int, activation: str = "tanh") -> Model:
    return layer(
        "dense", out, numbers(f"{name} W", width, out), numbers(f"{name} b", out), activation=activation
    )


def model(width: int, *layers: Model) -> Model:
    return {"in_shape": [None, None, width], "layers": list(layers)}


def plain() -> Model:
    return model(3, dense("a", 3, 4), dense("b", 4, 2, "sigmoid"))


def square() -> Model:
    return model(4, dense("a", 4, 4), dense("b", 4, 2, ""))


def recurrent(kind: str) -> Model:
    gates = 4 if kind == "lstm" else 3
    bias = numbers("c", 8) if kind == "lstm" else numbers("c", 2, 6)
    cell = layer(kind, 2, numbers("W", 3, gates * 2), numbers("U", 2, gates * 2), bias, activation="tanh")
    return model(3, cell, dense("d", 2, 2, ""))


def conv() -> Model:
    keys = {"kernel_size": [3], "dilation": [2], "groups": 1}
    first = layer("conv1d", 4, numbers("k", 3, 2, 4), numbers("kb", 4), activation="tanh", **keys)
    return model(2, first, dense("d", 4, 1, ""))


def image() -> Model:
    sizes = {
        "kernel_size_time": 2,
        "kernel_size_feature": 3,
        "dilation": 1,
        "strides": 2,
        "num_filters_in": 2,
        "num_features_in": 5,
        "num_filters_out": 3,
        "padding": "same",
    }
    first = layer("conv2d", 0, numbers("k", 2, 3, 2, 3), numbers("kb", 3), **sizes)
    first["shape"] = [None, None, 3, 3]
    return {"in_shape": [None, None, 5, 2], "layers": [first, dense("d", 9, 1, "")]}


def norm(kind: str = "batchnorm") -> Model:
    arrays = [np.abs(numbers(part, 4)).round(3).tolist() for part in ("gamma", "beta", "mean", "variance")]
    return model(3, dense("a", 3, 4), layer(kind, 4, *arrays, epsilon=0.01), dense("d", 4, 2, ""))


def slopes() -> Model:
    return model(3, dense("a", 3, 4, ""), layer("prelu", 4, [[0.1, 0.2, 0.3, 0.4]]), dense("d", 4, 2, ""))
