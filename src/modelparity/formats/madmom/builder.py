"""A graph being put together: nodes, constants, and how long every axis is where that can be known."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ...errors import ArtefactError
from ...graph import Array, Graph, Node, Source, TensorSpec

#: No network needs a longer input than this to say anything.
LONGEST = 1 << 20


@dataclass(frozen=True)
class Extent:
    """How long an axis is: a number, or what the layers so far make of an input axis of free length."""

    known: int | None = None
    root: str | None = None
    steps: tuple[Callable[[int], int], ...] = ()

    def then(self, step: Callable[[int], int]) -> Extent:
        """The extent after a layer that changes it."""
        if self.known is not None:
            return Extent(step(self.known))
        return replace(self, steps=(*self.steps, step)) if self.root else self

    def longer(self, more: int) -> Extent:
        """The extent with so many elements more."""
        return self.then(lambda n: n + more)

    def fits(self, size: int) -> bool:
        """False only if the axis is known to have another size."""
        return self.known is None or self.known == size

    def runs(self, size: int) -> bool:
        """True if an input axis of ``size`` leaves something after every layer."""
        for step in self.steps:
            size = step(size)
            if size < 1:
                return False
        return True


class Builder:
    """Collects the graph. ``axes`` are the extents of the tensor that flows out of the last node."""

    def __init__(self, spec: TensorSpec) -> None:
        self.spec = spec
        self.tensor = spec.name
        self.axes = tuple(Extent(axis.size, None if axis.size else axis.name) for axis in spec.axes)
        self.nodes: list[Node] = []
        self.constants: dict[str, Array] = {}
        self.unused: dict[str, str] = {}
        self.least = {axis.name: 1 for axis in spec.axes}

    @property
    def rank(self) -> int:
        """Rank of the current tensor."""
        return len(self.axes)

    def constant(self, name: str, array: Array) -> str:
        """Register a weight; returns its tensor name."""
        self.constants[name] = array
        return name

    def node(
        self,
        name: str,
        op: str,
        origin: str,
        extents: tuple[Extent, ...],
        constants: Mapping[str, Array | None] | None = None,
        /,
        *,
        source: str | None = None,
        **attrs: Any,
    ) -> str:
        """Add a node that reads the current tensor (or ``source``) and then its constants, in order.

        ``None`` leaves an optional input out. Returns the output's name, which becomes the current tensor.
        """
        inputs = [source or self.tensor]
        for part, array in (constants or {}).items():
            inputs.append("" if array is None else self.constant(f"{name}.{part}", array))
        while not inputs[-1]:
            inputs.pop()
        self.nodes.append(Node(name, op, tuple(inputs), (name,), attrs, origin))
        self.tensor = name
        self.axes = extents
        for extent in extents:
            self._check(extent, origin)
        return name

    def concat(self, name: str, origin: str, tensors: list[str], axes: tuple[Extent, ...]) -> None:
        """Join tensors on their last axis."""
        self.nodes.append(Node(name, "concat", tuple(tensors), (name,), {"axis": -1}, origin))
        self.tensor, self.axes = name, axes

    def _check(self, extent: Extent, origin: str) -> None:
        """Nothing may be empty: known sizes at once, free axes by raising what they need at least."""
        if extent.known is not None:
            if extent.known < 1:
                raise ArtefactError("this layer leaves nothing of an axis", where=origin, found=extent.known)
        elif extent.root is not None and not extent.runs(self.least[extent.root]):
            low, high = self.least[extent.root], 2 * self.least[extent.root]
            while not extent.runs(high):
                low, high = high, 2 * high
                if high > LONGEST:
                    raise ArtefactError("this layer leaves nothing of any input", where=origin)
            while high - low > 1:
                middle = (low + high) // 2
                low, high = (low, middle) if extent.runs(middle) else (middle, high)
            self.least[extent.root] = high

    def graph(self, name: str, source: Source | None, native: str) -> Graph:
        """The finished graph: the last tensor becomes output "y"."""
        if self.nodes:
            self.nodes[-1] = replace(self.nodes[-1], outputs=("y",))
        axes = tuple(replace(axis, least=self.least[axis.name]) for axis in self.spec.axes)
        return Graph(
            name=name,
            inputs=(replace(self.spec, axes=axes),),
            outputs=("y",),
            nodes=tuple(self.nodes),
            constants=self.constants,
            source=source,
            native=native,
            unused=self.unused,
        )


def as_float(array: Array, like: Array | None = None) -> Array:
    """An array that takes part in arithmetic: integers become floats of the type that stands beside them."""
    if array.dtype.kind == "f":
        return array
    dtype = like.dtype if like is not None and like.dtype.kind == "f" else np.dtype(np.float32)
    exact = array.astype(dtype)
    return exact if np.array_equal(exact, array) else array.astype(np.float64)


def spread(array: Array, size: int, where: str, like: Array | None = None) -> Array:
    """A bias or peephole as a row of ``size``: a single number serves all places, as it does in numpy."""
    flat = as_float(array, like).reshape(-1)
    if flat.size not in (1, size):
        raise ArtefactError(
            "wrong length", where=where, found=array.shape, expected=f"({size},) or one number"
        )
    return np.ascontiguousarray(np.broadcast_to(flat, (size,)))


def shaped(array: Array, shape: tuple[int | None, ...], where: str) -> Array:
    """An array of that shape (``None``: any size there) as floats; raises `ArtefactError` naming the place."""
    if array.ndim != len(shape) or any(
        want is not None and want != have for want, have in zip(shape, array.shape, strict=True)
    ):
        said = ", ".join("any" if n is None else str(n) for n in shape)
        raise ArtefactError("wrong shape", where=where, found=array.shape, expected=f"({said})")
    return as_float(array)
