"""Tensors of a graph as values of an ML Program, each in the layouts in which it is wanted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ....engine.bound_node import Call
from ....graph import Array, Graph
from ...layouts import PLAIN, from_first, spatial_axes, to_first
from ...writing.layouts_builder import LayoutsBuilder
from ...writing.target import Target
from .block import Block, Writing
from .values import Shape, Value

KINDS = {"i": "int32", "u": "int32", "b": "bool"}
TARGET = Target("Core ML")
#: The error for a node that Core ML cannot express.
refusal = TARGET.refusal


class Builder(LayoutsBuilder[Value]):
    """Collects the main block of a program."""

    target = TARGET

    def __init__(self, graph: Graph, precision: str, block: type[Block] = Block) -> None:
        super().__init__(graph)
        kept = [spec.name for spec in graph.inputs] + list(graph.outputs)
        self.writing = Writing(precision, kept, graph.name)
        self.block = block(self.writing)
        self._outputs = set(graph.outputs) - {spec.name for spec in graph.inputs}

    def begin(self, call: Call) -> None:
        """What is emitted from here on belongs to this node of the graph."""
        self.block.prefix, self.writing.call = f"{call.node.name}_", call

    def initial(self, wish: str, array: Array) -> Value:
        """A constant of the program."""
        return self.block.weight(wish, array)

    def result(
        self, tensor: str, op: str, *, form: str = PLAIN, sized: Shape | None = None, **given: Any
    ) -> Value:
        """Append the operation whose result is ``tensor`` of the graph, in layout ``form``."""
        sized = self.shape(tensor, form) if sized is None else sized
        name = self.claim(tensor, form)
        value = self.block.op(op, sized=sized, typed=self.dtype(tensor), name=name, **given)
        return self.adopt(tensor, value, form)

    def results(self, tensors: Sequence[str], op: str, **given: Any) -> None:
        """Append the operation whose results are these tensors of the graph; one that is "" has no reader."""
        names = [self.claim(tensor) if tensor else "unread" for tensor in tensors]
        sizes = [self.shape(tensor) if tensor else () for tensor in tensors]
        kinds = [self.dtype(tensor) if tensor else "" for tensor in tensors]
        made = self.block.ops(op, list(zip(names, sizes, kinds, strict=True)), **given)
        for tensor, value in zip(tensors, made, strict=True):
            if tensor:
                self.adopt(tensor, value)

    def claim(self, tensor: str, form: str = PLAIN) -> str:
        """The name that the value of a tensor should have; an output of the program has the tensor's own."""
        if form != PLAIN:
            return f"{tensor}_{form}"
        if tensor in self._outputs:
            if self.dtype(tensor) not in ("float32", "int32"):  # the output itself is cast to float32
                return f"{tensor}_half" if self.dtype(tensor) == "float16" else f"{tensor}_own"
            self.writing.names.free(tensor)
        return tensor

    def shape(self, tensor: str, form: str = PLAIN) -> Shape:
        """Shape of a tensor of the graph in a layout."""
        sizes = tuple(None if isinstance(n, str) else n for n in self.shapes[tensor])
        n = spatial_axes(form)
        if not n:
            return sizes
        batch = sizes[:1] if len(sizes) == n + 2 else (1,)
        return (*batch, sizes[-1], *sizes[-n - 1 : -1])

    def dtype(self, tensor: str) -> str:
        """Element type of a tensor of the graph in the program."""
        return KINDS.get(self.kinds[tensor], self.writing.precision)

    def converted(self, tensor: str, value: Value, source: str, form: str) -> Value:
        """Emit what takes a tensor from one layout to another."""
        n, rank = spatial_axes(form) or spatial_axes(source), self.rank(tensor)
        target = self.shape(tensor, form)
        batched = rank == n + 2
        if form == PLAIN:
            value = value if batched else self._moved("squeeze", value, value.shape[1:], axes=(0,))
            return self.result(tensor, "transpose", x=value, perm=from_first(n, batched))
        name, perm = f"{tensor}_{form}", to_first(n, batched)
        if batched:
            return self._moved("transpose", value, target, name=name, perm=perm)
        moved = self._moved("transpose", value, target[1:], name=f"{name}_moved", perm=perm)
        return self._moved("expand_dims", moved, target, name=name, axes=(0,))

    def _moved(self, op: str, x: Value, shape: Shape, *, name: str = "", **given: Any) -> Value:
        return self.block.op(op, x=x, sized=shape, typed=x.dtype, name=name, **given)
