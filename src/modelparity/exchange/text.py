"""Decoded results as text: a line for each event, as programs that track beats and chords print them.

Columns are apart by white space, commas or semicolons; lines that begin with # say nothing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import InputError
from ..graph import Array

SUFFIXES = (".txt", ".csv", ".tsv", ".lab")
#: Bytes of a file: millions of events.
MOST = 1 << 26
_BETWEEN = re.compile(r"\s*[,;]\s*|\s+")


def document(path: Path) -> Any:
    """What a JSON file holds. Raises `InputError`."""
    try:
        return json.loads("\n".join(line for _, line in _lines(path, whole=True)))
    except (ValueError, RecursionError) as error:
        raise InputError("not readable as JSON", where=path, found=f"{error!s}"[:200]) from error


def numbers(path: Path) -> Array:
    """(event,) times of a file with one column, (event, column) of one with more. Raises `InputError`."""
    rows = []
    for number, cells in _rows(path):
        try:
            rows.append([float(cell) for cell in cells])
        except ValueError:
            raise _wrong(path, number, cells, "numbers") from None
        if len(rows[-1]) != len(rows[0]):
            raise _wrong(path, number, cells, f"{len(rows[0])} columns, as in the lines before it")
    array = np.asarray(rows, np.float64).reshape(len(rows), len(rows[0]) if rows else 1)
    return array[:, 0] if array.shape[1] == 1 else array


def segments(path: Path) -> list[tuple[float, float, str]]:
    """Rows of start, end and label. Raises `InputError`."""
    found = []
    for number, cells in _rows(path, most=2):
        try:
            start, end, label = cells
            found.append((float(start), float(end), label))
        except ValueError:
            raise _wrong(path, number, cells, "start, end and label") from None
    return found


def label(path: Path) -> str:
    """The only line of a file. Raises `InputError` for several, and for none."""
    lines = [line for _, line in _lines(path)]
    if len(lines) != 1:
        raise InputError("not one label", where=path, found=f"{len(lines)} lines", expected="one line")
    return lines[0]


def written(rows: Iterable[Sequence[float | int | str]]) -> str:
    """Rows as lines that read back to the same numbers."""
    return "".join("\t".join(map(_cell, row)) + "\n" for row in rows)


def _cell(cell: float | int | str) -> str:
    return repr(float(cell)) if isinstance(cell, float) else str(cell)


def _rows(path: Path, most: int = 0) -> Iterable[tuple[int, list[str]]]:
    for number, line in _lines(path):
        yield number, _BETWEEN.split(line, maxsplit=most)


def _lines(path: Path, *, whole: bool = False) -> Iterable[tuple[int, str]]:
    """(number, text) of every line that says something, or of the ``whole`` file."""
    try:
        if not path.is_file():
            raise InputError("no such file", where=path, fix="check the path")
        if path.stat().st_size > MOST:
            raise InputError("too large for text of events", where=path, expected=f"at most {MOST} bytes")
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError("not readable as text", where=path, found=f"{error!s}"[:200]) from error
    if whole:
        yield 1, text
        return
    for number, line in enumerate(text.splitlines(), start=1):
        said = line.strip().strip(",;")
        if said and not said.startswith("#"):
            yield number, said


def _wrong(path: Path, number: int, cells: Sequence[str], expected: str) -> InputError:
    return InputError(
        "not a line of a result",
        where=f"{path}, line {number}",
        found=" ".join(cells)[:80],
        expected=expected,
    )
