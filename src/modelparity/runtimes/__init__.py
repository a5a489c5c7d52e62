"""Other people's engines: each module here runs an artefact with one of them; other packages may bring more."""

from __future__ import annotations

from .base import Runtime
from .registry import runtime, runtimes

__all__ = ["Runtime", "runtime", "runtimes"]
