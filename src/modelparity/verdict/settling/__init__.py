"""Questions that a file leaves open, settled by running it against its source."""

from __future__ import annotations

from .settle import settle

__all__ = ["settle"]
