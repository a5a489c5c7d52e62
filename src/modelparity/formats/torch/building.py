"""Which function builds which operator, and what it may ask about the graph."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from ...describe.shapes import Symbolic, symbolic
from ...discovery import Handlers
from ...engine.bound_node import Call
from ...errors import ConversionError, near
from ...graph import Array, Graph, Node

#: A module, and the tensors of the graph that it is called with.
Built = tuple[nn.Module, tuple[str, ...]]
Maker = Callable[["Scope", Call], Built]

#: Marks a function as the one that builds some operators.
makes = Handlers[Maker](f"{__package__}.modules")


class Scope:
    """The graph, as far as a maker needs it."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph

    @cached_property
    def shapes(self) -> dict[str, Symbolic]:
        """Shapes of all tensors; found only if some maker asks."""
        return symbolic(self.graph)

    def rank(self, tensor: str) -> int:
        """How many axes a tensor has."""
        return len(self.shapes[tensor])

    def constant(self, c: Call, parameter: str) -> Array | None:
        """The value of a parameter that a module holds as its weight; None if the node leaves it out."""
        name = c.tensors.get(parameter)
        if name is None:
            return None
        if name not in self.graph.constants:
            raise refusal(c, f"its {parameter} is computed, and only constants can be a module's weights")
        array = self.graph.constants[name]
        return array.astype(np.float32)

    def is_constant(self, c: Call, parameter: str) -> bool:
        """Whether a parameter is given and constant."""
        return c.tensors.get(parameter, "") in self.graph.constants


def built(scope: Scope, c: Call) -> Built:
    """The module of one node; raises `ConversionError` naming what is near if there is none."""
    known = makes.all()
    if c.node.op in known:
        return known[c.node.op](scope, c)
    raise ConversionError(
        f"{c.node.op} {c.node.name!r} cannot be built in PyTorch: no module for it is known",
        where=c.node.origin or None,
        expected=near(c.node.op, known),
    )


def refusal(c: Call, reason: str) -> ConversionError:
    """The error for a node that cannot be built."""
    node: Node = c.node
    return ConversionError(
        f"{node.op} {node.name!r} cannot be built in PyTorch: {reason}", where=node.origin or None
    )


class Function(nn.Module):
    """A function of tensors with fixed settings, shown by its name; for operators without weights."""

    def __init__(self, name: str, function: Callable[..., Any], **settings: Any) -> None:
        super().__init__()
        self.name, self.function, self.settings = name, function, settings

    def forward(self, *tensors: Tensor) -> Any:
        """The function's result."""
        return self.function(*tensors, **self.settings)

    def extra_repr(self) -> str:
        """Shown inside the brackets."""
        return ", ".join([self.name, *(f"{key}={value}" for key, value in self.settings.items())])


def fill(parameter: Tensor | None, array: Array | None) -> None:
    """Put ``array`` into a module's parameter, which must have its shape; zeros where there is none."""
    if parameter is None:
        return
    with torch.no_grad():
        if array is None:
            parameter.zero_()
        else:
            parameter.copy_(torch.from_numpy(np.array(array, np.float32)).reshape(parameter.shape))
