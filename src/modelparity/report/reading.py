"""Read a report that some version of modelparity wrote, in the form that today's version writes."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ..errors import InputError
from .document import FORMAT, VERSION


def read(path: str | Path) -> dict[str, Any]:
    """The document in a ``report.json``, brought to today's form.

    Raises `InputError` for a file that is no report, and for one of a later version.
    """
    try:
        document = json.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise InputError("not readable as JSON", where=path, found=f"{error!s:.200}") from error
    return migrated(document, where=path)


def migrated(document: Any, *, where: object = "report") -> dict[str, Any]:
    """A document of any version in today's form; the one given is not changed. Raises `InputError` as `read`."""
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        found = document.get("format") if isinstance(document, dict) else type(document).__name__
        raise InputError("not a report", where=where, found=found, expected=f"format {FORMAT!r}")
    version = document.get("version")
    if type(version) is not int or version < 1:
        raise InputError("a report without a version", where=where, found=version, expected=f"1 to {VERSION}")
    if version > VERSION:
        raise InputError(
            "written by a later version of modelparity",
            where=where,
            found=f"version {version}",
            expected=f"version {VERSION} or older",
            fix="upgrade: pip install -U modelparity",
        )
    current: dict[str, Any] = document
    try:
        for step in range(version, VERSION):
            current = {**STEPS[step](current), "version": step + 1}
    except (KeyError, TypeError, AttributeError) as error:
        raise InputError(
            "a damaged report",
            where=where,
            found=repr(error),
            expected=f"the form of version {version}",
        ) from error
    return current


def _problems_get_kinds(document: dict[str, Any]) -> dict[str, Any]:
    """Version 1 told problems as bare sentences."""

    def verdict(old: dict[str, Any]) -> dict[str, Any]:
        return {**old, "outputs": [output(one) for one in old["outputs"]]}

    def output(old: dict[str, Any]) -> dict[str, Any]:
        return {**old, "problems": [{"kind": "unknown", "text": text} for text in old["problems"]]}

    cases = [{**one, "verdict": one["verdict"] and verdict(one["verdict"])} for one in document["cases"]]
    return {**document, "cases": cases}


def _same(document: dict[str, Any]) -> dict[str, Any]:
    """Version 2 knew fewer outcomes and bands; what it says holds as it is."""
    return document


#: {version: what brings a document of it to the next one}
STEPS: dict[int, Callable[[dict[str, Any]], dict[str, Any]]] = {1: _problems_get_kinds, 2: _same}
