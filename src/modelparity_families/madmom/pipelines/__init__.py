"""madmom's processors whole: from sound to beats, notes, chords, keys and bars, stage by stage."""

from __future__ import annotations

from .table import pipelines

__all__ = ["pipelines"]
