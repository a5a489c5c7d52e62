"""The judgement: floor, comparison, bands, and the sentence that a person reads."""

from __future__ import annotations

from .checking import check as check
from .model import BANDS as BANDS, Output as Output, Verdict as Verdict

__all__ = ["BANDS", "Output", "Verdict", "check"]
