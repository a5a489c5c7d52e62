"""Put a report on disk."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ..errors import ModelparityError
from ..files import replace_file


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
    """Write ``text`` to ``path`` whole or not at all; folders are made as needed. Raises `ModelparityError`."""
    return replace_file(Path(path), text.encode(), ModelparityError)
