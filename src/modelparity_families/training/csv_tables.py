"""Annotations in CSV files, read with an eye on the columns that they must have."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

from modelparity.errors import InputError


def rows(path: Path, columns: Sequence[str] = ()) -> list[dict[str, str]]:
    """Every row as {column: text}, names and texts stripped. Raises `InputError` naming missing columns."""
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.DictReader(file, skipinitialspace=True)
            header = [name.strip() for name in reader.fieldnames or []]
            if missing := [name for name in columns if name not in header]:
                raise InputError(
                    f"column {missing[0]!r} is missing",
                    where=path,
                    found=", ".join(header[:12]) or "an empty file",
                    expected=", ".join(columns),
                )
            return [
                {
                    name.strip(): (text or "").strip()
                    for name, text in row.items()
                    if isinstance(name, str) and not isinstance(text, list)
                }
                for row in reader
            ]
    except OSError as error:
        raise InputError("not readable", where=path, found=error.strerror) from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"not a CSV file: {error}", where=path) from error


def number(row: dict[str, str], column: str, path: Path) -> float:
    """One cell as a number. Raises `InputError`."""
    try:
        return float(row[column])
    except ValueError as error:
        raise InputError(
            f"{column!r} is no number", where=path, found=repr(row[column]), expected="a number"
        ) from error
