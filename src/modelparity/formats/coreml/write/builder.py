"""Tensors of a graph as values of an ML Program, each in the layouts in which it is wanted.

``plain`` is as the graph says; ``first<n>`` has a batch axis and the channels before n spatial axes, as
convolutions want them: (batch, channel, s1..sn). A chain of convolutions stays channels-first and is brought
back once, at its end.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ....describe.shapes import kinds, symbolic
from ....engine.bound_node import Call
from ....errors import ConversionError
from ....graph import Array, Graph
from ...layouts import PLAIN, constant, spatial_axes
from .block import Block, Writing
from .values import Shape, Value

KINDS = {"i": "int32", "u": "int32", "b": "bool"}


class Builder:
    """Collects the main block of a program."""

    def __init__(self, graph: Graph, precision: str, block: type[Block] = Block) -> None:
        self.graph = graph
        self.shapes, self.kinds = symbolic(graph), kinds(graph)
        kept = [spec.name for spec in graph.inputs] + list(graph.outputs)
        self.writing = Writing(precision, kept, graph.name)
        self.block = block(self.writing)
        self._values: dict[str, dict[str, Value]] = {}
        self._outputs = set(graph.outputs) - {spec.name for spec in graph.inputs}

    def begin(self, node: str) -> None:
        """What is emitted from here on belongs to this node of the graph."""
        self.block.prefix = f"{node}_"

    def adopt(self, tensor: str, value: Value, form: str = PLAIN) -> None:
        """Take a value for a tensor of the graph."""
        self._values.setdefault(tensor, {})[form] = value

    def result(
        self, tensor: str, op: str, *, form: str = PLAIN, sized: Shape | None = None, **given: Any
    ) -> Value:
        """Append the operation whose result is ``tensor`` of the graph, in layout ``form``."""
        sized = self.shape(tensor, form) if sized is None else sized
        name = self.claim(tensor, form)
        value = self.block.op(op, sized=sized, typed=self.dtype(tensor), name=name, **given)
        self.adopt(tensor, value, form)
        return value

    def claim(self, tensor: str, form: str = PLAIN) -> str:
        """The name that the value of a tensor should have; an output of the program has the tensor's own."""
        if form != PLAIN:
            return f"{tensor}_{form}"
        if tensor in self._outputs:
            if self.dtype(tensor) == "float16":
                return f"{tensor}_half"  # the output itself is cast back
            self.writing.names.free(tensor)
        return tensor

    def get(self, tensor: str, form: str = PLAIN) -> Value:
        """The value of a tensor in a layout; conversions are emitted once and kept."""
        known = self._values.setdefault(tensor, {})
        if form not in known:
            if tensor in self.graph.constants:
                known[form] = self.block.weight(tensor, self.graph.constants[tensor])
            else:
                source = next(iter(known))
                if PLAIN not in (source, form):
                    self.get(tensor)
                    source = PLAIN
                known[form] = self._converted(tensor, known[source], source, form)
        return known[form]

    def operand(self, tensor: str, form: str, rank: int, *, real: bool = False) -> Value:
        """As `get`, for meeting tensors of ``rank`` axes that lie in layout ``form`` element by element.

        ``real`` makes a constant of whole numbers a float.
        """
        if tensor not in self.graph.constants:
            return self.get(tensor, form)
        known = self._values.setdefault(tensor, {})
        key = f"{form}/{rank}/{real}"
        if key not in known:
            array = self.graph.constants[tensor]
            array = array.astype(np.float32) if real and array.dtype.kind != "f" else array
            known[key] = self.block.weight(tensor, array if form == PLAIN else constant(array, form, rank))
        return known[key]

    def common(self, tensors: Sequence[str]) -> str:
        """The layout to compute in when these meet element by element: channels first if all can stay there."""
        variable = [name for name in tensors if name not in self.graph.constants]
        forms = {self.native(name) for name in variable}
        ranks = {self.rank(name) for name in variable}
        if len(forms) == len(ranks) == 1 and spatial_axes(form := forms.pop()):
            widest = max(self.rank(name) for name in tensors)
            return form if widest == ranks.pop() else PLAIN
        return PLAIN

    def native(self, tensor: str) -> str:
        """The layout in which a tensor was made."""
        return next(iter(self._values.get(tensor, {PLAIN: None})))

    def rank(self, tensor: str) -> int:
        """How many axes a tensor of the graph has."""
        return len(self.shapes[tensor])

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

    def constant(self, call: Call, parameter: str) -> Array | None:
        """The value of a parameter that must be known now; None if the node leaves it out."""
        tensor = call.tensors.get(parameter)
        if tensor is None:
            return None
        if tensor not in self.graph.constants:
            raise refusal(call, f"its {parameter} is computed, and only constants can be written here")
        return self.graph.constants[tensor]

    def _converted(self, tensor: str, value: Value, source: str, form: str) -> Value:
        n, rank = spatial_axes(form) or spatial_axes(source), self.rank(tensor)
        target = self.shape(tensor, form)
        batched = rank == n + 2
        if form == PLAIN:
            perm = (0, *range(2, n + 2), 1) if batched else (*range(1, n + 1), 0)
            value = value if batched else self._moved("squeeze", value, value.shape[1:], axes=(0,))
            return self.result(tensor, "transpose", x=value, perm=perm)
        perm = (0, n + 1, *range(1, n + 1)) if batched else (n, *range(n))
        name = f"{tensor}_{form}"
        if batched:
            return self._moved("transpose", value, target, name=name, perm=perm)
        moved = self._moved("transpose", value, target[1:], name=f"{name}_moved", perm=perm)
        return self._moved("expand_dims", moved, target, name=name, axes=(0,))

    def _moved(self, op: str, x: Value, shape: Shape, *, name: str = "", **given: Any) -> Value:
        return self.block.op(op, x=x, sized=shape, typed=x.dtype, name=name, **given)


def refusal(call: Call, reason: str, fix: str | None = None) -> ConversionError:
    """The error for a node that cannot be written."""
    node = call.node
    return ConversionError(
        f"{node.op} {node.name!r} cannot be written as Core ML: {reason}", where=node.origin or None, fix=fix
    )
