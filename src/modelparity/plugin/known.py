"""Differences that an adopter knows: which cases, why, and until when. What matches nothing or has ended is an error.

::

    [[known]]                                     # in a parity.toml
    case = "encoder[encoder.mlpackage-*]"         # the case as pytest shows it, * and ? for any characters
    reason = "its softmax runs in half precision, see issue 12"
    until = 2027-03-31                            # the last day on which it holds

In place of the tables, ``known = "known.toml"`` names a file that holds them.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from ..errors import InputError, near

KEY = "known"
KEYS = ("case", "reason", "until")


@dataclass(frozen=True)
class Known:
    """One entry: cases of one comparison file that may differ; ``where`` is its place in errors."""

    case: str
    reason: str
    until: date
    where: str

    def matches(self, name: str) -> bool:
        """Whether it speaks of the case of that id. Only * and ? are special: ids hold brackets."""
        pattern = re.escape(self.case).replace(r"\*", ".*").replace(r"\?", ".")
        return re.fullmatch(pattern, name) is not None

    @property
    def text(self) -> str:
        """What a report says of a case that differs as was known."""
        return f"known difference until {self.until.isoformat()}: {self.reason}"


def read(path: Path, document: Mapping[str, Any], *, today: date | None = None) -> list[Known]:
    """The entries of a ``parity.toml`` that was read into ``document``. Raises `InputError`."""
    given, source = document.get(KEY), path
    if isinstance(given, str):
        source = path.parent / given
        given = _file(source)
    if given is None or isinstance(given, dict):  # a comparison that is called so
        return []
    if not isinstance(given, list):
        raise InputError(
            "is of another kind",
            where=f"{path.name}, {KEY}",
            found=repr(given)[:80],
            expected="[[known]] tables, or the name of a file that holds them",
        )
    return [
        _entry(f"{source.name}, [[{KEY}]] {number}", table, today or date.today())
        for number, table in enumerate(given, start=1)
    ]


def assigned(entries: Iterable[Known], names: Iterable[str]) -> dict[str, Known]:
    """{case: the entry that speaks of it}. Raises `InputError` for an entry that speaks of none."""
    there = list(names)
    found: dict[str, Known] = {}
    for entry in entries:
        matching = [name for name in there if entry.matches(name)]
        if not matching:
            raise InputError(
                "a known difference matches no case",
                where=entry.where,
                found=entry.case,
                expected=near(entry.case, there),
                fix="correct the pattern, or take the entry out",
            )
        found |= {name: found.get(name, entry) for name in matching}
    return found


def _file(path: Path) -> list[Any]:
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InputError("not readable as TOML", where=path, found=str(error)) from error
    entries = document.pop(KEY, None)
    if document or not isinstance(entries, list):
        found = ", ".join(document) or "nothing"
        raise InputError("holds no known differences", where=path, found=found, expected=f"[[{KEY}]] tables")
    return entries


def _entry(where: str, table: Any, today: date) -> Known:
    if not isinstance(table, dict):
        raise InputError("is of another kind", where=where, found=repr(table)[:80], expected="a table")
    for key in table:
        if key not in KEYS:
            raise InputError(f"unknown key {key!r}", where=where, expected=near(key, KEYS))
    for key in ("case", "reason"):
        if not (isinstance(table.get(key), str) and table[key].strip()):
            raise InputError(f"{key} is missing", where=where, found=repr(table.get(key)), expected="a text")
    until = table.get("until")
    if not isinstance(until, date) or isinstance(until, datetime):
        raise InputError(
            "until is no date", where=where, found=repr(until), expected="the last day, such as 2027-03-31"
        )
    if until < today:
        raise InputError(
            "a known difference has ended",
            where=where,
            found=until.isoformat(),
            fix=f"mend it ({table['reason']}), or give it another end",
        )
    return Known(table["case"], table["reason"].strip(), until, where)
