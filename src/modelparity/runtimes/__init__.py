"""Other people's engines: each module here runs an artefact with one of them; other packages may bring more."""

from __future__ import annotations

from .base import Optimiser, Runtime, Variant
from .registry import runtime, runtimes

__all__ = ["Optimiser", "Runtime", "Variant", "runtime", "runtimes"]
