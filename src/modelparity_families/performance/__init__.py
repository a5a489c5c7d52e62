"""Piano performances assessed: MuQ with adapters, encoders of audio and of notes, and what stands around them."""

from __future__ import annotations

from .family import FAMILY

__all__ = ["FAMILY"]
