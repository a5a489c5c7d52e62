"""An ONNX graph under construction: unique names, initializers, and each tensor in the layouts it is wanted in.

Besides those of `modelparity.formats.layouts` there are two for recurrent nodes, so that a chain of them stays in
its own layout:

===========  ==========================================================================
sequence     (time, batch, feature), with a batch axis of 1 if the graph has none
steps        what a recurrent node yields: (time, direction, batch, hidden)
===========  ==========================================================================
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import onnx
from onnx import helper, numpy_helper

from ...graph import Array, Graph
from ..layouts import PLAIN, from_first, spatial_axes, to_first
from ..writing.layouts_builder import LayoutsBuilder
from ..writing.target import Target

TARGET = Target("ONNX")
#: The error for a node that ONNX cannot express.
refusal = TARGET.refusal
SEQUENCE, STEPS = "sequence", "steps"


class Builder(LayoutsBuilder[str]):
    """Collects nodes and initializers. A tensor of the graph may stand in several layouts, made when asked for."""

    target = TARGET

    def __init__(self, graph: Graph) -> None:
        super().__init__(graph)
        self.nodes: list[onnx.NodeProto] = []
        self.initializers: dict[str, onnx.TensorProto] = {}
        self._taken = {spec.name for spec in graph.inputs} | set(graph.outputs)
        self._node_names: set[str] = set()
        self._node = ""
        for spec in graph.inputs:
            self.adopt(spec.name, spec.name)

    # -- names ---------------------------------------------------------------------------------------

    def begin(self, node: str) -> None:
        """What is emitted from here on belongs to this node of the graph."""
        self._node = node

    def fresh(self, wish: str) -> str:
        """A tensor name that nothing else has, ``wish`` if it is free."""
        return _unique(wish, self._taken)

    def own(self, tensor: str) -> str:
        """The name of a tensor as the graph has it, for a node of several results: see `adopt`."""
        return self._own_name(tensor, PLAIN)

    def _own_name(self, tensor: str, form: str) -> str:
        if form == PLAIN and tensor in self.graph.outputs:
            return tensor  # reserved from the start
        return self.fresh(tensor if form == PLAIN else f"{tensor}/{form}")

    # -- nodes ---------------------------------------------------------------------------------------

    def emit(
        self,
        op: str,
        inputs: Sequence[str],
        *,
        out: str | Sequence[str] = "",
        main: bool = False,
        **attrs: Any,
    ) -> str:
        """Append one ONNX node; ``out`` names its results ("" invents a name). Returns the first result.

        The ``main`` one of a graph's node carries its name, the others have the operator behind it.
        """
        outputs = [out] if isinstance(out, str) else list(out)
        outputs[0] = outputs[0] or self.fresh(f"{self._node}/{op.lower()}")
        name = self._node if main else f"{self._node}/{op.lower()}"
        self.nodes.append(
            helper.make_node(op, list(inputs), outputs, name=_unique(name, self._node_names), **attrs)
        )
        return outputs[0]

    def result(self, tensor: str, op: str, inputs: Sequence[str], *, form: str = PLAIN, **attrs: Any) -> str:
        """Append one ONNX node whose result is ``tensor`` of the graph, in layout ``form``."""
        return self.adopt(
            tensor, self.emit(op, inputs, out=self._own_name(tensor, form), main=True, **attrs), form
        )

    # -- tensors -------------------------------------------------------------------------------------

    def direct(self, source: str, form: str) -> bool:
        """Whether `converted` takes one layout to another without the plain one between."""
        return super().direct(source, form) or (source == STEPS and form == SEQUENCE)

    def converted(self, tensor: str, value: str, source: str, form: str) -> str:
        """Emit what takes a tensor from one layout to another."""
        rank, out = self.rank(tensor), self._own_name(tensor, form)
        if source == STEPS:
            if rank == 3:  # (time, direction, batch, hidden): features of one frame belong together
                value = self.emit("Transpose", [value], perm=[0, 2, 1, 3])
                return self.emit("Reshape", [value, self.ints(0, 0, -1)], out=out)
            sizes = self.ints(0, 1, -1) if form == SEQUENCE else self.ints(0, -1)
            return self.emit("Reshape", [value, sizes], out=out)
        if form == SEQUENCE:
            return value if rank == 3 else self.emit("Unsqueeze", [value, self.ints(1)], out=out)
        n = spatial_axes(form) or spatial_axes(source)
        batched = rank == n + 2
        if form == PLAIN:
            image = value if batched else self.emit("Squeeze", [value, self.ints(0)])
            return self.emit("Transpose", [image], perm=from_first(n, batched), out=out)
        if batched:
            return self.emit("Transpose", [value], perm=to_first(n, batched), out=out)
        turned = self.emit("Transpose", [value], perm=to_first(n, batched))
        return self.emit("Unsqueeze", [turned, self.ints(0)], out=out)

    def initial(self, wish: str, array: Array) -> str:
        """An initializer holding ``array`` (floats as float32), named ``wish`` if nothing else is."""
        name = self.fresh(wish)
        if array.dtype.kind == "f":
            array = array.astype(np.float32)
        elif array.dtype.kind in "iu":
            array = array.astype(np.int64)
        self.initializers[name] = numpy_helper.from_array(np.array(array, order="C"), name)
        return name

    def ints(self, *values: int) -> str:
        """A vector of integers (axes, shapes, bounds), shared by all who need the same."""
        return self._shared(f"ints[{','.join(map(str, values))}]", np.array(values, np.int64))

    def scalar(self, value: float) -> str:
        """A float32 scalar that belongs to a formula, not to the weights; shared likewise."""
        return self._shared(f"scalar[{value!r}]", np.array(value, np.float32))

    def _shared(self, name: str, array: Array) -> str:
        if name not in self.initializers:
            self.initial(name, array)
        return name


def _unique(wish: str, taken: set[str]) -> str:
    name, count = wish, 1
    while name in taken:
        count += 1
        name = f"{wish}#{count}"
    taken.add(name)
    return name
