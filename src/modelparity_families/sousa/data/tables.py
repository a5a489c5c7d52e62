"""Tables as {column: array}: Parquet by pyarrow, CSV, and JSON files of settings; all refused with their place."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from modelparity.errors import InputError, Unavailable, near
from modelparity.graph import Array

Table = dict[str, Array]


def parquet(path: Path, needed: Sequence[str], optional: Sequence[str] = ()) -> Table:
    """Those columns of a Parquet file; of ``optional`` what there is. Nulls are None in text, NaN in numbers.

    A column that is null in every row comes as objects. Raises `InputError` for a file that is none, or without a
    column that is needed, and `Unavailable` without pyarrow.
    """
    if find_spec("pyarrow") is None:
        raise Unavailable("pyarrow is not installed: pip install 'modelparity[sousa]'", where=path)
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        file = pq.ParquetFile(path)
        names = file.schema_arrow.names
        for name in needed:
            if name not in names:
                raise InputError(f"the table has no column {name!r}", where=path, expected=near(name, names))
        read = file.read([*needed, *(name for name in optional if name in names)])
    except (OSError, pa.ArrowException) as error:
        raise InputError("not a Parquet file", where=path, found=str(error).splitlines()[0]) from error
    return {name: _array(read.column(name)) for name in read.column_names}


def _array(column: Any) -> Array:
    array: Array = column.to_numpy(zero_copy_only=False)
    return array


def comma_separated(path: Path, needed: Sequence[str]) -> Table:
    """A CSV file with a line of names; every value is text. Raises `InputError`."""
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
            names = rows[0].keys() if rows else ()
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError("not a CSV file", where=path, found=error) from error
    for name in needed:
        if name not in names:
            raise InputError(
                f"the table has no column {name!r}", where=path, expected=near(name, tuple(names))
            )
    return {name: np.array([row[name] for row in rows], object) for name in names}


def settings(path: Path) -> dict[str, Any]:
    """A JSON file with an object. Raises `InputError`."""
    try:
        found = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise InputError("not a JSON file", where=path, found=error) from error
    if not isinstance(found, dict):
        raise InputError("not a JSON object", where=path, found=type(found).__name__)
    return found
