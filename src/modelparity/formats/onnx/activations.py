"""Activations in ONNX operators, those that are one and those composed of several."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from .builder import Builder
from .counterparts import UNARY, WITH_SETTINGS


class Last(Protocol):
    """Emits the node whose result is the activation's."""

    def __call__(self, op: str, inputs: list[str], **attrs: Any) -> str: ...


def activate(b: Builder, op: str, x: str, attrs: Mapping[str, Any], last: Last) -> str:
    """Emit activation ``op`` of the ONNX tensor ``x``; the last node through ``last``. Returns its result."""
    if op in SAME:
        name, settings = SAME[op]
        return last(name, [x], **{theirs: float(attrs[ours]) for theirs, ours in settings.items()})
    return COMPOSED[op](b, x, attrs, last)


def _clip(b: Builder, x: str, attrs: Mapping[str, Any], last: Last) -> str:
    bounds = [attrs["min"], attrs["max"]]
    inputs = ["" if bound is None else b.scalar(float(bound)) for bound in bounds]
    return last("Clip", [x, *inputs] if attrs["max"] is not None else [x, *inputs[:1]])


def _silu(b: Builder, x: str, attrs: Mapping[str, Any], last: Last) -> str:
    return last("Mul", [x, b.emit("Sigmoid", [x])])


def _mish(b: Builder, x: str, attrs: Mapping[str, Any], last: Last) -> str:
    return last("Mul", [x, b.emit("Tanh", [b.emit("Softplus", [x])])])


def _softplus(b: Builder, x: str, attrs: Mapping[str, Any], last: Last) -> str:
    beta = float(attrs["beta"])
    if beta == 1.0:
        return last("Softplus", [x])
    return last("Div", [b.emit("Softplus", [b.emit("Mul", [x, b.scalar(beta)])]), b.scalar(beta)])


def _gelu(b: Builder, x: str, attrs: Mapping[str, Any], last: Last) -> str:
    if attrs["approximate"] == "tanh":
        cube = b.emit("Mul", [b.emit("Mul", [x, x]), x])
        inner = b.emit("Add", [x, b.emit("Mul", [cube, b.scalar(0.044715)])])
        share = b.emit("Tanh", [b.emit("Mul", [inner, b.scalar(0.7978845608028654)])])
    else:
        share = b.emit("Erf", [b.emit("Mul", [x, b.scalar(0.7071067811865476)])])
    half = b.emit("Mul", [x, b.scalar(0.5)])
    return last("Mul", [half, b.emit("Add", [share, b.scalar(1.0)])])


#: Operator -> (ONNX operator, {ONNX attribute: the operator's}).
SAME: dict[str, tuple[str, dict[str, str]]] = {
    "identity": ("Identity", {}),
    **{ours: (name, {}) for name, ours in UNARY.items()},
    **{
        ours: (name, {theirs: attr for theirs, (attr, _) in settings.items()})
        for name, (ours, settings) in WITH_SETTINGS.items()
    },
}
#: What takes several nodes in this operator set.
COMPOSED = {"clip": _clip, "gelu": _gelu, "mish": _mish, "silu": _silu, "softplus": _softplus}
#: Everything that `activate` writes.
ACTIVATIONS = (*SAME, *COMPOSED)
