"""OrcaHello's detector of the calls of southern resident killer whales, as its port without fastai runs it."""

from __future__ import annotations

from .family import FAMILY

__all__ = ["FAMILY"]
