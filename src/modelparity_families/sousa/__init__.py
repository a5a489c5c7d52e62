"""SOUSA: drum rudiments told from strokes, and from audio: two transformers and what stands around them."""

from __future__ import annotations

from .family import FAMILY

__all__ = ["FAMILY"]
