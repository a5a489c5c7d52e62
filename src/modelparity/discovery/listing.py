"""Modules of a package, found by listing it."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from types import ModuleType


def module_names(package: str) -> tuple[str, ...]:
    """Names of a package's modules, sorted; those that begin with an underscore are nobody else's business."""
    path = importlib.import_module(package).__path__
    return tuple(sorted(found.name for found in pkgutil.iter_modules(path) if found.name[0] != "_"))


def modules(package: str) -> Iterator[ModuleType]:
    """Those modules, imported."""
    for name in module_names(package):
        yield importlib.import_module(f"{package}.{name}")
