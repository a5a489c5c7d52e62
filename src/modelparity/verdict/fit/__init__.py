"""How a candidate's inputs and outputs correspond to the reference's: names, axes, sizes, states, fills."""

from __future__ import annotations

from .model import Fit, Pair

__all__ = ["Fit", "Pair"]
