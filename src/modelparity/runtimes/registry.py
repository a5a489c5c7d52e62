"""The runtimes that modelparity knows: found by listing this package, chosen by name or by artefact."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Protocol, runtime_checkable

from ..discovery import modules
from ..errors import InputError, near
from ..graph import Array


@runtime_checkable
class Runtime(Protocol):
    """An engine that runs artefacts. Nothing of it is imported before it is used."""

    name: str

    @property
    def format(self) -> str | None:
        """The format that a graph is converted to for it; None if it runs graphs, and what this package reads."""

    def missing(self) -> str | None:
        """Why it cannot run here, with the line that installs it; None if it can."""

    def accepts(self, artefact: object) -> bool:
        """Whether this path or object is one that it runs."""

    def run(self, artefact: object, feeds: Mapping[str, Array]) -> dict[str, Array]:
        """{input name: array} -> {output name: array}. Raises `InputError`, `ArtefactError` or `Unavailable`."""

    def describe(self) -> dict[str, str]:
        """Version and settings, as a report prints them."""

    def weights(self, artefact: object) -> dict[str, Array]:
        """Every array that the artefact holds, by name."""


@runtime_checkable
class Naming(Protocol):
    """A runtime that can say, before it runs an artefact, what its inputs are called."""

    def inputs(self, artefact: object) -> tuple[str, ...]:
        """Names of the inputs that must be given, in the artefact's order."""

    def carried(self, artefact: object) -> Mapping[str, str]:
        """{input: output} of the states that it starts from zeros if they are not given."""


@runtime_checkable
class Called(Protocol):
    """A runtime of what is called like a function."""

    def parameters(self, artefact: object) -> tuple[tuple[str, ...], tuple[str, ...]] | None:
        """Names of the parameters that must be given, and that may be; None if that is not known."""


@runtime_checkable
class Shaped(Protocol):
    """A runtime that can say, before it runs an artefact, which sizes it takes."""

    def shapes(self, artefact: object) -> dict[str, tuple[int | None, ...]]:
        """{input: its shape}; ``None`` for a size that is free."""


@cache
def _all() -> dict[str, Runtime]:
    found = [getattr(module, "RUNTIME", None) for module in modules("modelparity.runtimes")]
    return {one.name: one for one in found if isinstance(one, Runtime)}


def runtimes() -> tuple[str, ...]:
    """Names of all runtimes, whether or not they can run here, sorted."""
    return tuple(sorted(_all()))


def runtime(name: str) -> Runtime:
    """The runtime of that name, with its default settings; raises `InputError` naming what is near."""
    if name not in _all():
        raise InputError(f"unknown runtime {name!r}", expected=near(name, runtimes()))
    return _all()[name]


def runtime_for(artefact: object) -> Runtime:
    """The runtime that runs ``artefact``: a vendor's own before this package's engine. Raises `InputError`.

    Runtimes that say ``by_name`` run only for who names them. Where two of one vendor could, the first by name does.
    """
    for one in sorted(_all().values(), key=lambda one: (one.name == "engine", one.name)):
        if not getattr(one, "by_name", False) and one.accepts(artefact):
            return one
    if isinstance(artefact, str | os.PathLike):
        path = Path(artefact)
        raise InputError(
            "no runtime runs this file",
            where=path,
            found="a folder" if path.is_dir() else "no known format" if path.exists() else "no such file",
            expected="a .onnx file, or one that modelparity itself reads: see 'modelparity list'",
        )
    raise InputError(
        "no runtime runs this",
        found=type(artefact).__name__,
        expected="a path, a Graph, or an object of "
        + ", ".join(name for name in runtimes() if name != "engine"),
    )
