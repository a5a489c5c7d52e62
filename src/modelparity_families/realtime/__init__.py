"""Five real-time models of a music plug-in: emotion, melody, harmony, dynamics, groove, called frame by frame."""

from __future__ import annotations

from .family import FAMILY

__all__ = ["FAMILY"]
