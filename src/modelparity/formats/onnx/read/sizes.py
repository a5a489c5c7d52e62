"""Arithmetic on shapes of which only a part is known: Shape, Gather, Concat and what usually stands between them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from .node import Op
from .scope import Size, Sizes

_RULES: dict[str, Callable[[Op], Sizes | None]] = {}


def known_sizes(op: Op) -> Sizes | None:
    """The elements of the node's result if it is a small vector or scalar of whole numbers; None if it is not."""
    rule = _RULES.get(op.type)
    if rule is None or op.node.domain not in ("", "ai.onnx") or len(op.kinds) != 1:
        return None
    dtype, shape = op.kinds[0].dtype, op.kinds[0].shape
    if dtype not in ("int32", "int64") or (shape is not None and len(shape) > 1):
        return None
    sizes = rule(op)
    return sizes if sizes is not None and any(n is not None for n in sizes) else None


def _rule(*names: str) -> Callable[[Callable[[Op], Sizes | None]], Callable[[Op], Sizes | None]]:
    def mark(function: Callable[[Op], Sizes | None]) -> Callable[[Op], Sizes | None]:
        _RULES.update(dict.fromkeys(names, function))
        return function

    return mark


@_rule("Shape")
def _shape(op: Op) -> Sizes | None:
    shape = op.kind(0).shape
    if shape is None:
        return None
    return shape[op.attr("start", 0) : op.attr("end", None)]


@_rule("Size")
def _size(op: Op) -> Sizes | None:
    shape = op.kind(0).shape
    if shape is None or not all(isinstance(n, int) for n in shape):
        return None
    return (int(np.prod([int(n) for n in shape if isinstance(n, int)], dtype=np.int64)),)


@_rule("Identity", "Squeeze", "Unsqueeze", "Reshape")
def _same(op: Op) -> Sizes | None:
    return op.value(0).sizes


@_rule("Cast")
def _cast(op: Op) -> Sizes | None:
    return op.value(0).sizes if op.kind(0).dtype in ("int32", "int64") else None


@_rule("Gather")
def _gather(op: Op) -> Sizes | None:
    sizes, places = op.value(0).sizes, op.known(1)
    if sizes is None or places is None or op.attr("axis", 0) != 0 or places.ndim > 1:
        return None
    picked = [int(n) for n in places.reshape(-1)]
    return tuple(sizes[n] for n in picked) if all(-len(sizes) <= n < len(sizes) for n in picked) else None


@_rule("Slice")
def _slice(op: Op) -> Sizes | None:
    sizes = op.value(0).sizes
    if sizes is None:
        return None
    if op.version < 10:
        starts, ends, steps = op.attr("starts"), op.attr("ends"), (1,)
    else:
        known = [op.known(1), op.known(2), op.known(4) if op.has(4) else np.ones(1, np.int64)]
        if any(one is None or one.size != 1 for one in known):
            return None
        starts, ends, steps = ((int(one.reshape(())),) for one in known if one is not None)
    return sizes[starts[0] : ends[0] : steps[0]] if len(starts) == 1 and steps[0] else None


@_rule("Concat")
def _concat(op: Op) -> Sizes | None:
    parts: list[Size] = []
    for value in op.values:
        if value is None:
            return None
        if value.sizes is not None:
            parts += value.sizes
        elif (
            value.kind.shape is not None
            and len(value.kind.shape) == 1
            and isinstance(value.kind.shape[0], int)
        ):
            parts += [None] * min(value.kind.shape[0], 64)
        else:
            return None
    return tuple(parts) if len(parts) <= 64 else None


@_rule("Add", "Sub", "Mul", "Div")
def _arithmetic(op: Op) -> Sizes | None:
    """Numbers with numbers; a name stays one only where nothing is done to it."""
    one, two = op.value(0).sizes, op.value(1).sizes
    if one is None or two is None:
        return None
    if len(one) != len(two):
        one, two = (
            (one * len(two), two) if len(one) == 1 else (one, two * len(one)) if len(two) == 1 else ((), ())
        )
    neutral = 1 if op.type in ("Mul", "Div") else 0
    found: list[Size] = []
    for a, b in zip(one, two, strict=False):
        if isinstance(a, int) and isinstance(b, int) and not (op.type == "Div" and b == 0):
            found.append({"Add": a + b, "Sub": a - b, "Mul": a * b}.get(op.type, _quotient(a, b)))
        elif b == neutral and isinstance(b, int):
            found.append(a)
        elif a == neutral and isinstance(a, int) and op.type in ("Add", "Mul"):
            found.append(b)
        else:
            found.append(None)
    return tuple(found) or None


def _quotient(a: int, b: int) -> int:
    return (abs(a) // abs(b)) * (1 if (a < 0) == (b < 0) else -1) if b else 0
