"""The runtimes that are here: this package's own, found by listing it, and strangers', found by entry point."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

from ..discovery import Plugins, modules
from ..discovery.plugins import kind, misnamed
from ..errors import InputError, near
from .base import Runtime

__all__ = ["Runtime", "runtime", "runtime_for", "runtimes", "strangers"]


@cache
def _own() -> dict[str, Runtime]:
    """The ``RUNTIME`` of each module of this package that has one."""
    found = [vars(module).get("RUNTIME") for module in modules("modelparity.runtimes")]
    return {one.name: one for one in found if isinstance(one, Runtime)}


def _lack(name: str, found: object) -> str | None:
    return misnamed(name, found.name) if isinstance(found, Runtime) else kind(found)


_strangers = Plugins[Runtime](
    "runtime",
    "modelparity.runtimes",
    lack=_lack,
    expected="an object whose class derives from modelparity.runtimes.Runtime and has accepts() and run()",
    page="docs/extending/runtime.md",
    own=_own,
)


def runtimes() -> tuple[str, ...]:
    """Names of all runtimes, whether or not they can run here, sorted. Strangers' are not imported for it."""
    return tuple(sorted((*_own(), *_strangers.names())))


def strangers() -> tuple[str, ...]:
    """Names of those that other packages bring, sorted; they are not imported for it."""
    return _strangers.names()


def runtime(name: str | Runtime) -> Runtime:
    """The runtime of that name, with its default settings; a `Runtime` is what it is.

    Raises `InputError` naming what is near, and `PluginError` if another package brings it and is broken.
    """
    if isinstance(name, Runtime):
        if not name.name:
            raise InputError(
                "a runtime without a name", found=kind(name), expected="name = ..., for reports to call it by"
            )
        return name
    if not isinstance(name, str):
        raise InputError(
            "no runtime",
            found=kind(name),
            expected="a name, or an object of a class that derives from modelparity.runtimes.Runtime",
        )
    known = runtimes()
    found = _own().get(name) or _strangers.get(name)
    if found is None:
        raise InputError(f"unknown runtime {name!r}", expected=near(name, known))
    return found


def runtime_for(artefact: object) -> Runtime:
    """The runtime that runs ``artefact``: a vendor's own before this package's engine. Raises `InputError`.

    Runtimes that say ``by_name`` run only for who names them. Where several could, those of this package come before
    those of other packages, and the first by name does. Raises `PluginError` for a package that is broken.
    """
    own = sorted(_own().values(), key=lambda one: one.name)
    vendors = [one for one in own if one.name != "engine"]
    for one in (*vendors, *_strangers.all().values(), _own()["engine"]):
        if not one.by_name and _accepts(one, artefact):
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


def _accepts(one: Runtime, artefact: object) -> bool:
    with _strangers.named(one.name, "asked what it accepts"):
        return one.accepts(artefact)
