"""Where a candidate departs: the node whose inputs agree with the reference's and whose result is nowhere in it."""

from __future__ import annotations

from .model import Located, Seen

__all__ = ["Located", "Seen"]
