"""Which function reads which of madmom's layers, and what they share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ...discovery import Handlers
from ...errors import ArtefactError
from .builder import Builder
from .layer_attributes import View

#: Adds the nodes of one layer, given a name for them.
Reader = Callable[[Builder, str, View], None]

#: Marks a function as the reader of layers by class name.
reads = Handlers[Reader](f"{__package__}.layers")


#: madmom's activation functions -> the operators that compute them; linear is none.
ACTIVATIONS = {"tanh": "tanh", "sigmoid": "sigmoid", "relu": "relu", "elu": "elu", "softmax": "softmax"}


def activate(builder: Builder, name: str, view: View) -> None:
    """Add the layer's activation as a node of its own; linear is none."""
    act = view.activation()
    attrs: dict[str, Any] = {}
    if act == "linear":
        return
    if act == "softmax":
        if builder.rank < 2:
            raise ArtefactError("softmax runs over axis 1, and there is none", where=view.where)
        # madmom always takes axis 1: features for frames, but frequencies for images.
        attrs = {"axis": -1 if builder.rank == 2 else 1}
    builder.node(f"{name}_{act}", ACTIVATIONS[act], f"{view.where}.activation_fn", builder.axes, **attrs)


def axis_within(axis: int, rank: int, where: str) -> int:
    """An axis counted from the left; raises `ArtefactError` if there is none."""
    if not -rank <= axis < rank:
        raise ArtefactError("no such axis", where=where, found=axis, expected=f"one of {rank}")
    return axis % rank
