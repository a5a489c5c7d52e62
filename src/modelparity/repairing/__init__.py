"""Repair: a candidate's mistake undone in its own file, beside it, and the result judged by the same question."""

from __future__ import annotations

from .repair import Repaired, repair, repaired

__all__ = ["Repaired", "repair", "repaired"]
