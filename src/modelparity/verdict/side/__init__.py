"""On which side a difference arises: what the file says, what runs it, or how the two were fitted."""

from __future__ import annotations

from .asking import side_of
from .model import Side

__all__ = ["Side", "side_of"]
