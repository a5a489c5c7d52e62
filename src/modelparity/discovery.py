"""What is found by listing a package: its modules, and functions that register themselves under names."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any, Generic, TypeVar

F = TypeVar("F", bound=Callable[..., Any])


def module_names(package: str) -> tuple[str, ...]:
    """Names of a package's modules, sorted; those that begin with an underscore are nobody else's business."""
    path = importlib.import_module(package).__path__
    return tuple(sorted(found.name for found in pkgutil.iter_modules(path) if found.name[0] != "_"))


def modules(package: str) -> Iterator[ModuleType]:
    """Those modules, imported."""
    for name in module_names(package):
        yield importlib.import_module(f"{package}.{name}")


class Handlers(Generic[F]):
    """Functions by the names that they handle, registered in the modules of ``package`` by a decorator::

        lowers = Handlers[Lowering]("modelparity.formats.onnx.lowerings")

        @lowers("max_pool", "average_pool")
        def pool(builder, call): ...

    Adding one takes a module or a function, and no list.
    """

    def __init__(self, package: str) -> None:
        self.package = package
        self._found: dict[str, F] = {}
        self._listed = False

    def __call__(self, *names: str) -> Callable[[F], F]:
        """Mark a function as the one that handles ``names``. Raises `RuntimeError` if one of them has another."""

        def mark(function: F) -> F:
            for name in names:
                if self._found.setdefault(name, function) is not function:
                    raise RuntimeError(f"{name!r} is handled twice in {self.package}")
            return function

        return mark

    def all(self) -> dict[str, F]:
        """Every name that is handled, sorted, and its function; imports the package's modules when first asked."""
        if not self._listed:
            for _ in modules(self.package):
                pass
            self._found, self._listed = dict(sorted(self._found.items())), True
        return self._found
