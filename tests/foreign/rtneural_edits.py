"""RTNeural files edited: what scripts that write JSON of PyTorch's and Keras's weights get wrong."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from .mistake import in_file

FIXTURES = Path(__file__).parents[2] / "fixtures" / "rtneural"


def edit(name: str, file: str, change: Callable[[list[Any]], None], *, at: str, right: str) -> None:
    """Register ``file`` of the fixtures and what ``change`` makes of its layers."""

    def write(folder: Path) -> Path:
        shutil.copy(FIXTURES / f"{file}.json", folder / "right.json")
        model = json.loads((folder / "right.json").read_text(encoding="utf-8"))
        change(model["layers"])
        (folder / "wrong.json").write_text(json.dumps(model), encoding="utf-8")
        return folder / "wrong.json"

    kind = {"conv": "convolutional", "mlp": "dense"}.get(file, "recurrent")
    in_file(name, kind, file=".json", at=at, right=right)(write)


def array(layer: int, which: int, made: Callable[[Any], Any]) -> Callable[[list[Any]], None]:
    """One array of a layer changed."""

    def change(layers: list[Any]) -> None:
        weights = layers[layer]["weights"]
        weights[which] = np.asarray(made(np.asarray(weights[which]))).tolist()

    return change


def key(layer: int, **values: Any) -> Callable[[list[Any]], None]:
    """Fields of a layer set."""
    return lambda layers: layers[layer].update(values)


def columns(a: Any, order: tuple[int, ...]) -> Any:
    """Gates, side by side on the last axis, in another order."""
    parts = np.split(a, len(order), -1)
    return np.concatenate([parts[at] for at in order], -1)


def gates(layer: int, order: tuple[int, ...], count: int = 3) -> Callable[[list[Any]], None]:
    """All arrays of a recurrent layer in another order of gates."""

    def change(layers: list[Any]) -> None:
        for which in range(count):
            array(layer, which, lambda a: columns(a, order))(layers)

    return change


for _name, _file, _change, _at, _right in (
    ("gates of a GRU in PyTorch's order", "gru", gates(1, (1, 0, 2)), "gru", "gru-gates-swapped"),
    (
        "recurrent kernel of a GRU alone reordered",
        "gru",
        array(1, 1, lambda a: columns(a, (1, 0, 2))),
        "gru",
        "gru-gates-swapped gates-of-one-array-permuted",
    ),
    (
        "both rows of a GRU's bias exchanged",
        "gru",
        array(1, 2, lambda a: a[::-1]),
        "gru",
        "gru-biases-swapped",
    ),
    (
        "a GRU's second row of biases left at zeros",
        "gru",
        array(1, 2, lambda a: np.stack([a[0], 0 * a[1]])),
        "gru",
        "bias-dropped one-of-two-biases",
    ),
    (
        "recurrent kernel of a GRU written transposed, gate by gate",
        "gru",
        array(1, 1, lambda a: np.concatenate([p.T for p in np.split(a, 3, -1)], -1)),
        "gru",
        "weights-transposed",
    ),
    (
        "sigmoid at the end left to the plug-in",
        "gru",
        key(2, activation=""),
        "sigmoid",
        "activation-dropped function-dropped",
    ),
    (
        "tanh of a time-distributed layer lost",
        "gru",
        key(0, activation=""),
        "tanh",
        "activation-dropped function-dropped",
    ),
    (
        "gates of an LSTM with the output gate third",
        "lstm",
        gates(0, (0, 1, 3, 2)),
        "lstm",
        "lstm-gates-permuted",
    ),
    (
        "both biases of an LSTM written where their sum belongs",
        "lstm",
        array(0, 2, lambda a: 2 * a),
        "lstm",
        "bias-doubled array-scaled",
    ),
    (
        "bias of the dense layer of a plug-in lost",
        "lstm",
        array(1, 1, lambda a: 0 * a),
        "dense",
        "bias-dropped vector-lost",
    ),
    (
        "kernel of a convolution in PyTorch's direction",
        "conv",
        array(0, 0, lambda a: a[::-1]),
        "conv",
        "kernel-flipped",
    ),
    ("dilation at one", "conv", key(0, dilation=[1]), "conv", "dilation-wrong"),
    ("epsilon of a batchnorm of PyTorch", "conv", key(1, epsilon=1e-5), "batch_norm", "epsilon-wrong"),
    (
        "gamma and beta of a batchnorm exchanged",
        "conv",
        lambda layers: layers[1]["weights"].__setitem__(slice(0, 2), layers[1]["weights"][1::-1]),
        "batch_norm",
        "norm-parameters-swapped",
    ),
    (
        "deviation written for a batchnorm's variance",
        "conv",
        array(1, 3, np.sqrt),
        "batch_norm",
        "variance-for-deviation",
    ),
    (
        "groups of a convolution exchanged",
        "conv",
        array(2, 0, lambda a: np.roll(a, 2, -1)),
        "conv",
        "groups-mixed channels-permuted",
    ),
    (
        "alphas of a prelu at a leaky one",
        "conv",
        array(4, 0, lambda a: 0 * a + 0.01),
        "prelu",
        "prelu-slopes",
    ),
    (
        "weights of a square dense layer in PyTorch's order",
        "mlp",
        array(1, 0, lambda a: a.T),
        "dense",
        "weights-transposed",
    ),
    ("selu for elu", "mlp", key(1, activation="relu"), "elu", "activation-swapped activation-approximated"),
    (
        "softmax for sigmoid at the end",
        "mlp",
        key(5, activation="sigmoid"),
        "@layers[5].activation",
        "activation-swapped operator-taken-for-another",
    ),
    (
        "dense layers in another order",
        "mlp",
        lambda layers: layers.__setitem__(
            slice(1, 3),
            [dict(layers[1], weights=layers[2]["weights"]), dict(layers[2], weights=layers[1]["weights"])],
        ),
        "dense",
        "layers-swapped bias-of-another-layer",
    ),
):
    edit(_name, _file, _change, at=_at, right=_right)
