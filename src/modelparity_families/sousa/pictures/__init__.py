"""Pictures of a performance with matplotlib: onsets in the waveform, features as a heat map, stickings."""

from __future__ import annotations

from .drawing import COLOURS, heat_map, kind_of, timeline
from .notation import notation

__all__ = ["COLOURS", "heat_map", "kind_of", "notation", "timeline"]
