"""A node's inputs and attributes by the names that its operator gives them, defaults filled in."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from ..errors import GraphError
from ..graph import Node
from .operator import find


@dataclass(frozen=True)
class Call:
    """``node``, with tensor names by parameter (those left out are absent) and every attribute.

    Operators of any number of arrays (``concat(*xs)``) have their tensors in ``variadic`` only.
    """

    node: Node
    tensors: Mapping[str, str]
    attrs: Mapping[str, Any]
    variadic: tuple[str, ...] = ()


@cache
def _parameters(op: str) -> tuple[tuple[str, ...], str | None, Mapping[str, Any]]:
    """Names of an operator's arrays, the name of its variadic array if any, and its attributes' defaults."""
    arrays: list[str] = []
    variadic: str | None = None
    defaults: dict[str, Any] = {}
    operator = find(op)
    engine = {"call"} if operator.control else set()  # what the engine hands in besides the arithmetic
    for index, parameter in enumerate(inspect.signature(operator.kernel).parameters.values()):
        if index == 0 or parameter.name in engine:
            continue
        if parameter.kind is parameter.KEYWORD_ONLY:
            defaults[parameter.name] = parameter.default
        elif parameter.kind is parameter.VAR_POSITIONAL:
            variadic = parameter.name
        else:
            arrays.append(parameter.name)
    return tuple(arrays), variadic, defaults


def call(node: Node) -> Call:
    """Bind ``node`` to its operator's signature. Raises `GraphError` for arrays or attributes it does not have."""
    arrays, variadic, defaults = _parameters(node.op)
    if unknown := sorted(set(node.attrs) - set(defaults)):
        raise GraphError(
            f"{node.op} {node.name!r} has no attribute {unknown[0]!r}",
            where=node.origin or None,
            expected=", ".join(sorted(defaults)) or "no attribute",
        )
    attrs = {**defaults, **node.attrs}
    if lacking := sorted(name for name, value in attrs.items() if value is inspect.Parameter.empty):
        raise GraphError(f"{node.op} {node.name!r} lacks attribute {lacking[0]!r}", where=node.origin or None)
    if variadic is None and len(node.inputs) > len(arrays):
        raise GraphError(
            f"{node.op} {node.name!r} has too many inputs",
            where=node.origin or None,
            found=len(node.inputs),
            expected=", ".join(arrays),
        )
    named = {name: tensor for name, tensor in zip(arrays, node.inputs, strict=False) if tensor}
    return Call(node, named, attrs, node.inputs[len(arrays) :] if variadic else ())


def by_parameter(node: Node) -> tuple[dict[str, str], tuple[str, tuple[str, ...]] | None]:
    """{parameter: tensor} of those that are given, and for operators of any number of arrays (name, tensors).

    Unlike `call` it asks for no attribute.
    """
    arrays, variadic, _ = _parameters(node.op)
    named = {name: tensor for name, tensor in zip(arrays, node.inputs, strict=False) if tensor}
    return named, None if variadic is None else (variadic, node.inputs[len(arrays) :])


def defaults(op: str) -> Mapping[str, Any]:
    """Attributes of an operator that a node need not give, with their values."""
    return {name: value for name, value in _parameters(op)[2].items() if value is not inspect.Parameter.empty}
