"""The module that runs a graph's nodes one after another, each as a submodule of its own."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from ...engine.bound_node import call
from ...graph import Array, Graph
from .building import Scope, lowers


class Network(nn.Module):
    """A graph as a module. ``input_names`` and ``output_names`` say which tensor is which.

    Weights are float32; ``.double()`` computes in float64. Gradients are off, as the weights are a
    conversion's; turn them on with ``requires_grad_()``.
    """

    def __init__(self, graph: Graph) -> None:
        super().__init__()
        self.input_names = tuple(spec.name for spec in graph.inputs)
        self.output_names = graph.outputs
        scope = Scope(graph)
        self._steps: list[tuple[str, tuple[str, ...], tuple[str, ...]]] = []
        for node in graph.nodes:
            module, reads = lowers.of(node)(scope, call(node))
            name = self._free(node.name)
            self.add_module(name, module)
            self._steps.append((name, reads, node.outputs))
        # Constants that a node reads as it would any tensor.
        self._loose: dict[str, str] = {}
        for name in dict.fromkeys(read for _, reads, _ in self._steps for read in reads):
            if name in graph.constants:
                self._loose[name] = self._free(name)
                self.register_buffer(self._loose[name], tensor(graph.constants[name]))
        self.requires_grad_(False)
        self.eval()

    def _free(self, wish: str) -> str:
        """``wish`` as an attribute that nothing else has: PyTorch allows no dots."""
        name = re.sub(r"\W", "_", wish) or "node"
        while hasattr(self, name):
            name += "_"
        return name

    def forward(self, *inputs: Tensor) -> Tensor | dict[str, Tensor]:
        """Tensors in the order of ``input_names`` -> the only output, or {output name: tensor}."""
        values: dict[str, Tensor] = dict(zip(self.input_names, inputs, strict=True))
        values.update({name: getattr(self, attribute) for name, attribute in self._loose.items()})
        for name, reads, writes in self._steps:
            result: Any = getattr(self, name)(*(values[read] for read in reads))
            values.update(zip(writes, result if isinstance(result, tuple) else (result,), strict=False))
        outputs = {name: values[name] for name in self.output_names}
        return outputs if len(outputs) > 1 else outputs[self.output_names[0]]


def tensor(array: Array) -> Tensor:
    """A constant as PyTorch stores it: floats as float32, integers as int64."""
    if array.dtype.kind == "f":
        array = array.astype(np.float32)
    elif array.dtype.kind in "iu":
        array = array.astype(np.int64)
    return torch.from_numpy(np.array(array))
