"""Operators that bring a tensor from one layout to another, worked out from where each element stands."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import permutations
from math import prod
from typing import Any

import numpy as np

from ..graph import Array, Node

#: Of more axes no order is looked for.
AXES = 6


@dataclass(frozen=True)
class Way:
    """Operators with their settings, one after another."""

    steps: tuple[tuple[str, dict[str, Any]], ...] = ()

    def nodes(self, source: str, result: str) -> Iterator[Node]:
        """Nodes that make ``result`` of ``source``; at least one."""
        steps = self.steps or (("identity", {}),)
        for at, (op, attrs) in enumerate(steps):
            name = result if at == len(steps) - 1 else f"{result}.layout{at}"
            yield Node(name, op, (source,), (name,), attrs)
            source = name


def way(places: Array, shape: tuple[int, ...]) -> Way | None:
    """The way to an array of the shape of ``places`` from one of ``shape``; None where there is none of this kind.

    ``places`` has, for each element, its place in the other array, counted in C order.
    """
    if places.size != prod(shape):
        return None
    if places.shape == shape and np.array_equal(places.reshape(-1), np.arange(places.size)):
        return Way()
    have = [size for size in shape if size != 1]
    want = [size for size in places.shape if size != 1]
    steps: list[tuple[str, dict[str, Any]]] = []
    if (units := [axis for axis, size in enumerate(shape) if size == 1]) and places.shape != shape:
        steps.append(("squeeze", {"axes": tuple(units)}))
    order = _order(places, have, want)
    if order is None:
        if not np.array_equal(places.reshape(-1), np.arange(places.size)):
            return None
        return Way((("reshape", {"shape": (-1, *places.shape[1:])}),))
    if order != tuple(range(len(order))):
        if places.shape == shape or not steps:
            steps = [("squeeze", {"axes": tuple(units)})] if units else []
        steps.append(("transpose", {"axes": order}))
    elif places.shape == shape:
        return Way()
    if units := [axis for axis, size in enumerate(places.shape) if size == 1]:
        steps.append(("expand_dims", {"axes": tuple(units)}))
    return Way(tuple(steps))


def _order(places: Array, have: list[int], want: list[int]) -> tuple[int, ...] | None:
    """In which order the axes longer than one lie."""
    if len(have) != len(want) or len(have) > AXES:
        return None
    plain, wanted = np.arange(places.size).reshape(have), places.reshape(want)
    for order in permutations(range(len(have))):
        if [have[axis] for axis in order] == want and np.array_equal(plain.transpose(order), wanted):
            return order
    return None
