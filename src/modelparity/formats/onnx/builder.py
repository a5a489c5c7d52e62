"""An ONNX graph under construction: unique names, initializers, and each tensor in the layouts it is wanted in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import onnx
from onnx import helper, numpy_helper

from ...describe.shapes import Symbolic, kinds, symbolic
from ...engine.bound_node import Call
from ...errors import ConversionError
from ...graph import Array, Graph
from ..layouts import PLAIN, constant, spatial_axes
from . import layout


class Builder:
    """Collects nodes and initializers. A tensor of the graph may stand in several layouts, made when asked for."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.shapes, self.kinds = symbolic(graph), kinds(graph)
        self.nodes: list[onnx.NodeProto] = []
        self.initializers: dict[str, onnx.TensorProto] = {}
        self._layouts: dict[str, dict[str, str]] = {spec.name: {PLAIN: spec.name} for spec in graph.inputs}
        self._taken = {spec.name for spec in graph.inputs} | set(graph.outputs)
        self._node_names: set[str] = set()
        self._node = ""

    # -- names ---------------------------------------------------------------------------------------

    def begin(self, node: str) -> None:
        """What is emitted from here on belongs to this node of the graph."""
        self._node = node

    def fresh(self, wish: str) -> str:
        """A tensor name that nothing else has, ``wish`` if it is free."""
        return _unique(wish, self._taken)

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
        name = self.emit(op, inputs, out=self._own_name(tensor, form), main=True, **attrs)
        self._layouts.setdefault(tensor, {})[form] = name
        return name

    def adopt(self, tensor: str, name: str, form: str) -> None:
        """Take an ONNX tensor that stands already for ``tensor`` of the graph in layout ``form``."""
        self._layouts.setdefault(tensor, {})[form] = name

    # -- tensors -------------------------------------------------------------------------------------

    def get(self, tensor: str, form: str = PLAIN) -> str:
        """The ONNX name of a tensor in a layout; conversions are emitted once and kept."""
        known = self._layouts.setdefault(tensor, {})
        if form not in known:
            if tensor in self.graph.constants:
                known[form] = self.initial(tensor, self.graph.constants[tensor])
            else:
                source = next(iter(known))
                if not layout.direct(source, form):
                    self.get(tensor, source := PLAIN)
                out = self._own_name(tensor, form)
                known[form] = layout.convert(self, known[source], source, form, self.rank(tensor), out)
        return known[form]

    def operand(self, tensor: str, form: str, rank: int, *, real: bool = False, negated: bool = False) -> str:
        """As `get`, for broadcasting against tensors of ``rank`` axes that lie in layout ``form``.

        ``real`` makes an integer constant a float; ``negated`` writes a constant with its sign turned.
        """
        if tensor not in self.graph.constants:
            return self.get(tensor, form)
        array = self.graph.constants[tensor]
        if form == PLAIN and not negated and not (real and array.dtype.kind != "f"):
            return self.get(tensor)
        known = self._layouts.setdefault(tensor, {})
        key = f"{form}/{rank}/{real}/{negated}"
        if key not in known:
            array = array.astype(np.float32) if real else array
            array = array if form == PLAIN else constant(array, form, rank)
            known[key] = self.initial(tensor, -array if negated else array)
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
        return next(iter(self._layouts.get(tensor, {PLAIN: ""})))

    def rank(self, tensor: str) -> int:
        """How many axes a tensor of the graph has."""
        return len(self.shapes[tensor])

    def shape(self, tensor: str) -> Symbolic:
        """Shape of a tensor of the graph, in terms of its free axes."""
        return self.shapes[tensor]

    def kind(self, tensor: str) -> str:
        """Kind of a tensor's elements, as numpy has it."""
        return self.kinds[tensor]

    def constant(self, call: Call, parameter: str) -> Array | None:
        """The value of a parameter that ONNX wants as a constant; None if the node leaves it out."""
        tensor = call.tensors.get(parameter)
        if tensor is None:
            return None
        if tensor not in self.graph.constants:
            raise refusal(call, f"its {parameter} is computed, and only constants can be written here")
        return self.graph.constants[tensor]

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


def refusal(call: Call, reason: str, near: str | None = None) -> ConversionError:
    """The error for a node that ONNX cannot express."""
    node = call.node
    return ConversionError(
        f"{node.op} {node.name!r} cannot be written as ONNX: {reason}", where=node.origin or None, fix=near
    )


def _unique(wish: str, taken: set[str]) -> str:
    name, count = wish, 1
    while name in taken:
        count += 1
        name = f"{wish}#{count}"
    taken.add(name)
    return name
