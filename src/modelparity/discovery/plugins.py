"""What other packages bring under an entry point group: found by name, imported when asked for, every defect loud."""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Generic, TypeVar, cast

from ..errors import ModelparityError, PluginError

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

T = TypeVar("T")


class Plugins(Generic[T]):
    """Objects of one kind, by the names of their entry points in ``group``.

    ``word`` is what messages call one of them. ``lack(name, object)`` says in what way an object is none, in words
    that follow "is"; ``None`` if nothing is wrong with it. ``expected`` says what it should be, and ``page`` of the
    docs how one is made. ``own`` gives the names that this package has itself: no other may take them. Every error
    is an ``error`` that names the package with its version.

    What is installed is looked up once, and again where ``sys.path`` has changed.
    """

    def __init__(
        self,
        word: str,
        group: str,
        *,
        lack: Callable[[str, object], str | None],
        expected: str,
        page: str,
        own: Callable[[], Collection[str]] = tuple,
        error: type[PluginError] = PluginError,
    ) -> None:
        self.word, self.group = word, group
        self._lack, self._expected, self._page = lack, expected, page
        self._own, self._error = own, error
        self._path: tuple[str, ...] | None = None
        self._points: dict[str, EntryPoint] = {}
        self._loaded: dict[str, T] = {}

    def names(self) -> tuple[str, ...]:
        """Names of all that other packages bring, sorted; nothing of them is imported. Raises for a name twice."""
        return tuple(self._found())

    def get(self, name: str) -> T | None:
        """The object of that name, ``None`` if no package brings one. Raises if its import fails or it is none."""
        points = self._found()
        if name in points and name not in self._loaded:
            self._loaded[name] = self._load(points[name])
        return self._loaded.get(name)

    def all(self) -> dict[str, T]:
        """Every object by name, sorted. Raises for the first that is broken."""
        for name in self.names():
            self.get(name)
        return {name: self._loaded[name] for name in self._points}

    def owner(self, name: str) -> str:
        """The package that brings it, with its version; "" if none does."""
        points = self._found()
        return package(points[name]) if name in points else ""

    @contextmanager
    def named(self, name: str, doing: str, where: object = None) -> Iterator[None]:
        """Errors that this package does not raise on purpose, in what another brings, are said with its name.

        ``doing`` follows "while". What is this package's own fails as it is, for it is ours to repair.
        """
        try:
            yield
        except ModelparityError:
            raise
        except Exception as error:
            if not (owner := self.owner(name)):
                raise
            raise self._error(
                f"{self.word} {name!r} of {owner} failed while {doing}: {type(error).__name__}: {error}",
                where=where,
                fix=f"tell that package's author, or uninstall it; {self._page} says what it should raise",
            ) from error

    def _found(self) -> dict[str, EntryPoint]:
        path = tuple(sys.path)
        if path != self._path:
            self._points, self._loaded = self._listed(), {}
            self._path = path
        return self._points

    def _listed(self) -> dict[str, EntryPoint]:
        from importlib.metadata import entry_points  # takes longer than all the rest of this package's front

        found: dict[str, EntryPoint] = {}
        for point in sorted(entry_points(group=self.group), key=lambda point: (point.name, package(point))):
            if point.name in self._own():
                raise self._error(
                    f"this package registers a {self.word} called {point.name!r}, as modelparity itself has one",
                    where=package(point),
                    found=point.value,
                    fix="uninstall that package, or have its author rename it",
                )
            if point.name in found:
                raise self._error(
                    f"two packages register a {self.word} called {point.name!r}",
                    found=f"{package(found[point.name])} and {package(point)}",
                    fix=f"uninstall one of them, or have its author rename the {self.word}",
                )
            found[point.name] = point
        return found

    def _load(self, point: EntryPoint) -> T:
        where = f"{self.word} {point.name!r} of {package(point)}"
        try:
            found = point.load()
        except (
            Exception,
            SystemExit,
        ) as error:  # it may fail in any way, and must not pass for an absent one
            told = error.what if isinstance(error, ModelparityError) else str(error)
            raise self._error(
                f"this plugin does not import: {type(error).__name__}: {told}",
                where=where,
                found=point.value,
                fix="repair or uninstall that package",
            ) from error
        lack = self._lack(point.name, found)
        if lack is not None:
            raise self._error(
                f"this plugin is no {self.word}",
                where=where,
                found=f"{point.value} is {lack}",
                expected=self._expected,
                fix=f"repair or uninstall that package; {self._page} says how one is made",
            )
        return cast("T", found)


def package(point: EntryPoint) -> str:
    """The package that an entry point belongs to, with its version."""
    if point.dist is None:
        return f"an unknown package ({point.value})"
    return f"{point.dist.name} {point.dist.version}"


def kind(found: object) -> str:
    """What an object is, in the words that follow "is": a class is not one of its objects."""
    return f"the class {found.__name__}, not an object of it" if isinstance(found, type) else _article(found)


def misnamed(name: str, own: object) -> str | None:
    """What is wrong if an object calls itself otherwise than its entry point does."""
    if own in (None, ""):
        return "an object that has no name"
    return None if own == name else f"called {own!r} by itself and {name!r} by its entry point"


def _article(found: object) -> str:
    word = type(found).__name__
    return f"{'an' if word[0].lower() in 'aeiou' else 'a'} {word}"
