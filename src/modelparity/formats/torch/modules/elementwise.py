"""Activations and arithmetic element by element."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor, nn

from ....engine.bound_node import Call
from ..building import Built, Function, Scope, lowers
from ..counterparts import BINARY, UNARY
from ..read.aten_call import Op, reads

_SIMPLE: dict[str, Callable[[], nn.Module]] = {
    "relu": nn.ReLU,
    "sigmoid": nn.Sigmoid,
    "tanh": nn.Tanh,
    "softsign": nn.Softsign,
    "silu": nn.SiLU,
    "mish": nn.Mish,
    "hard_swish": nn.Hardswish,
    "identity": nn.Identity,
}
_FUNCTIONS: dict[str, Callable[..., Tensor]] = {
    **{op: getattr(torch, name) for name, op in (UNARY | BINARY).items() if op not in _SIMPLE},
    "add": torch.add,
    "sub": torch.sub,
    "div": torch.div,
    "power": torch.pow,
}
_WITH_SETTINGS: dict[str, Callable[[Mapping[str, Any]], nn.Module]] = {
    "elu": lambda a: nn.ELU(a["alpha"]),
    "celu": lambda a: nn.CELU(a["alpha"]),
    "gelu": lambda a: nn.GELU(approximate=a["approximate"]),
    "leaky_relu": lambda a: nn.LeakyReLU(a["slope"]),
    # The default threshold replaces log(1 + exp(x)) by x above 20, within a rounding; in float64 it is coarser.
    "softplus": lambda a: nn.Softplus(a["beta"], threshold=40.0),
    "hard_sigmoid": lambda a: Function("hard_sigmoid", _hard_sigmoid, alpha=a["alpha"], beta=a["beta"]),
    "selu": lambda a: Function("selu", _selu, alpha=a["alpha"], gamma=a["gamma"]),
    "clip": lambda a: Function("clip", torch.clamp, min=a["min"], max=a["max"]),
}


@lowers(*_SIMPLE, *_FUNCTIONS, *_WITH_SETTINGS)
def elementwise(scope: Scope, c: Call) -> Built:
    """Constant operands become buffers of the network."""
    if c.node.op in _SIMPLE:
        return _SIMPLE[c.node.op](), c.node.inputs
    if c.node.op in _WITH_SETTINGS:
        return activation(c.node.op, c.attrs), c.node.inputs
    return Function(c.node.op, _FUNCTIONS[c.node.op]), c.node.inputs


@lowers("prelu")
def prelu(scope: Scope, c: Call) -> Built:
    """Written out: nn.PReLU has its channels on the second axis."""
    return Function("prelu", lambda x, slope: torch.where(x >= 0, x, slope * x)), c.node.inputs


@reads("aten.prelu", "aten._prelu_kernel")
def read_prelu(op: Op) -> None:
    """A slope a channel; channels are the second axis, or the only one."""
    rank, many = op.rank("self"), op.shape("weight")
    if op.type == "aten.prelu" and many != [1] and rank > 2:
        op.give("prelu", [op.input("self"), op.shaped("weight", (-1, *(1,) * (rank - 2)))])
        return
    op.give("prelu", [op.input("self"), op.input("weight")])


def activation(op: str, attrs: Mapping[str, Any]) -> nn.Module:
    """A module for an activation by operator name; raises `KeyError` if there is none."""
    if op in _SIMPLE:
        return _SIMPLE[op]()
    return _WITH_SETTINGS[op](attrs) if op in _WITH_SETTINGS else Function(op, _FUNCTIONS[op])


def _hard_sigmoid(x: Tensor, *, alpha: float, beta: float) -> Tensor:
    return torch.clamp(x * alpha + beta, 0, 1)


def _selu(x: Tensor, *, alpha: float, gamma: float) -> Tensor:
    return gamma * torch.where(x > 0, x, alpha * torch.expm1(torch.clamp(x, max=0)))
