"""Activations with parameters, and those along an axis."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ....reading.translating import known_as
from ...counterparts import WITH_SETTINGS
from ..node import Op, reads
from ..scope import Kind

#: Activations that onnxruntime fuses with a product: {its name: (ours, parameters in order)}.
FUSED: dict[str, tuple[str, tuple[str, ...]]] = {
    "Relu": ("relu", ()),
    "Tanh": ("tanh", ()),
    "Sigmoid": ("sigmoid", ()),
    "LeakyRelu": ("leaky_relu", ("slope",)),
    "Clip": ("clip", ("min", "max")),
    "HardSigmoid": ("hard_sigmoid", ("alpha", "beta")),
    "Elu": ("elu", ("alpha",)),
    "Softplus": ("softplus", ()),
    "Softsign": ("softsign", ()),
    "": ("identity", ()),
}


def fused(op: Op, y: str, name: str, values: Sequence[float], kind: Kind) -> None:
    """Give f(y), f being fused with what makes y; ``values`` are its parameters. Raises as `Op.error`."""
    if name not in FUSED:
        raise op.error("unknown activation", found=name, expected=", ".join(FUSED))
    core, names = FUSED[name]
    attrs: dict[str, Any] = dict(zip(names, values, strict=False))
    op.give(core, [y], kind=kind, **attrs)


@reads(*WITH_SETTINGS)
def shaped(op: Op) -> None:
    """y = f(x), f having parameters"""
    core, parameters = WITH_SETTINGS[op.type]
    attrs = {ours: op.attr(name, default) for name, (ours, default) in parameters.items()}
    op.give(core, [op.input(0)], **attrs)


@reads("ThresholdedRelu")
def thresholded_relu(op: Op) -> None:
    """y = x where x > alpha, else 0"""
    op.give("thresholded_relu", [op.input(0)], threshold=op.attr("alpha", 1.0), inclusive=False)


@reads("PRelu")
def prelu(op: Op) -> None:
    """y = x where x >= 0, else slope x"""
    op.give("prelu", op.inputs(0, 1))


@reads("Gelu")
def gelu(op: Op) -> None:
    """y = x P(X <= x)"""
    op.give("gelu", [op.input(0)], approximate=op.choice("approximate", known_as("none", "tanh"), "none"))


@reads("Gelu", "FastGelu", "BiasGelu", domain="com.microsoft")
def contrib_gelu(op: Op) -> None:
    """y = f(x + bias); FastGelu approximates by tanh"""
    x = op.input(0)
    if op.has(1):
        x = op.temp("add", [x, op.input(1)])
    op.give("gelu", [x], kind=op.kind(), approximate="tanh" if op.type == "FastGelu" else "none")


@reads("Softmax", "LogSoftmax")
def softmax(op: Op) -> None:
    """y = exp(x) / sum of exp(x) along an axis; before opset 13 over it and all axes behind it"""
    core = {"Softmax": "softmax", "LogSoftmax": "log_softmax"}[op.type]
    along_axis(op, core, before=13, old=1)


@reads("Hardmax")
def hardmax(op: Op) -> None:
    """y = 1 at the first largest element along an axis, else 0"""
    along_axis(op, "hardmax", before=13, old=1)


def along_axis(op: Op, core: str, *, before: int, old: int) -> None:
    """An operator along one axis, which before some version ran over all axes behind it as well."""
    if op.version >= before:
        op.give(core, [op.input(0)], axis=op.attr("axis", -1))
        return
    axis = op.axis(op.attr("axis", old))
    if axis == op.rank() - 1:
        op.give(core, [op.input(0)], axis=-1)
        return
    flat = op.temp("flatten", [op.input(0)], axis=axis)
    y = op.temp(core, [flat], axis=-1)
    op.give("reshape_like", [y, op.input(0)], begins=(0,), ends=(None,))
