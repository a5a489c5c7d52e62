"""Shapes with their free sizes as formulas ("time", "time-6", "time//2"), and element kinds, of every tensor."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from .engine import run
from .graph import Array, Graph
from .shapes import along, free_axes, zeros

#: By how much a free axis is lengthened to see which sizes follow it. Common pooling factors divide it.
STRETCH = 48


@dataclass(frozen=True)
class Shape:
    """Sizes of one tensor: a number where it is fixed, else a formula of a free axis. ``kind`` is numpy's."""

    sizes: tuple[int | str, ...]
    kind: str

    @property
    def rank(self) -> int:
        """Number of axes."""
        return len(self.sizes)

    def __str__(self) -> str:
        return f"({', '.join(map(str, self.sizes))})"


def symbolic(graph: Graph) -> dict[str, Shape]:
    """Tensor name -> `Shape`, for inputs, constants and every node's outputs.

    The graph runs once with its free axes short, and once more for each of them stretched.
    """
    short = {name: max(2, least) for name, least in free_axes(graph).items()}
    base = _run(graph, short)
    sizes: dict[str, list[int | str]] = {name: list(a.shape) for name, a in base.items()}
    for axis, length in short.items():
        for name, a in _run(graph, {**short, axis: length + STRETCH}).items():
            for place, (one, other) in enumerate(zip(base[name].shape, a.shape, strict=True)):
                if one != other:
                    sizes[name][place] = along(axis, length, one, length + STRETCH, other)
    return {name: Shape(tuple(sizes[name]), a.dtype.kind) for name, a in base.items()}


def _run(graph: Graph, sizes: Mapping[str, int]) -> dict[str, Array]:
    feeds = zeros(graph, sizes)
    with np.errstate(all="ignore"):
        return {**graph.constants, **feeds, **run(graph, feeds, arithmetic="float32", taps=True)}
