"""Layers one after the other: each found in the registry, read, and held to account for its fields."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ....errors import ArtefactError
from .layer import Layer
from .registry import find
from .scope import Scope

#: Networks within networks deeper than this are no networks.
DEEPEST = 32


def where_of(path: str, index: int, message: Any) -> str:
    """How a layer is named in origins and errors."""
    kind = message.WhichOneof("layer")
    return f"{path}, layer {index} ({kind or 'of unknown type'} {message.name!r})"


def read_layers(scope: Scope, layers: Sequence[Any], path: str) -> None:
    """Read layers in order into the scope. Raises `ArtefactError` for a layer that cannot be read in full."""
    for index, message in enumerate(layers):
        where = where_of(path, index, message)
        read_layer(scope, message, where)


def read_layer(scope: Scope, message: Any, where: str) -> None:
    """Read one layer into the scope."""
    kind = message.WhichOneof("layer")
    if kind is None:
        raise ArtefactError("the layer has no type that is known", where=where)
    translate = find(kind, where)
    layer = Layer(scope, message, where)
    translate(layer)
    if layer.given is None and layer.outputs:
        raise ArtefactError("the layer defines no output", where=where, found=", ".join(layer.outputs))
    left = layer.p.unread()
    if left:
        raise ArtefactError(
            f"{kind} has parameters that were not understood", where=where, found=", ".join(left),
            fix="if this form of the layer is legitimate, please report it",
        )  # fmt: skip
