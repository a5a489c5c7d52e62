"""Functions that register themselves under names, in the modules of a package or of strangers' packages."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any, Generic, TypeVar

from .listing import modules
from .plugins import Plugins, kind

F = TypeVar("F", bound=Callable[..., Any])


class Handlers(Generic[F]):
    """Functions by the names that they handle, registered in the modules of ``package`` by a decorator::

        lowers = Handlers[Lowering]("modelparity.formats.onnx.lowerings")

        @lowers("max_pool", "average_pool")
        def pool(builder, call): ...

    Adding one takes a module or a function, and no list. Modules of the packages ``beside`` it may hold some too, so
    that one file can say both ways of an operator. Another package adds its own in a module that it names in
    the entry point group of the same name as ``package``::

        [project.entry-points."modelparity.formats.onnx.lowerings"]
        my-operators = "my_package.onnx_lowerings"
    """

    def __init__(self, package: str, *beside: str) -> None:
        self.package, self._packages = package, (package, *beside)
        self._found: dict[str, F] = {}
        self._listed, self._sorted = False, 0
        #: Other packages that were here once: what they handle is not forgotten, should they come again.
        self._seen: set[str] = set()
        self._strangers = Plugins[ModuleType](
            "module",
            package,
            lack=lambda name, found: None if isinstance(found, ModuleType) else kind(found),
            expected=f"a module whose functions are marked for {package}",
            page="docs/extending/operator.md",
        )

    def __call__(self, *names: str) -> Callable[[F], F]:
        """Mark a function as the one that handles ``names``. Raises `RuntimeError` if one of them has another."""

        def mark(function: F) -> F:
            if function.__module__.partition(".")[0] != self.package.partition(".")[0]:
                self._own()  # so that it is the stranger whose name is taken, whoever is imported first
            for name in names:
                other = self._found.setdefault(name, function)
                if other is not function:
                    places = f"{other.__module__} and {function.__module__}"
                    raise RuntimeError(f"{name!r} is handled twice in {self.package}: by {places}")
            return function

        return mark

    def all(self) -> dict[str, F]:
        """Every name that is handled, sorted, and its function; imports the modules when first asked.

        What another package handles is among them as long as that package is here.

        Raises `PluginError` for a module of another package that is broken, or that handles what is handled.
        """
        self._own()
        known = dict(self._found)
        try:
            here = {found.__name__.partition(".")[0] for found in self._strangers.all().values()}
        except BaseException:
            self._found = known  # half a module is none: should it come again, its names are free
            raise
        if len(self._found) != self._sorted:
            self._found, self._sorted = dict(sorted(self._found.items())), len(self._found)
        self._seen |= here
        if gone := self._seen - here:
            found = self._found.items()
            return {name: one for name, one in found if one.__module__.partition(".")[0] not in gone}
        return self._found

    def _own(self) -> None:
        if not self._listed:
            for package in self._packages:
                for _ in modules(package):
                    pass
            self._listed = True
