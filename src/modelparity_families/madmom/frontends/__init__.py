"""madmom's front ends: from audio to what its networks are given, each stage a Graph of engine operators.

Facts of madmom 0.16.1, each compared with what it recorded (tests/anchors). Every quirk is a setting by name.
"""

from __future__ import annotations

from .bands import bands
from .beat_sync import beat_sync, flattened
from .decimation import decimated
from .differences import difference
from .framing import RATE, frames
from .logarithm import logarithm
from .mono import mono
from .processors import PROCESSORS, Processor, front_end, whole
from .semitones import harmonic, harmonic_variants
from .spectra import spectrum
from .stacking import context, depth, features, margin, total

__all__ = [
    "PROCESSORS",
    "RATE",
    "Processor",
    "bands",
    "beat_sync",
    "context",
    "decimated",
    "depth",
    "difference",
    "features",
    "flattened",
    "frames",
    "front_end",
    "harmonic",
    "harmonic_variants",
    "logarithm",
    "margin",
    "mono",
    "spectrum",
    "total",
    "whole",
]
