"""GRU and LSTM. Their state lives from call to call of RTNeural's ``forward``; a stream's does likewise."""

from __future__ import annotations

from typing import Any

import numpy as np

from ....engine.operator import find
from ....graph import Array
from ...gates import ordered
from ..layer_registry import Layer, no_activation, reads

#: A bias of this size holds a gate open or closed, whatever comes.
HELD = 100.0


@reads("gru")
def gru(layer: Layer) -> None:
    """Gates z r c; W [in][3H], U [H][3H], b [2][3H]; h = (1 - z) c + z h', c = tanh(W x + b0 + r (U h' + b1))."""
    h = layer.width
    bias = layer.weights.block(2, (2, 3 * h), ("rows (input's, state's)", "columns"), role="bias")
    kernel, recurrent = _matrices(layer, 3, bias.sum(axis=0))
    given = layer.weights.raw(2)
    if len(given) < 2 and bias[0].any():
        layer.fields.silent(
            "gru-one-bias",
            "weights[2]",
            "a GRU's bias has two rows, the input's and the state's; RTNeural takes zeros for the second",
            found=f"{len(given)} rows",
            expected="2 rows",
            fix="keep PyTorch's bias_ih and bias_hh apart, gates r and z swapped in both",
        )
    layer.fields.undecidable(
        "gate-order",
        "weights",
        "gates are read as z, r, c; whether an exporter left PyTorch's r, z, n does not show",
    )
    arrays = {
        "kernel": kernel[None],
        "recurrent": recurrent[None],
        "bias": bias[:1],
        "recurrent_bias": bias[1:],
    }
    arrays = {name: ordered(array, "zrn", find("gru").facts.gates, axis=-1) for name, array in arrays.items()}
    _add(layer, "gru", arrays, reset="after", update="keeps")


@reads("lstm")
def lstm(layer: Layer) -> None:
    """Gates i f c o; W [in][4H], U [H][4H], b [4H]."""
    h, weights = layer.width, layer.weights
    bias = weights.vector(2, 4 * h, role="bias")
    kernel, recurrent = _matrices(layer, 4, bias)
    given = len(weights.raw(2))
    if given == 8 * h or len(weights) > 3:
        layer.fields.silent(
            "biases-not-summed",
            "weights[2]" if given == 8 * h else "weights[3]",
            "RTNeural's LSTM has one bias; the second one is not read",
            found="two biases",
            expected=f"{4 * h} numbers: the sum of bias_ih and bias_hh",
            fix="add PyTorch's bias_ih and bias_hh",
        )
    else:
        layer.fields.undecidable(
            "bias-sum", "weights[2]", "whether PyTorch's two biases were summed into this one does not show"
        )
    arrays = {"kernel": kernel[None], "recurrent": recurrent[None], "bias": bias[None]}
    want = find("lstm").facts.gates
    _add(layer, "lstm", {name: ordered(array, "ifgo", want, axis=-1) for name, array in arrays.items()})


def _matrices(layer: Layer, gates: int, bias: Array) -> tuple[Array, Array]:
    """Kernel and recurrent matrix, and what can be said of them."""
    held = [gate for gate, part in enumerate(np.split(bias, gates)) if (np.abs(part) >= HELD).all()]
    h, width = layer.width, layer.builder.width
    no_activation(layer, "tanh")
    layer.builder.flat(layer.name, layer.origin)
    found = []
    for index, (rows, role) in enumerate(((width, "kernel"), (h, "recurrent matrix"))):
        axes = ("rows (inputs)" if index == 0 else "rows (state)", "columns (gates x units)")
        given = layer.weights.raw(index) if len(layer.weights) > index else None
        if given is not None and not given:
            layer.fields.silent(
                "recurrent-empty" if index else "kernel-empty",
                layer.weights.key(index),
                f"the {role} is empty; RTNeural takes zeros, so that "
                + ("the layer has no memory" if index else "the layer does not see its input"),
                found="[]",
                expected=f"{rows}x{gates * h}",
                fix="see that the exporter writes weights_hh",
            )
            found.append(np.zeros((rows, gates * h), np.float32))
            continue
        matrix = layer.weights.block(
            index, (rows, gates * h), axes, role=role, inputs=0 if index == 0 else None
        )
        _gates(layer, index, matrix, gates, role, held)
        if index == 0:
            _transposed(layer, matrix, gates)
        found.append(layer.informative(matrix, index, role))
    return found[0], found[1]


def _gates(layer: Layer, index: int, matrix: Array, gates: int, role: str, held: list[int]) -> None:
    """Gates that are all zeros, or all the same: nobody split the matrix. Those that a bias holds need no weights."""
    parts = np.split(matrix, gates, axis=1)
    empty = [number for number, part in enumerate(parts) if not part.any() and number not in held]
    if 0 < len(empty) < gates:
        layer.fields.silent(
            "gates-missing",
            layer.weights.key(index),
            f"{len(empty)} of the {role}'s {gates} gates are all zeros",
            found=f"gates {', '.join(map(str, empty))}",
            expected=f"{gates} gates side by side in the columns",
            fix="write all gates of weight_ih and weight_hh, transposed",
        )
    first = parts[0]
    if first.any() and first.size > 1 and all(np.array_equal(part, first) for part in parts[1:]):
        layer.fields.silent(
            "gates-identical",
            layer.weights.key(index),
            f"all {gates} gates of the {role} are the same",
            expected=f"{gates} different gates",
            fix="split weight_ih and weight_hh into their gates",
        )


def _transposed(layer: Layer, matrix: Array, gates: int) -> None:
    if matrix.shape[0] == matrix.shape[1] > 1:
        layer.fields.undecidable(
            "transposed", layer.weights.key(0), "the kernel is square, so that a forgotten transpose fits too"
        )


def _add(layer: Layer, op: str, arrays: dict[str, Array], **attrs: Any) -> None:
    builder, name = layer.builder, layer.name
    if builder.batched:
        builder.node(f"{name}_steps", "transpose", layer.origin, axes=(1, 0, 2))
    builder.node(f"{name}_{op}", op, layer.origin, dict(arrays), **attrs)
    if builder.batched:
        builder.node(f"{name}_batch", "transpose", layer.origin, axes=(1, 0, 2))
    builder.width = layer.width
