"""Where what was fetched or made is kept."""

from __future__ import annotations

import os
import sys
from pathlib import Path

__all__ = ["cache"]


def cache() -> Path:
    """Where what was fetched or made is kept: $MODELPARITY_CACHE, or the user's cache directory of this platform."""
    if moved := os.environ.get("MODELPARITY_CACHE"):
        return Path(moved).expanduser()
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "modelparity"
    if sys.platform == "win32":
        return (
            Path(os.environ.get("LOCALAPPDATA", Path.home() / "AppData" / "Local")) / "modelparity" / "Cache"
        )
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "modelparity"
