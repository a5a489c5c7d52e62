"""Put a report on disk: written beside its place and renamed, so that nobody ever reads half of one."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import Any

from ..errors import ModelparityError


def write(document: dict[str, Any], folder: str | Path) -> list[Path]:
    """Write ``report.json``, ``report.html`` and ``report.md`` into ``folder`` and return their paths."""
    from .html import render as page
    from .markdown import render as markdown

    folder = Path(folder)
    texts = {
        "report.json": to_json(document),
        "report.html": page(document),
        "report.md": markdown(document),
    }
    return [write_text(folder / name, text) for name, text in texts.items()]


def to_json(document: dict[str, Any]) -> str:
    """The document as JSON that every parser accepts: no NaN, no Infinity."""
    return json.dumps(document, indent=1, sort_keys=True, allow_nan=False, default=str) + "\n"


def write_text(path: str | Path, text: str) -> Path:
    """Write ``text`` to ``path`` at once or not at all; folders are made as needed."""
    path = Path(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    except OSError as error:
        raise ModelparityError("cannot write the report", where=path, found=error.strerror) from error
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
        os.chmod(name, 0o666 & ~_umask())
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return path


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
