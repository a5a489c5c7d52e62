"""Slips in RTNeural files, of those that exporters make or that damage does.

``FAULTS`` says what is to be found: kind and level of the finding and its JSON path.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from .models import Model, conv, dense, image, layer, model, norm, plain, recurrent, slopes, square


@dataclass(frozen=True)
class Fault:
    """One file: a model and what is done to it; the finding's kind, level and path."""

    make: Callable[[], Model]
    slip: Callable[[Model], Any]
    kind: str
    level: str
    where: str

    def made(self) -> Model:
        changed = copy.deepcopy(self.make())
        self.slip(changed)
        return changed


def put(path: str, value: Any) -> Callable[[Model], None]:
    """Set what stands at a path such as ``layers.0.weights.1``."""
    *steps, last = [int(step) if step.isdigit() else step for step in path.split(".")]

    def slip(made: Any) -> None:
        for step in steps:
            made = made[step]
        made[last] = value(made[last]) if callable(value) else value

    return slip


def drop(path: str) -> Callable[[Model], None]:
    *steps, last = [int(step) if step.isdigit() else step for step in path.split(".")]

    def slip(made: Any) -> None:
        for step in steps:
            made = made[step]
        del made[last]

    return slip


def turned(matrix: Any) -> Any:
    return np.array(matrix).T.tolist()


W0, W1, W2 = "$.layers[0].weights[0]", "$.layers[0].weights[1]", "$.layers[0].weights[2]"
FAULTS = {
    # what RTNeural's loader passes in silence
    "in_shape_too_wide": Fault(plain, put("in_shape", [None, None, 5]), "in-shape", "silent", W0),
    "type_unknown": Fault(
        plain,
        lambda m: m["layers"].insert(1, layer("layernorm", 4, [1.0] * 4)),
        "type-unknown",
        "silent",
        "$.layers[1].type",
    ),
    "activation_layer_empty": Fault(
        plain,
        lambda m: m["layers"].insert(1, layer("activation", 4)),
        "activation-empty",
        "silent",
        "$.layers[1].activation",
    ),
    "activation_ignored": Fault(
        lambda: recurrent("gru"),
        put("layers.0.activation", "relu"),
        "activation-ignored",
        "silent",
        "$.layers[0].activation",
    ),
    "conv1d_stride": Fault(
        conv, put("layers.0.strides", [2]), "field-ignored", "silent", "$.layers[0].strides"
    ),
    "conv1d_padding": Fault(
        conv, put("layers.0.padding", "same"), "field-ignored", "silent", "$.layers[0].padding"
    ),
    "conv1d_dilations": Fault(
        conv, put("layers.0.dilation", [1, 2]), "only-last-used", "silent", "$.layers[0].dilation"
    ),
    "batchnorm_three_arrays": Fault(
        norm, drop("layers.1.weights.0"), "batchnorm-arrays", "silent", "$.layers[1].weights"
    ),
    "batchnorm_short": Fault(
        norm, put("layers.1.weights.2", [0.1]), "array-short", "silent", "$.layers[1].weights[2]"
    ),
    "variance_negative": Fault(
        norm,
        put("layers.1.weights.3", [-1.0, 1.0, 1.0, 1.0]),
        "variance-not-positive",
        "silent",
        "$.layers[1].weights[3]",
    ),
    "dense_short": Fault(
        plain, put("layers.1.weights.0", lambda w: w[:3]), "width-chain", "silent", "$.layers[1].weights[0]"
    ),
    "dense_ragged": Fault(
        plain, put("layers.0.weights.0.1", lambda w: w[:2]), "weights-ragged", "silent", W0
    ),
    "dense_bias_long": Fault(
        plain, put("layers.0.weights.1", lambda b: [*b, 1.0]), "array-long", "silent", W1
    ),
    "array_unused": Fault(
        plain, lambda m: m["layers"][0]["weights"].append([1.0]), "array-unused", "silent", W2
    ),
    "all_zero": Fault(plain, put("layers.0.weights.0", [[0.0] * 4] * 3), "all-zero", "silent", W0),
    "activation_narrow": Fault(
        plain,
        lambda m: m["layers"].append(layer("activation", 1, activation="tanh")),
        "width-chain",
        "silent",
        "$.layers[2]",
    ),
    "groups_drop_inputs": Fault(
        lambda: model(5, conv()["layers"][0]),
        put("layers.0.groups", 2),
        "groups",
        "silent",
        "$.layers[0].groups",
    ),
    "prelu_short": Fault(
        slopes, put("layers.1.weights.0.0", [0.1, 0.2]), "array-short", "silent", "$.layers[1].weights[0][0]"
    ),
    "prelu_shape": Fault(
        slopes, put("layers.1.shape", [None, None, 7]), "shape-ignored", "silent", "$.layers[1].shape"
    ),
    "prelu_rows": Fault(
        slopes, put("layers.1.weights.0", [[0.1], [0.2]]), "array-long", "silent", "$.layers[1].weights[0]"
    ),
    "conv2d_padding_unknown": Fault(
        image, put("layers.0.padding", "causal"), "padding-unknown", "silent", "$.layers[0].padding"
    ),
    "conv2d_frames_narrow": Fault(
        image, put("in_shape", [None, None, 11]), "width-chain", "silent", "$.layers[0]"
    ),
    "size_fraction": Fault(
        conv, put("layers.0.dilation", 2.5), "size-rounded", "silent", "$.layers[0].dilation"
    ),
    # what exporters from PyTorch get wrong
    "lstm_one_gate": Fault(
        lambda: recurrent("lstm"),
        put("layers.0.weights.0", lambda w: [row[:2] for row in w]),
        "gates-missing",
        "silent",
        W0,
    ),
    "lstm_gates_identical": Fault(
        lambda: recurrent("lstm"),
        put("layers.0.weights.1", lambda w: [row[:2] * 4 for row in w]),
        "gates-identical",
        "silent",
        W1,
    ),
    "lstm_weights_hh_empty": Fault(
        lambda: recurrent("lstm"), put("layers.0.weights.1", []), "recurrent-empty", "silent", W1
    ),
    "lstm_biases_joined": Fault(
        lambda: recurrent("lstm"),
        put("layers.0.weights.2", lambda b: b + b),
        "biases-not-summed",
        "silent",
        W2,
    ),
    "lstm_biases_apart": Fault(
        lambda: recurrent("lstm"),
        lambda m: m["layers"][0]["weights"].append([0.1] * 8),
        "biases-not-summed",
        "silent",
        "$.layers[0].weights[3]",
    ),
    "gru_one_bias": Fault(
        lambda: recurrent("gru"), put("layers.0.weights.2", lambda b: b[:1]), "gru-one-bias", "silent", W2
    ),
    "gru_kernel_short": Fault(
        lambda: recurrent("gru"), put("layers.0.weights.0", lambda w: w[:2]), "in-shape", "silent", W0
    ),
    # what cannot be told from the file alone
    "lstm_bias_perhaps_one_of_two": Fault(
        lambda: recurrent("lstm"), lambda m: None, "bias-sum", "undecidable", W2
    ),
    "gru_gates_perhaps_swapped": Fault(
        lambda: recurrent("gru"), lambda m: None, "gate-order", "undecidable", "$.layers[0].weights"
    ),
    "dense_perhaps_transposed": Fault(
        square, put("layers.0.weights.0", turned), "transposed", "undecidable", W0
    ),
    "conv1d_perhaps_reversed": Fault(
        conv, put("layers.0.weights.0", lambda w: w[::-1]), "kernel-order", "undecidable", W0
    ),
    "activation_perhaps_lost": Fault(
        plain, put("layers.0.activation", ""), "activation-lost", "undecidable", "$.layers[0].activation"
    ),
    "activations_alike": Fault(
        lambda: model(3, dense("a", 3, 4), dense("b", 4, 4), dense("c", 4, 2)),
        lambda m: None,
        "activations-alike",
        "undecidable",
        "$.layers[0].activation",
    ),
    # what RTNeural throws at, refuses, or leaves to chance
    "in_shape_missing": Fault(plain, drop("in_shape"), "in-shape", "fails", "$.in_shape"),
    "in_shape_narrow": Fault(plain, put("in_shape", [None, None, 2]), "in-shape", "fails", W0),
    "in_shape_text": Fault(plain, put("in_shape", "3"), "not-a-shape", "fails", "$.in_shape"),
    "in_shape_empty": Fault(plain, put("in_shape", []), "empty-list", "fails", "$.in_shape"),
    "in_shape_null": Fault(plain, put("in_shape", [3, None]), "not-a-number", "fails", "$.in_shape[1]"),
    "layers_missing": Fault(plain, drop("layers"), "key-missing", "fails", "$.layers"),
    "layers_text": Fault(plain, put("layers", "none"), "not-an-array", "fails", "$.layers"),
    "layers_none": Fault(plain, put("layers", []), "empty-model", "fails", "$.layers"),
    "layer_is_number": Fault(plain, put("layers.1", 3), "not-an-object", "fails", "$.layers[1]"),
    "type_missing": Fault(plain, drop("layers.1.type"), "key-missing", "fails", "$.layers[1].type"),
    "type_number": Fault(plain, put("layers.1.type", 7), "not-a-string", "fails", "$.layers[1].type"),
    "shape_missing": Fault(plain, drop("layers.1.shape"), "key-missing", "fails", "$.layers[1].shape"),
    "weights_missing": Fault(plain, drop("layers.0.weights"), "key-missing", "fails", "$.layers[0].weights"),
    "weights_object": Fault(
        plain, put("layers.0.weights", {}), "not-an-array", "fails", "$.layers[0].weights"
    ),
    "activation_unknown": Fault(
        plain, put("layers.0.activation", "swish"), "activation-unknown", "fails", "$.layers[0].activation"
    ),
    "dense_transposed": Fault(plain, put("layers.0.weights.0", turned), "weights-too-large", "fails", W0),
    "lstm_transposed": Fault(
        lambda: recurrent("lstm"), put("layers.0.weights.0", turned), "weights-too-large", "fails", W0
    ),
    "dense_bias_short": Fault(plain, put("layers.0.weights.1", [0.5]), "array-short", "fails", W1),
    "lstm_bias_short": Fault(
        lambda: recurrent("lstm"), put("layers.0.weights.2", [0.5] * 4), "array-short", "fails", W2
    ),
    "gru_bias_flat": Fault(
        lambda: recurrent("gru"), put("layers.0.weights.2", [0.5] * 6), "nested-too-flat", "fails", f"{W2}[0]"
    ),
    "gru_bias_missing": Fault(
        lambda: recurrent("gru"), drop("layers.0.weights.2"), "array-missing", "fails", "$.layers[0].weights"
    ),
    "conv1d_bias_missing": Fault(
        conv, drop("layers.0.weights.1"), "array-missing", "fails", "$.layers[0].weights"
    ),
    "conv1d_kernel_size_missing": Fault(
        conv, drop("layers.0.kernel_size"), "key-missing", "fails", "$.layers[0].kernel_size"
    ),
    "conv1d_dilation_none": Fault(
        conv, put("layers.0.dilation", []), "empty-list", "fails", "$.layers[0].dilation"
    ),
    "conv1d_groups_many": Fault(conv, put("layers.0.groups", 3), "groups", "fails", "$.layers[0].groups"),
    "conv1d_groups_zero": Fault(
        conv, put("layers.0.groups", 0), "size-impossible", "fails", "$.layers[0].groups"
    ),
    "conv2d_width": Fault(
        image, put("layers.0.shape", [None, None, 5, 3]), "conv2d-width", "fails", "$.layers[0].shape"
    ),
    "conv2d_frames_wide": Fault(
        image, put("in_shape", [None, None, 7]), "width-chain", "fails", "$.layers[0]"
    ),
    "conv2d_bias_long": Fault(image, put("layers.0.weights.1", [0.1] * 4), "array-long", "fails", W1),
    "batchnorm_one_array": Fault(
        norm, put("layers.1.weights", [[1.0] * 4]), "batchnorm-arrays", "fails", "$.layers[1].weights"
    ),
    "batchnorm_long": Fault(
        norm, put("layers.1.weights.0", [1.0] * 5), "array-long", "fails", "$.layers[1].weights[0]"
    ),
    "batchnorm_epsilon_missing": Fault(
        norm, drop("layers.1.epsilon"), "key-missing", "fails", "$.layers[1].epsilon"
    ),
    "prelu_flat": Fault(
        slopes, put("layers.1.weights.0", [0.1, 0.2]), "nested-too-flat", "fails", "$.layers[1].weights[0][0]"
    ),
    "prelu_long": Fault(
        slopes, put("layers.1.weights.0.0", [0.1] * 5), "array-long", "fails", "$.layers[1].weights[0][0]"
    ),
    "activation_wide": Fault(
        plain,
        lambda m: m["layers"].append(layer("activation", 9, activation="tanh")),
        "width-chain",
        "fails",
        "$.layers[2]",
    ),
    "size_enormous": Fault(
        plain, put("layers.0.shape", [10**18]), "size-impossible", "fails", "$.layers[0].shape[0]"
    ),
    "sizes_multiply": Fault(
        plain,
        lambda m: (put("in_shape", [10**6])(m), put("layers.0.shape", [10**6])(m)),
        "size-impossible",
        "fails",
        W0,
    ),
    "size_negative": Fault(plain, put("in_shape", [None, -3]), "size-impossible", "fails", "$.in_shape[1]"),
    # numbers that are none, and lists nested otherwise
    "weight_text": Fault(plain, put("layers.0.weights.0.1.2", "0.5"), "not-a-number", "fails", f"{W0}[1][2]"),
    "weight_null": Fault(plain, put("layers.0.weights.1.3", None), "not-a-number", "fails", f"{W1}[3]"),
    "weight_true": Fault(plain, put("layers.0.weights.1.3", True), "boolean", "silent", f"{W1}[3]"),
    "weight_beyond_float32": Fault(
        plain, put("layers.0.weights.0.2.0", 1e39), "not-a-number", "fails", f"{W0}[2][0]"
    ),
    "weight_is_list": Fault(
        plain, put("layers.0.weights.0.1.2", [0.5]), "nested-too-deep", "fails", f"{W0}[1][2]"
    ),
    "kernel_flat": Fault(plain, put("layers.0.weights.0", [0.5] * 3), "nested-too-flat", "fails", f"{W0}[0]"),
    "kernel_deep": Fault(
        plain, put("layers.0.weights.0", lambda w: [w]), "nested-too-deep", "fails", f"{W0}[0][0]"
    ),
    "kernel_row_number": Fault(
        plain, put("layers.0.weights.0.2", 0.5), "nested-too-flat", "fails", f"{W0}[2]"
    ),
    "conv1d_kernel_flat": Fault(
        conv, put("layers.0.weights.0", lambda w: w[0]), "nested-too-flat", "fails", f"{W0}[0][0]"
    ),
    "size_text": Fault(
        conv, put("layers.0.dilation", ["2"]), "not-a-number", "fails", "$.layers[0].dilation"
    ),
}
