"""What a node of an exported program says of itself: its operator, its module, what is known of its value."""

from __future__ import annotations

from typing import Any

import torch
from torch import fx


def label(node: fx.Node) -> str:
    """An operator's name as errors and origins have it: "aten.convolution", with its overload if that has a name."""
    target = node.target
    if isinstance(target, torch._ops.OpOverload):
        name = f"{target.namespace}.{target._opname}"
        return name if target._overloadname == "default" else f"{name}.{target._overloadname}"
    return str(getattr(target, "__name__", target))


def module_path(node: fx.Node) -> str:
    """Where the module stands that made a node: "encoder.layers.0.linear1"; "" for the outermost."""
    stack = node.meta.get("nn_module_stack") or {}
    paths = [str(path) for path, _ in stack.values() if not str(path).startswith("_empty_nn_module")]
    return paths[-1].removeprefix("L['self'].") if paths else ""


def is_complex(node: Any) -> bool:
    """Whether a value of the program is complex, or begins with a tensor of complex numbers."""
    if isinstance(node, complex):
        return True
    value = value_of(node) if isinstance(node, fx.Node) and "val" in node.meta else None
    value = value[0] if isinstance(value, tuple | list) and value else value
    return isinstance(value, torch.Tensor) and value.is_complex()


def value_of(node: Any) -> Any:
    """What PyTorch's shape inference knows of a value."""
    return node.meta["val"] if isinstance(node, fx.Node) else node


def symbol(node: fx.Node) -> Any:
    """As `value_of`, with a size that turned out fixed as a number."""
    value = node.meta.get("val")
    if isinstance(value, torch.SymInt) and value.node.expr.is_number:
        return int(value.node.expr)
    return value
