"""Artefacts in and out: each module here reads a format into a `Graph`, writes one, or both.

Other packages may bring more: see `Format`.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from ..errors import ArtefactError, near
from ..graph import Graph
from .finding import Finding
from .registry import Format, attributed, formats, named, regular, sniff

__all__ = ["Finding", "Format", "load"]


def load(source: object, *, format: str | None = None, function: str | None = None, **settings: Any) -> Graph:
    """What the artefact at ``source`` (a path) or an object of a framework computes; a `Graph` passes through.

    The format is recognised by content unless ``format`` names it; ``function`` chooses one of several functions
    where a format has them (Core ML). A ``torch.nn.Module`` takes ``example=`` (a tensor or array, a tuple of
    arguments, or a dict of them by name) and ``dynamic_shapes=``, e.g. ``{"x": {0: "batch", 1: "time"}}``. Raises
    `ArtefactError` for a file that is missing, damaged, hostile or of no known format, for a format that can only be
    written, and for what an object does that no reader knows.
    """
    if isinstance(source, Graph):
        return source
    if not isinstance(source, str | os.PathLike):
        for one in formats().values():
            if one.read_object is not None and one.is_object(source):
                _known(one.name, one.settings, settings)
                return one.read_object(source, **settings)
        raise ArtefactError(
            f"no format loads an object of type {type(source).__name__}",
            expected="a path, a Graph or a torch.nn.Module",
            fix="save it to a file first",
        )
    path = Path(source)
    regular(path)
    found = named(format) if format is not None else sniff(path)
    if found.read is None:
        readable = ", ".join(one.name for one in formats().values() if one.read is not None)
        raise ArtefactError(
            f"{found.name} is a format that modelparity writes but does not read as a reference",
            where=path,
            expected=f"a file of one of: {readable}",
        )
    _known(found.name, found.settings, settings)
    if function is not None and not found.functions:
        raise ArtefactError(
            f"{found.name} artefacts have no functions to choose from", where=path, found=function
        )
    if function is not None:
        settings["function"] = function
    with attributed(found, "reading", path):
        return _graph(found.read(path, **settings), found.name)


def _graph(made: object, format: str) -> Graph:
    if not isinstance(made, Graph):
        raise TypeError(f"read() of format {format!r} gave a {type(made).__name__}, and no Graph")
    return made


def _known(format: str, known: tuple[str, ...], given: dict[str, Any]) -> None:
    if unknown := sorted(set(given) - set(known)):
        raise ArtefactError(
            f"{format} is read without {unknown[0]!r}",
            expected=near(unknown[0], known) if known else "no settings",
        )
