"""What madmom 0.16.1 publishes: every model with its size and SHA-256, and where fetched ones are kept."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path

from modelparity.cache import cache as cache_folder


@dataclass(frozen=True)
class Entry:
    """One model: key, "network" or "crf", size in bytes, and the frequency bins that its file does not say."""

    key: str
    kind: str
    bytes: int
    sha256: str
    frequency: int | None = None


@dataclass(frozen=True)
class Listing:
    """The release: archive name, its SHA-256, the folder inside it, and its models by key."""

    version: str
    archive: str
    sha256: str
    inside: str
    models: dict[str, Entry]


@cache
def listing() -> Listing:
    """The list that comes with the package (``models.json``, made by ``fixtures/list_madmom.py``)."""
    data = json.loads(files(__package__).joinpath("models.json").read_text("utf-8"))
    entries = {key: Entry(key, **facts) for key, facts in sorted(data.pop("models").items())}
    return Listing(**data, models=entries)


def folder() -> Path:
    """Where this release's models are kept; it need not exist."""
    return cache_folder() / f"madmom-{listing().version}"
