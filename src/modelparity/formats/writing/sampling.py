"""Sampling anew as products with matrices, one an axis: for targets that have another notion of it, or none."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from ...engine.bound_node import Call
from ...engine.run import run
from ...graph import Array, Axis, Graph, Node, TensorSpec
from .scope import Scope


def shares(scope: Scope, call: Call) -> Iterator[tuple[int, Array]]:
    """(axis, matrix (old, new)) of each axis that a node samples anew: what every new element takes of every old one.

    Each axis is sampled by itself, and all that a node does with it is linear, so that one image of each element
    says it. Raises `ConversionError` where a size is known only when the network runs, or it crops.
    """
    x, (y,), a = call.tensors["x"], call.node.outputs, call.attrs
    rank = scope.rank(x)
    over: Sequence[int]
    if a.get("grid") == "tf_crop_and_resize":
        raise scope.target.refusal(call, "it cuts a part out of its image, and fills what is outside")
    if "axes" not in a:  # a pool, over the axes before the channels
        over = range(rank - 1 - len(a["sizes"]), rank - 1)
    else:
        over = range(rank) if a["axes"] is None else [int(axis) % rank for axis in a["axes"]]
    scales = scope.constant(call, "scales") if "scales" in call.tensors else None
    for place, axis in enumerate(over):
        old, new = scope.shapes[x][axis], scope.shapes[y][axis]
        if not isinstance(old, int) or not isinstance(new, int):
            raise scope.target.refusal(call, "it samples an axis whose size is known only when it runs")
        factor = None if scales is None or scales.size != len(over) else float(scales.reshape(-1)[place])
        matrix = _image(call, old, new, factor)
        if old != new or not np.array_equal(matrix, np.eye(old)):
            yield axis, matrix


def _image(call: Call, old: int, new: int, factor: float | None) -> Array:
    """What a node makes of every element of an axis alone: (old, new)."""
    attrs: dict[str, Any] = dict(call.attrs)
    constants: dict[str, Array] = {}
    pool, sized = "axes" not in call.attrs, "sizes" in call.attrs
    shape = (old, old, 1) if pool else (old, old)
    given: tuple[str, ...] = ("x",)
    if pool:
        attrs = {"sizes": (new,)}
    elif sized:
        attrs |= {"axes": (1,), "sizes": (new,), "scales": None}
    else:
        attrs |= {"axes": (1,), "policy": "stretch"}
        given = ("x", "", "scales") if factor is not None else ("x", "", "", "sizes")
        constants = (
            {"scales": np.array([factor], np.float32)} if factor is not None else {"sizes": np.array([new])}
        )
    axes = tuple(Axis(f"n{at}", size) for at, size in enumerate(shape))
    node = Node("sample", call.node.op, given, ("y",), attrs)
    graph = Graph("sample", (TensorSpec("x", axes),), ("y",), (node,), constants)
    made: Array = run(graph, {"x": np.eye(old, dtype=np.float32).reshape(shape)})["y"].reshape(old, new)
    return made
