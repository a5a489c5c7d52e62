"""Activations in ONNX operators, those that are one and those composed of several."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from .builder import Builder

#: Operators that ONNX has under another name, with no setting.
PLAINLY = {
    "abs": "Abs",
    "erf": "Erf",
    "exp": "Exp",
    "hard_swish": "HardSwish",
    "identity": "Identity",
    "log": "Log",
    "neg": "Neg",
    "reciprocal": "Reciprocal",
    "relu": "Relu",
    "sigmoid": "Sigmoid",
    "softsign": "Softsign",
    "sqrt": "Sqrt",
    "tanh": "Tanh",
}
#: Operators whose settings ONNX has too: graph attribute -> ONNX attribute.
WITH_SETTINGS = {
    "celu": ("Celu", {"alpha": "alpha"}),
    "elu": ("Elu", {"alpha": "alpha"}),
    "hard_sigmoid": ("HardSigmoid", {"alpha": "alpha", "beta": "beta"}),
    "leaky_relu": ("LeakyRelu", {"slope": "alpha"}),
    "selu": ("Selu", {"alpha": "alpha", "gamma": "gamma"}),
}
COMPOSED = ("clip", "gelu", "mish", "silu", "softplus")
#: Everything that `activate` writes.
ACTIVATIONS = (*PLAINLY, *WITH_SETTINGS, *COMPOSED)


class Last(Protocol):
    """Emits the node whose result is the activation's."""

    def __call__(self, op: str, inputs: list[str], **attrs: Any) -> str: ...


def activate(b: Builder, op: str, x: str, attrs: Mapping[str, Any], last: Last) -> str:
    """Emit activation ``op`` of the ONNX tensor ``x``; the last node through ``last``. Returns its result."""
    if op in PLAINLY:
        return last(PLAINLY[op], [x])
    if op in WITH_SETTINGS:
        name, settings = WITH_SETTINGS[op]
        return last(name, [x], **{onnx: float(attrs[ours]) for ours, onnx in settings.items()})
    if op == "clip":
        bounds = [attrs["min"], attrs["max"]]
        inputs = ["" if bound is None else b.scalar(float(bound)) for bound in bounds]
        return last("Clip", [x, *inputs] if attrs["max"] is not None else [x, *inputs[:1]])
    if op == "silu":
        return last("Mul", [x, b.emit("Sigmoid", [x])])
    if op == "mish":
        return last("Mul", [x, b.emit("Tanh", [b.emit("Softplus", [x])])])
    if op == "softplus":
        beta = float(attrs["beta"])
        if beta == 1.0:
            return last("Softplus", [x])
        return last("Div", [b.emit("Softplus", [b.emit("Mul", [x, b.scalar(beta)])]), b.scalar(beta)])
    return _gelu(b, x, attrs, last)


def _gelu(b: Builder, x: str, attrs: Mapping[str, Any], last: Last) -> str:
    if attrs["approximate"] == "tanh":
        cube = b.emit("Mul", [b.emit("Mul", [x, x]), x])
        inner = b.emit("Add", [x, b.emit("Mul", [cube, b.scalar(0.044715)])])
        share = b.emit("Tanh", [b.emit("Mul", [inner, b.scalar(0.7978845608028654)])])
    else:
        share = b.emit("Erf", [b.emit("Mul", [x, b.scalar(0.7071067811865476)])])
    half = b.emit("Mul", [x, b.scalar(0.5)])
    return last("Mul", [half, b.emit("Add", [share, b.scalar(1.0)])])
