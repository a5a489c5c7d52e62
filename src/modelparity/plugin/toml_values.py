"""Values of a ``parity.toml`` by kind: a text, a list, a path, a band; each error names its place."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ..errors import InputError
from ..verdict.bands import ACCEPTABLE


def band(value: Any, where: str) -> str:
    """A band that may be expected."""
    if value not in ACCEPTABLE:
        raise InputError(
            f"{value!r} is not a band to expect",
            where=f"{where}, expect",
            expected=f"one of {', '.join(ACCEPTABLE)}",
        )
    return str(value)


def texts(given: Any, where: str) -> list[str]:
    """A text, or a list of texts."""
    several = [given] if isinstance(given, str) else given
    kind(several, list, where, "a list of texts")
    for one in several:
        kind(one, str, where, "a list of texts")
    return list(several)


def file(path: Path, given: Any, where: str) -> Path:
    """A file or folder that is there, from the folder of the ``parity.toml`` at ``path``."""
    kind(given, str, where, "a path")
    found: Path = path.parent / given
    if not found.exists():
        raise InputError(
            "there is no such file", where=where, found=given, fix=f"paths are relative to {path.parent}"
        )
    return found


def kind(value: Any, wanted: type, where: str, expected: str) -> None:
    """Refuse a value of another type."""
    if not isinstance(value, wanted):
        raise InputError("is of another kind", where=where, found=repr(value)[:80], expected=expected)
