"""Artefacts in and out: each module here reads a format into a `Graph`, writes one, or both."""

from __future__ import annotations

import os
from pathlib import Path

from ..errors import ArtefactError
from ..graph import Graph

__all__ = ["load"]


def load(
    source: str | os.PathLike[str] | Graph, *, format: str | None = None, function: str | None = None
) -> Graph:
    """What the artefact at ``source`` computes, read faithfully; a `Graph` passes through.

    The format is recognised by content unless ``format`` names it; ``function`` chooses one of several functions
    where a format has them (Core ML). Raises `ArtefactError` for a file that is
    missing, damaged, hostile or of no known format, and for a format that can only be written.
    """
    from .registry import formats, named, sniff

    if isinstance(source, Graph):
        return source
    if not isinstance(source, str | os.PathLike):
        raise ArtefactError(
            f"a {type(source).__name__} cannot be loaded",
            expected="a path or a Graph",
            fix="save it to a file first",
        )
    path = Path(source)
    found = named(format) if format is not None else sniff(path)
    if found.read is None:
        readable = ", ".join(one.name for one in formats().values() if one.read is not None)
        raise ArtefactError(
            f"{found.name} is a format that modelparity writes but does not read as a reference",
            where=path,
            expected=f"a file of one of: {readable}",
        )
    if function is None:
        return found.read(path)
    if not found.functions:
        raise ArtefactError(
            f"{found.name} artefacts have no functions to choose from", where=path, found=function
        )
    return found.read(path, function=function)
