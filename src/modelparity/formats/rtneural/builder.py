"""A graph being put together from layers: nodes, constants, and the width of what flows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...graph import Array, Node
from .inputs_outputs import FramedArray


class Builder:
    """Collects the graph. What flows is (time, width), or (batch, time, width) if the input has a batch axis.

    ``image`` is (features, filters) while a convolution's output stands unflattened, else None.
    """

    def __init__(self, array: FramedArray) -> None:
        self.input, self.width, self.batched = array, array.width, array.batched
        self.image: tuple[int, int] | None = None
        self.tensor = array.name
        self.nodes: list[Node] = []
        self.constants: dict[str, Array] = {}
        self.unused: dict[str, str] = {}
        self.begun = False  # True behind the first layer

    @property
    def lead(self) -> int:
        """Axes before the frame's own."""
        return 2 if self.batched else 1

    def node(
        self,
        name: str,
        op: str,
        origin: str,
        constants: Mapping[str, Array | None] | None = None,
        **attrs: Any,
    ) -> str:
        """Add a node that reads the current tensor and then its constants, in order; None leaves one out."""
        inputs = [self.tensor]
        for part, array in (constants or {}).items():
            inputs.append("" if array is None else f"{name}.{part}")
            if array is not None:
                self.constants[f"{name}.{part}"] = array
        while not inputs[-1]:
            inputs.pop()
        self.nodes.append(Node(name, op, tuple(inputs), (name,), attrs, origin))
        self.tensor = name
        return name

    def as_image(self, name: str, origin: str, features: int, filters: int) -> None:
        """Let frames be (features, filters)."""
        if self.image != (features, filters):
            self.flat(name, origin)
            zeros = (0,) * self.lead
            self.node(f"{name}_image", "reshape", origin, shape=(*zeros, features, filters))
            self.image = (features, filters)

    def flat(self, name: str, origin: str) -> None:
        """Let frames be flat."""
        if self.image is not None:
            self.node(f"{name}_flat", "reshape", origin, shape=(*(0,) * self.lead, self.width))
            self.image = None

    def narrow(self, name: str, origin: str, width: int) -> None:
        """Drop all but the first ``width`` numbers of a frame: what a layer that is too narrow does."""
        if width < self.width:
            self.flat(name, origin)
            self.node(f"{name}_first", "slice", origin, starts=(0,), ends=(width,), axes=(-1,))
            self.width = width

    def times(self, name: str, origin: str, other: str) -> None:
        """Multiply ``other`` by what flows."""
        self.nodes.append(Node(name, "mul", (other, self.tensor), (name,), {}, origin))
        self.tensor = name
