"""Layer types by the name of their field in the specification, found by listing the folder of layers."""

from __future__ import annotations

from collections.abc import Callable

from ....discovery import Handlers
from ....errors import ArtefactError
from ..proto import near
from .layer import Op

Translator = Callable[[Op], None]

#: Marks a function as the translator of layers of these types.
reads = Handlers[Translator](f"{__package__}.layers")


def find(kind: str, where: str) -> Translator:
    """The reader of a layer type. Raises `ArtefactError` naming what is near."""
    known = reads.all()
    if kind in known:
        return known[kind]
    why = "custom layers are code outside the file" if kind == "custom" else None
    raise ArtefactError(
        f"layer type {kind!r} is not supported",
        where=where,
        found=why,
        expected=f"such as {near(kind, known)}",
    )
