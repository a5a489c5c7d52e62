"""The graph that is written, as far as a function that writes one node may ask about it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import ClassVar

from ...describe.shapes import Symbolic, kinds, symbolic
from ...engine.bound_node import Call
from ...engine.run import run
from ...graph import Array, Graph
from ...ops._window import same
from .target import Target


class Scope:
    """Ranks, shapes and constants of a graph's tensors; found when they are first asked for."""

    target: ClassVar[Target]

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.constants: Mapping[str, Array] = graph.constants

    @cached_property
    def shapes(self) -> Mapping[str, Symbolic]:
        """Shape of every tensor, in terms of the graph's free axes."""
        return symbolic(self.graph)

    @cached_property
    def kinds(self) -> Mapping[str, str]:
        """Kind of every tensor's elements, as numpy has it."""
        return kinds(self.graph)

    @cached_property
    def read(self) -> frozenset[str]:
        """Tensors that a node reads or that are outputs."""
        found = {name for node in self.graph.nodes for name in node.inputs} | set(self.graph.outputs)
        return frozenset(found - {""})

    def rank(self, tensor: str) -> int:
        """How many axes a tensor has."""
        return len(self.shapes[tensor])

    def is_constant(self, call: Call, parameter: str) -> bool:
        """Whether a parameter is given and constant."""
        return call.tensors.get(parameter, "") in self.constants

    def constant(self, call: Call, parameter: str) -> Array | None:
        """The value of a parameter that must be known now; None if the node leaves it out.

        Raises `ConversionError` if it is computed while the network runs.
        """
        tensor = call.tensors.get(parameter)
        if tensor is None:
            return None
        if tensor in self.constants:
            return self.constants[tensor]
        if tensor not in self._computed:
            raise self.target.refusal(
                call, f"its {parameter} is computed, and only a constant can be written"
            )
        return self._computed[tensor]

    @cached_property
    def _computed(self) -> Mapping[str, Array]:
        """What is computed of constants alone, such as two biases that are one sum; worked out in float64."""
        fixed, nodes = set(self.constants) | {""}, []
        for node in self.graph.nodes:
            if node.inputs and fixed.issuperset(node.inputs):
                nodes.append(node)
                fixed.update(node.outputs)
        names = tuple(name for node in nodes for name in node.outputs if name)
        if not names:
            return {}
        return run(Graph(self.graph.name, (), names, tuple(nodes), self.constants), {})

    def borders(self, call: Call, spatial: int) -> tuple[tuple[int, int], ...]:
        """The padding (before, after) of each spatial axis, that of "same" worked out.

        Raises `ConversionError` where that depends on a size that is known only when the network runs.
        """
        given = call.attrs["padding"]
        if not isinstance(given, str):
            return ((0, 0),) * spatial if given is None else tuple((int(a), int(b)) for a, b in given)
        sizes = call.attrs.get("size") or self.weight(call, "weight").shape[:spatial]
        strides = call.attrs["strides"] or call.attrs.get("size") or (1,) * spatial
        dilations = call.attrs["dilations"] or (1,) * spatial
        along = self.shapes[call.tensors["x"]][-1 - spatial : -1]
        pairs = []
        for n, k, step, spread in zip(along, sizes, strides, dilations, strict=True):
            if not isinstance(n, int) and step != 1:
                raise self.target.refusal(
                    call,
                    f"padding {given!r} depends on a size that is known only when it runs",
                    "give widths before and after each axis",
                )
            # With steps of one it is the same for every size.
            length = n if isinstance(n, int) else k * spread
            pairs.append(same(length, (k - 1) * spread + 1, step, lower=given == "same_lower"))
        return tuple(pairs)

    def weight(self, call: Call, parameter: str) -> Array:
        """As `constant`, for a parameter that the operator cannot do without."""
        value = self.constant(call, parameter)
        assert value is not None
        return value
