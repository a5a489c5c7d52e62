"""The detector's front end: from audio to images, each stage a Graph of engine operators, every quirk a setting."""

from __future__ import annotations

from .channel import mono
from .decibels import decibels
from .images import image
from .power import mel_power
from .resampling import resampled
from .windowing import windows

__all__ = ["decibels", "image", "mel_power", "mono", "resampled", "windows"]
