"""Layer types by the name of their field in the specification, found by listing the folder of layers."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from functools import cache
from typing import TypeVar

from ....errors import ArtefactError
from ..proto import near
from .layer import Layer

Translator = Callable[[Layer], None]
T = TypeVar("T", bound=Translator)

_translators: dict[str, Translator] = {}


def layer(*kinds: str) -> Callable[[T], T]:
    """Mark a function as what reads layers of these types: ``(layer) -> None``, calling `Layer.give` once."""

    def mark(translate: T) -> T:
        for kind in kinds:
            if kind in _translators:
                raise ValueError(f"layer type {kind!r} has two readers")
            _translators[kind] = translate
        return translate

    return mark


@cache
def translators() -> dict[str, Translator]:
    """Every layer type that can be read, with its reader."""
    from . import layers

    for module in pkgutil.iter_modules(layers.__path__):
        importlib.import_module(f"{layers.__name__}.{module.name}")
    return _translators


def find(kind: str, where: str) -> Translator:
    """The reader of a layer type. Raises `ArtefactError` naming what is near."""
    known = translators()
    if kind in known:
        return known[kind]
    why = "custom layers are code outside the file" if kind == "custom" else None
    raise ArtefactError(
        f"layer type {kind!r} cannot be read", where=where, found=why, expected=f"such as {near(kind, known)}"
    )
