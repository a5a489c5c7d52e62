"""One operator in one form, as a graph with numbers to run it on."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

import modelparity as mp

Axes = tuple[int | str, ...]


@dataclass(frozen=True)
class Case:
    """One operator: input axes (a name is free; 11 long in the run), constants' shapes, attributes."""

    op: str
    axes: tuple[Axes, ...]
    constants: dict[str, tuple[int, ...]] = field(default_factory=dict)
    attrs: dict[str, Any] = field(default_factory=dict)
    order: str = ""  # of inputs and constants, where not as they stand; "-" leaves one out
    outputs: int = 1
    positive: bool = False
    dtype: str = "float32"
    least: int = 1
    given: dict[str, Any] = field(default_factory=dict)  # constants with these numbers
    behind: str = ""  # an operator through which the first input goes

    def __str__(self) -> str:
        shown = [f"{k}={v}" for k, v in self.attrs.items()]
        return "-".join([self.op, *("x".join(map(str, a)) for a in self.axes), *self.constants, *shown])

    def graph(self) -> mp.Graph:
        rng = np.random.default_rng(5)
        inputs = [f"x{i}" for i in range(len(self.axes))]
        specs = tuple(
            mp.TensorSpec(
                name,
                tuple(
                    mp.Axis(a, None, self.least) if isinstance(a, str) else mp.Axis(f"n{i}", a)
                    for i, a in enumerate(axes)
                ),
                self.dtype if name == "x0" else "float32",
            )
            for name, axes in zip(inputs, self.axes, strict=True)
        )
        values = {}
        for name, shape in self.constants.items():
            values[name] = rng.normal(size=shape).astype(np.float32)
            if name in ("variance", "inv_std"):
                values[name] = np.abs(values[name]) + np.float32(0.5)
        for name, numbers in self.given.items():
            array = np.array(numbers)
            values[name] = array.astype(np.int64 if array.dtype.kind == "i" else np.float32)
        names = self.order.split() if self.order else [*inputs, *self.constants]
        reads = tuple("" if name == "-" else name for name in names)
        outputs = tuple(["y", "h", "c"][: self.outputs])
        node = mp.Node("node", self.op, reads, outputs, self.attrs, origin="layers[3]")
        nodes = (node,)
        if self.behind:
            first = mp.Node("before", self.behind, ("x0",), ("behind",), origin="layers[3]")
            nodes = (first, replace(node, inputs=tuple("behind" if n == "x0" else n for n in reads)))
        return mp.Graph("one", specs, outputs, nodes, values)

    def feeds(self, graph: mp.Graph) -> dict[str, np.ndarray]:
        rng = np.random.default_rng(6)
        feeds = {}
        for spec in graph.inputs:
            shape = [11 if axis.size is None else axis.size for axis in spec.axes]
            if spec.dtype == "int64":
                feeds[spec.name] = rng.integers(0, 5, size=shape)
            elif spec.dtype == "bool":
                feeds[spec.name] = rng.random(shape) < 0.5
                feeds[spec.name][0], feeds[spec.name][1] = False, True  # with one of them, nothing is open
            else:
                feeds[spec.name] = rng.normal(size=shape).astype(np.float32)
                if self.positive:
                    feeds[spec.name] = np.abs(feeds[spec.name]) + np.float32(0.1)
        return feeds
