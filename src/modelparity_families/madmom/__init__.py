"""madmom's 65 networks and 2 conditional random fields, as its release 0.16.1 carries them."""

from __future__ import annotations

from .family import FAMILY

__all__ = ["FAMILY"]
