"""Files that say more than they should: what a format finds in a file, as a case of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ..formats import load
from ..formats.finding import render
from ..formats.registry import Format, formats
from ..verdict.settling import settle
from .subject import Given, Subject

#: Stands for the recipe of such a case, and for the backend where it is about the reference.
FINDINGS = "findings"


def files(subject: Subject) -> Iterator[tuple[str, Path]]:
    """(backend, file) of everything that belongs to the subject and that its format can examine."""
    own: list[tuple[str, Any]] = []
    if isinstance(subject, Given):
        own = [(FINDINGS, subject.reference), *subject.files]
    elif subject.file is not None:
        own = [(FINDINGS, subject.file)]
    for backend, path in own:
        if _format(path) is not None:
            yield backend, path


def examined(subject: Subject, backend: str) -> tuple[bool, str | None, str | None]:
    """(whether all is well, what is wrong, what is open). A candidate's open questions are settled by the reference.

    Raises `ArtefactError` for a file that is none.
    """
    path = dict(files(subject))[backend]
    format = _format(path)
    assert format is not None
    assert format.examine is not None
    findings = format.examine(path)
    source = None if backend == FINDINGS else subject.load()
    if source is not None and not any(one.level == "fails" for one in findings):
        findings = settle(findings, load(path, format=format.name), source)
    wrong = [one for one in findings if one.wrong]
    kinds = sorted({one.kind for one in findings if one.level == "undecidable"})
    said = f"{path.name}: the file alone cannot tell: {', '.join(kinds)}" if kinds else None
    return not wrong, render(findings) if wrong else None, said


def _format(path: Any) -> Format | None:
    if not isinstance(path, Path):
        return None
    for one in formats().values():
        if one.silent and one.examine is not None and path.suffix.lower() in one.suffixes and path.is_file():
            with path.open("rb") as file:
                return one if one.sniff(file.read(4096), path) else None
    return None
