"""Which function builds which operator, and what it may ask about the graph."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from ...engine.bound_node import Call
from ...graph import Array
from ..writing.lowering import Lowerings
from ..writing.scope import Scope as GraphScope
from ..writing.target import Target

#: A module, and the tensors of the graph that it is called with.
Built = tuple[nn.Module, tuple[str, ...]]
TARGET = Target("PyTorch", "compose it from operators that PyTorch has a form of")
#: The error for a node that no module builds.
refusal = TARGET.refusal
#: Marks a function as the one that builds some operators.
lowers = Lowerings[Callable[["Scope", Call], Built]](TARGET, f"{__package__}.modules")


class Scope(GraphScope):
    """The graph, as far as whoever builds a module may ask about it: constants are float32, as weights are."""

    target = TARGET

    def constant(self, call: Call, parameter: str) -> Array | None:
        """The value of a parameter that a module holds as its weight; None if the node leaves it out."""
        array = super().constant(call, parameter)
        return None if array is None else array.astype(np.float32)


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
