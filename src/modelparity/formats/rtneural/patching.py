"""An RTNeural file with other numbers in some of its arrays; keys, order and all else stay."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from ...errors import ArtefactError
from ..registry import Patch
from .document import MAX_BYTES


def patch(path: Path, draft: Path, change: Patch) -> int:
    """Write ``path`` at ``draft``, its arrays as ``change`` has them; how many were changed.

    Raises `ArtefactError` for a file that is too large or no JSON.
    """
    if path.stat().st_size > MAX_BYTES:
        raise ArtefactError("the file is too large", where=path, expected=f"at most {MAX_BYTES:,} bytes")
    try:
        document = json.loads(path.read_text("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise ArtefactError("no JSON", where=path, found=str(error)[:200]) from error
    count = 0

    def walked(value: Any, place: str) -> Any:
        nonlocal count
        if isinstance(value, dict):
            return {key: walked(one, f"{place}.{key}") for key, one in value.items()}
        if not isinstance(value, list):
            return value
        if (array := _numbers(value)) is None:
            return [walked(one, f"{place}[{at}]") for at, one in enumerate(value)]
        new = change(place, array.astype(np.float32))
        if new is None:
            return value
        count += 1
        return _kept(value, new)

    made = walked(document, "")
    draft.write_text(json.dumps(made, separators=(",", ":"), allow_nan=False) + "\n", "utf-8")
    return count


def _numbers(value: list[Any]) -> Any:
    """A nested list of floats as an array; None for anything else, lists of whole numbers (shapes) included."""
    try:
        array = np.asarray(value)
    except ValueError:  # rows of unlike lengths
        return None
    return array if array.dtype.kind == "f" and array.size else None


def _kept(old: list[Any], new: Any) -> list[Any]:
    """The new numbers; where float32 holds the same as before, the old text."""
    return [
        _kept(one, two)
        if isinstance(one, list)
        else one
        if np.float32(one) == two
        else float(np.float32(two))
        for one, two in zip(old, new, strict=True)
    ]
